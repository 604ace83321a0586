# shellcheck shell=bash disable=SC2034,SC2154 # shares its names with ../dev
# Benchmarks and icons. Read by ../dev.

# Installs nginx, the reference of every run of the gateway's benchmark.
bench_reference() {
    need_packages nginx-light
    PATH=$PATH:/usr/sbin need_programs nginx
}

# Installs the other programs that the benchmark compares the gateway with.
bench_peers() {
    npm_packages tests/perf/bench
    python_packages tests/interop/litellm
}

# measure_gateway [--only usher]: compares the gateway with the upstream alone, nginx and similar programs.
measure_gateway() {
    local out="$CARGO_TARGET_DIR/release"
    PATH=$PATH:/usr/sbin USHER_BIN=$out/usher LOAD_BIN=$out/usher-load LITELLM_PYTHON=${python:-} \
        node tests/perf/bench/gateway.js "$@"
}

# Measures release builds and, for comparison, an empty window of the same Tauri.
measure() {
    temporary=$(mktemp -d)
    virtual_display
    local out="$CARGO_TARGET_DIR/release"
    USHER_BIN=$out/usher USHER_DESKTOP_BIN=$out/usher-desktop USHER_SANDBOX_BIN=$bin/usher-sandbox \
        BARE_BIN=$out/examples/bare DIST=$root/ui/dist dbus-run-session -- node tests/perf/bench/bench.js
}

# bench_usher_only [OLDER]: measures only the gateway; with OLDER, the program `usher` of an older build, twice, in turns with
# it, so that a change shows as a ratio.
bench_usher_only() {
    if [ -n "${1:-}" ]; then
        [ -x "$1" ] || fail "there is no program at $1" "give the path of an older build's usher"
        OLDER_USHER_BIN=$(realpath "$1")
        export OLDER_USHER_BIN
    fi
    need_languages
    step "Build the programs" cargo build --release --package usher-cli --package usher-load
    step "Install nginx" bench_reference
    step "Measure the gateway" measure_gateway --only usher
    print_summary
}

cmd_bench() {
    [ "$(uname -s)" = Linux ] || fail "bench runs on Linux only"
    case "$*" in
    "") bench_everything ;;
    "--only usher") bench_usher_only ;;
    "--only usher --older "?*) bench_usher_only "$4" ;;
    *) fail "bench takes --only usher, --only usher --older FILE, or nothing" "./dev help" ;;
    esac
}

bench_everything() {
    need_build
    # shellcheck disable=SC2086
    step "System packages" need_packages $test_packages
    step "Build the page" page
    step "Build the sandbox" cargo build --package usher-sandbox
    step "Build the programs" cargo build --release --package usher-cli --package usher-desktop --package usher-load
    # Of the same packages, so that no dependency is compiled again with other features.
    step "Build the bare window" cargo build --release --package usher-cli --package usher-desktop --package usher-load \
        --features usher-desktop/bench --example bare
    step "Install nginx" bench_reference
    step "Programs to compare with" bench_peers
    step "Measure the gateway" measure_gateway
    step "Measure the window" measure
}

# Draws the icons of the packages and of the tray from their sources.
cmd_icons() {
    need_languages
    need_packages chromium
    step "Packages of the page" npm_packages ui
    step "Draw the icons of the tray" node .dev/tray-icons.mjs
    temporary=$(mktemp -d)
    step "Draw the icons" tauri_cli icon icons/icon.svg --output "$temporary"
    local name
    for name in 32x32.png 128x128.png 128x128@2x.png icon.png icon.ico icon.icns; do
        cp "$temporary/$name" "icons/$name"
    done
}
