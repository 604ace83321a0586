# shellcheck shell=bash disable=SC2034,SC2154 # shares its names with ../dev
# The requirements of building and testing, and how to install them. Read by ../dev.

# System packages on Debian and Ubuntu.
build_packages="build-essential pkg-config libwebkit2gtk-4.1-dev"
demo_packages="xdg-utils"
virtual_packages="xvfb openbox scrot chromium"
test_packages="xvfb openbox wmctrl xdotool scrot dbus dbus-tests webkit2gtk-driver gnome-keyring chromium strace python3-venv python3-gi gir1.2-atspi-2.0 at-spi2-core libglib2.0-bin iproute2 lsof"

# at_least HAVE WANT: compares two versions of up to three numbers.
at_least() {
    local IFS=.
    # shellcheck disable=SC2206 # split at the dots
    local have=($1) want=($2) i
    for i in 0 1 2; do
        [ "${have[i]:-0}" -gt "${want[i]:-0}" ] && return 0
        [ "${have[i]:-0}" -lt "${want[i]:-0}" ] && return 1
    done
    return 0
}

need_languages() {
    command -v git >/dev/null || fail "git is missing" "install git: https://git-scm.com/downloads"
    command -v cargo >/dev/null || fail "Rust is missing" "install it from https://rustup.rs, then open a new shell"
    command -v node >/dev/null || fail "Node is missing" "install Node 20.19 or newer from https://nodejs.org"
    command -v npm >/dev/null || fail "npm is missing" "it comes with Node: https://nodejs.org"
    local rust node
    rust=$(rustc --version | sed 's/^rustc \([0-9.]*\).*/\1/')
    at_least "$rust" 1.90 || fail "Rust $rust is too old, 1.90 is needed" "run: rustup update stable"
    node=$(node --version | sed 's/^v\([0-9.]*\).*/\1/')
    at_least "$node" 20.19 || fail "Node $node is too old, 20.19 is needed" "get a newer one from https://nodejs.org"
}

system() {
    local kind
    kind=$(uname -s)
    case $kind in
    Linux)
        local ids=""
        # shellcheck disable=SC1091 # of the system
        [ ! -r /etc/os-release ] || ids=$(. /etc/os-release && printf '%s %s' "${ID:-}" "${ID_LIKE:-}")
        case " $ids " in
        *" debian "* | *" ubuntu "*) printf debian ;;
        *" fedora "* | *" rhel "*) printf fedora ;;
        *" arch "*) printf arch ;;
        *) printf linux ;;
        esac
        ;;
    Darwin) printf macos ;;
    MINGW* | MSYS* | CYGWIN*) printf windows ;;
    *) printf other ;;
    esac
}

# need_packages PACKAGE…: installs missing packages on Debian and Ubuntu. On other systems the programs
# are checked where they are used.
need_packages() {
    [ "$(system)" = debian ] || return 0
    local package missing=""
    for package in "$@"; do
        case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true) in
        installed) ;;
        *) missing="$missing $package" ;;
        esac
    done
    [ -n "$missing" ] || return 0
    local as=""
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || fail "system packages are missing:$missing" "as root: apt-get install --no-install-recommends$missing"
        as=sudo
    fi
    say "Installing system packages:$missing"
    # shellcheck disable=SC2086 # both are lists of words
    {
        $as apt-get update -qq
        $as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    }
}

# Prints what the user must install, where this script does not do it.
print_packages() {
    case $(system) in
    fedora) say "  sudo dnf install gcc pkgconf-pkg-config webkit2gtk4.1-devel    # to build and run
  sudo dnf install xorg-x11-server-Xvfb openbox wmctrl scrot dbus-daemon gnome-keyring chromium strace python3 iproute lsof    # to test" ;;
    arch) say "  sudo pacman -S --needed base-devel webkit2gtk-4.1    # to build and run
  sudo pacman -S --needed xorg-server-xvfb openbox wmctrl scrot dbus gnome-keyring chromium strace python iproute2 lsof    # to test" ;;
    macos) say "  xcode-select --install    # the web view is part of the system" ;;
    windows) say "  Visual Studio Build Tools with \"Desktop development with C++\":
  https://visualstudio.microsoft.com/visual-cpp-build-tools/
  WebView2 is part of Windows 11; for older ones: https://developer.microsoft.com/microsoft-edge/webview2/
  Run this script from Git Bash." ;;
    *) say "  a C compiler, pkg-config and the development files of WebKitGTK 4.1 (to build and run)
  Xvfb, openbox, wmctrl, scrot, dbus-run-session, WebKitWebDriver, gnome-keyring-daemon, Chromium, strace, iproute2, lsof and Python (to test)" ;;
    esac
}

