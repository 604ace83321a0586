# shellcheck shell=bash disable=SC2034,SC2154 # shares its names with ../dev
# Opens the window for a user: against OpenAI, or against the sandbox. Read by ../dev.

has_display() {
    case $(system) in
    macos | windows) return 0 ;;
    *) [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] ;;
    esac
}

# Starts an X server on a free display; sets DISPLAY.
virtual_display() {
    local number="$temporary/display"
    # Without -noreset the server restarts when its last window closes, and refuses new windows meanwhile.
    Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp -noreset 3>"$number" 2>"$temporary/xvfb.log" &
    pids="$pids $!"
    wait_for_line "$number" "the virtual display" 60
    DISPLAY=:$(cat "$number")
    export DISPLAY
    unset WAYLAND_DISPLAY
    if command -v openbox >/dev/null; then
        openbox >/dev/null 2>&1 &
        pids="$pids $!"
    fi
}

# wait_for_line FILE WHAT SECONDS
wait_for_line() {
    local tries=$(($3 * 10))
    # The file appears only when the program has been started.
    until [ -f "$1" ] && [ "$(wc -l <"$1")" -ge 1 ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail "$2 did not start within $3 seconds"
        sleep 0.1
    done
}

# A separate browser for the demo. As root, Chromium only runs without its sandbox, and with a virtual
# display the usual browser could open its window on another one. The app opens it by `xdg-open`.
private_browser() {
    local program
    program=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
    [ -n "$program" ] || fail "no Chromium found to sign in with" "install chromium"
    local no_sandbox=""
    [ "$(id -u)" != 0 ] || no_sandbox=--no-sandbox
    mkdir -p "$temporary/bin"
    cat >"$temporary/bin/xdg-open" <<WRAPPER
#!/bin/sh
echo \$\$ >>"$temporary/browser.pids"
exec "$program" $no_sandbox --user-data-dir="$temporary/browser" --no-first-run --disable-quic \\
    --disable-gpu --disable-background-networking --disable-component-update --disable-sync \\
    "\$@" >>"$temporary/browser.log" 2>&1
WRAPPER
    chmod +x "$temporary/bin/xdg-open"
    export PATH=$temporary/bin:$PATH BROWSER=$temporary/bin/xdg-open
}

# The window has a home of its own; the browser keeps that of the user.
users_browser() {
    local program
    program=$(command -v xdg-open) || return 0
    mkdir -p "$temporary/bin"
    {
        echo '#!/bin/sh'
        printf 'export HOME=%q\n' "$HOME"
        [ -z "${XDG_CONFIG_HOME:-}" ] || printf 'export XDG_CONFIG_HOME=%q\n' "$XDG_CONFIG_HOME"
        [ -z "${XDG_DATA_HOME:-}" ] || printf 'export XDG_DATA_HOME=%q\n' "$XDG_DATA_HOME"
        printf 'exec %q "$@"\n' "$program"
    } >"$temporary/bin/xdg-open"
    chmod +x "$temporary/bin/xdg-open"
    export PATH=$temporary/bin:$PATH
}

cmd_run() {
    need_build
    has_display || fail "there is no display to open a window on" "set DISPLAY or WAYLAND_DISPLAY, or use the command line: usher"
    step "Build the page" page
    step "Build the programs" programs
    say ""
    say "Opening Usher. It signs in to OpenAI with your own account."
    "$bin/usher-desktop"
}

cmd_demo() {
    local virtual=""
    case ${1:-} in
    "") ;;
    --virtual) virtual=yes ;;
    *) fail "demo does not know $1" "./dev demo, or ./dev demo --virtual" ;;
    esac
    need_build
    if [ -z "$virtual" ] && ! has_display; then
        fail "there is no display to open a window on" "./dev demo --virtual opens it on a virtual one"
    fi
    local private=""
    if [ -n "$virtual" ] || { [ "$(uname -s)" = Linux ] && [ "$(id -u)" = 0 ]; }; then private=yes; fi
    # shellcheck disable=SC2086
    [ -z "$private" ] || need_packages $virtual_packages
    # shellcheck disable=SC2086
    [ -n "$private" ] || need_packages $demo_packages
    step "Build the page" page
    step "Build the programs" programs

    mkdir -p "$cache"
    temporary=$(mktemp -d "$cache/demo.XXXXXX")
    "$bin/usher-sandbox" --json >"$temporary/sandbox.json" 2>"$temporary/sandbox.log" &
    pids="$pids $!"
    wait_for_line "$temporary/sandbox.json" "the sandbox" 60
    address() {
        node -e 'console.log(JSON.parse(require("fs").readFileSync(process.argv[1], "utf8").split("\n")[0])[process.argv[2]])' \
            "$temporary/sandbox.json" "$1"
    }
    USHER_ISSUER_URL=$(address issuer)
    USHER_CHATGPT_URL=$(address chatgpt)
    USHER_PLATFORM_URL=$(address platform)
    export USHER_ISSUER_URL USHER_CHATGPT_URL USHER_PLATFORM_URL
    export USHER_HOME=$temporary/home USHER_SECRETS=file
    # Nothing of the user: no key, no sign-in of their tools, and no file of theirs is written when a tool is connected or
    # Usher is to start at login. The folders make two tools that can be connected.
    unset OPENAI_API_KEY USHER_PASSPHRASE
    local own="$temporary/user"
    mkdir -p "$USHER_HOME" "$own/.codex" "$own/.claude"

    if [ -n "$virtual" ]; then
        need_programs Xvfb scrot
        virtual_display
    fi
    if [ -n "$private" ]; then private_browser; else users_browser; fi

    say ""
    say "Opening Usher against the sandbox at $USHER_ISSUER_URL: it needs no account, and nothing leaves this computer."
    say "To use the command line on the same demo from another shell:"
    say "  export USHER_HOME='$USHER_HOME' USHER_SECRETS=file \\"
    say "    USHER_ISSUER_URL='$USHER_ISSUER_URL' USHER_CHATGPT_URL='$USHER_CHATGPT_URL' USHER_PLATFORM_URL='$USHER_PLATFORM_URL'"
    say "  $bin/usher status"
    if [ -n "$virtual" ]; then
        say "The window is on display $DISPLAY. To take a picture: DISPLAY=$DISPLAY scrot picture.png"
        say "Ctrl-C ends the demo."
    else
        say "Close the window to end the demo."
    fi
    env -u CODEX_HOME -u CLAUDE_CONFIG_DIR -u PI_CODING_AGENT_DIR -u CONTINUE_GLOBAL_DIR -u LLM_USER_PATH \
        -u XDG_CONFIG_HOME -u XDG_DATA_HOME HOME="$own" "$bin/usher-desktop" &
    local window=$! status=0
    pids="$pids $window"
    wait "$window" || status=$?
    if [ -f "$USHER_HOME/background.json" ]; then
        say "The window is closed. Usher goes on in the background, as chosen. Ctrl-C ends the demo."
        while [ -f "$USHER_HOME/background.json" ]; do sleep 1; done
    fi
    return "$status"
}

# end_background: ends what goes on without the window, before its home is removed.
end_background() {
    [ -f "$temporary/home/background.json" ] || return 0
    USHER_HOME=$temporary/home USHER_SECRETS=file "$bin/usher" background --quit >/dev/null 2>&1 || true
}
