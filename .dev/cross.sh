# shellcheck shell=bash disable=SC2034,SC2154 # shares its names with ../dev
# Clippy for the systems that nothing here runs on. Read by ../dev.

cross_targets="x86_64-pc-windows-gnu aarch64-apple-darwin"

# Compilers for what dependencies have in C (SQLite, ring) and for the icon of the window's program: MinGW for Windows, and zig, which
# has the headers of macOS.
cross_tools() {
    local target
    for target in $cross_targets; do
        rustup target list --installed | grep -qx "$target" || rustup target add "$target"
    done
    need_packages gcc-mingw-w64-x86-64
    python_packages .dev/cross
}

# cross_clippy TARGET: every member, with its tests, as on the system itself; only nothing is linked.
cross_clippy() {
    local cargo=cargo members=--workspace
    case $1 in
    # These tests stop programs by signals of Unix.
    *-windows-*) members="--workspace --exclude usher-tests" ;;
    *-apple-*) cargo="cargo-zigbuild" ;;
    esac
    # cargo-zigbuild takes zig from the first Python of the search path.
    # shellcheck disable=SC2086 # a list of words
    PATH=${python%/*}:$PATH CARGO_TARGET_DIR=$CARGO_TARGET_DIR/cross \
        "$cargo" clippy --target "$1" $members --all-targets --quiet -- -D warnings
}

check_other_systems() {
    if [ "$(system)" != debian ] || ! command -v rustup >/dev/null || ! has_python; then
        skip "Clippy for Windows and macOS" "it needs Debian or Ubuntu, rustup, and Python 3.11 or newer, with venv"
        return 0
    fi
    step "Compilers for other systems" cross_tools
    local target
    for target in $cross_targets; do step "Clippy for $target" cross_clippy "$target"; done
}