need_build() {
    need_languages
    # shellcheck disable=SC2086
    need_packages $build_packages
    case $(system) in
    macos) xcode-select -p >/dev/null 2>&1 || {
        print_packages
        fail "the command line tools of Xcode are missing" "install what is listed above"
    } ;;
    debian | windows) ;;
    *) pkg-config --exists webkit2gtk-4.1 2>/dev/null || {
        print_packages
        fail "the development files of WebKitGTK 4.1 are missing" "install what is listed above"
    } ;;
    esac
}

# need_programs PROGRAM…
need_programs() {
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null || {
            print_packages
            fail "$program is missing" "install what is listed above"
        }
    done
}

# need_tool PROGRAM CRATE VERSION: installs a Rust program into the cache, once per version.
need_tool() {
    local have
    have=$("$1" --version 2>/dev/null || true)
    case $have in *"$3"*) return 0 ;; esac
    # Cargo's own record has the version of a program that cannot print it.
    grep -qsF "\"$2 $3 " "$tools/.crates2.json" && [ -x "$tools/bin/$1" ] && return 0
    say "Installing $2 $3 into $tools (once)"
    cargo install "$2@$3" --locked --quiet --root "$tools"
}

# npm_packages FOLDER: runs `npm ci` if the lock file has changed since the last run.
npm_packages() {
    local stamp="$1/node_modules/.installed-lock" lock
    lock=$(cksum <"$1/package-lock.json")
    [ "$(cat "$stamp" 2>/dev/null || true)" = "$lock" ] && return 0
    (cd "$1" && npm ci --no-audit --no-fund --prefer-offline --loglevel=error)
    printf '%s\n' "$lock" >"$stamp"
}

# Checks for Python with venv, as new as the packages of tests/interop/litellm need. Optional for the tests.
has_python() {
    local version
    version=$(python3 -c 'import ensurepip, sys, venv; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || return 1
    at_least "$version" 3.11
}

# python_packages FOLDER: creates an environment with the packages of its requirements.txt in the cache,
# one per list and Python version; sets `python` to its interpreter.
python_packages() {
    local key environment
    key=$({ python3 --version && cat "$1/requirements.txt"; } | cksum | cut -d ' ' -f 1)
    environment=$cache/python/$key
    python=$environment/bin/python
    [ "$(system)" != windows ] || python=$environment/Scripts/python.exe
    [ -f "$environment/.installed" ] && return 0
    rm -rf "$environment"
    mkdir -p "$cache/python"
    say "Installing the packages of $1 into $environment (once)"
    python3 -m venv "$environment"
    "$python" -m pip install --quiet --disable-pip-version-check --no-deps --no-compile -r "$1/requirements.txt"
    : >"$environment/.installed"
}

cmd_setup() {
    case $(system) in
    debian)
        need_languages
        # shellcheck disable=SC2086
        step "System packages" need_packages $build_packages $demo_packages $virtual_packages $test_packages
        ;;
    *)
        say "Install with your system's own tools:"
        print_packages
        need_build
        ;;
    esac
    step "Packages of the page" npm_packages ui
    step "Packages of the window's tests" npm_packages tests/window/e2e
    step "Packages of the test server" npm_packages tests/interop/oidc
    ! has_python || step "Packages of the compatible server" python_packages tests/interop/litellm
    [ "$(uname -s)" != Linux ] || step "Packages of the clients" client_packages
    [ "$(uname -s)" != Linux ] || ! has_python || step "Packages of the clients with a plan" plan_client_packages
    step "Test runner" need_tool cargo-nextest cargo-nextest "$nextest_version"
    [ "$(uname -s)" != Linux ] || step "Web driver" need_tool tauri-driver tauri-driver "$tauri_driver_version"
    step "Crates" cargo fetch --locked
    print_summary
}
