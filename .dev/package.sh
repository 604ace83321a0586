# shellcheck shell=bash disable=SC2034,SC2154 # shares its names with ../dev
# The packages of Linux, and their test. Read by ../dev.

# What checks them, on Debian.
package_packages="dpkg-dev rpm desktop-file-utils appstream lintian man-db"

tauri_cli() {
    [ -f "$tools/tauri-cli-$tauri_cli_version/node_modules/.bin/tauri" ] ||
        npm install --prefix "$tools/tauri-cli-$tauri_cli_version" --no-audit --no-fund --loglevel=error \
            "@tauri-apps/cli@$tauri_cli_version"
    "$tools/tauri-cli-$tauri_cli_version/node_modules/.bin/tauri" "$@"
}

# Writes what shells and `man` read, made by the program itself.
command_line_files() {
    local usher="$1/usher" folder="$1/command-line"
    rm -rf "$folder"
    mkdir -p "$folder"
    "$usher" completions bash >"$folder/usher.bash"
    "$usher" completions zsh >"$folder/usher.zsh"
    "$usher" completions fish >"$folder/usher.fish"
    "$usher" man --to "$folder/man1"
    cp src-tauri/package/linux/usher-desktop.1 "$folder/man1/"
    gzip -9n "$folder"/man1/*.1
}

check_package_sources() {
    local folder=src-tauri/package/linux
    desktop-file-validate "$folder/Usher.desktop"
    appstreamcli validate --no-net "$folder/app.usher.Usher.metainfo.xml"
}

# bundle PROFILE: makes the packages of the built programs.
bundle() {
    local out="$CARGO_TARGET_DIR/$1" debug="" config
    [ "$1" = release ] || debug=--debug
    config=$(node .dev/bundle-config.mjs "$out")
    rm -rf "$out/bundle/deb" "$out/bundle/rpm"
    # shellcheck disable=SC2086
    tauri_cli bundle $debug --bundles deb,rpm --config "$config"
}

package_programs() {
    if [ "$1" = release ]; then
        cargo build --release --package usher-cli --package usher-desktop
    else
        programs
    fi
}

# Installs the package on this system, uses it and removes it: as root, on a separate display and session bus.
package_test() {
    local out="$CARGO_TARGET_DIR/$1"
    temporary=$(mktemp -d)
    virtual_display
    (cd tests/package && PROGRAMS=$out USHER_SANDBOX_BIN=$bin/usher-sandbox dbus-run-session -- \
        node --test --test-reporter=spec --test-concurrency=1 --test-force-exit --test-timeout=1800000 ./*.test.js)
}

# cmd_package [--debug] [--test]
cmd_package() {
    local profile=release test="" argument
    for argument in "$@"; do
        case $argument in
        --debug) profile=debug ;;
        --test) test=yes ;;
        *) fail "package takes --debug, --test or nothing" "./dev help" ;;
        esac
    done
    [ "$(uname -s)" = Linux ] || fail "packages are only built on Linux so far"
    [ "$(system)" = debian ] || fail "packages are built on Debian or Ubuntu" "docs/packaging.md says what can be built where"
    [ -z "$test" ] || [ "$(id -u)" = 0 ] || fail "the test installs a package on this system" "run it as root, in a container"
    need_build
    # shellcheck disable=SC2086
    step "System packages" need_packages $package_packages
    step "Check desktop entry and metadata" check_package_sources
    step "Build the page" page
    step "Build the programs" package_programs "$profile"
    step "Completions and manual pages" command_line_files "$CARGO_TARGET_DIR/$profile"
    step "Make the packages" bundle "$profile"
    [ -z "$test" ] || step_package_test "$profile"
    print_summary
    ls -l "$CARGO_TARGET_DIR/$profile"/bundle/deb/*.deb "$CARGO_TARGET_DIR/$profile"/bundle/rpm/*.rpm
}

step_package_test() {
    # shellcheck disable=SC2086
    step "System packages" need_packages $test_packages
    step "Web driver" need_tool tauri-driver tauri-driver "$tauri_driver_version"
    step "Packages of the window's tests" npm_packages tests/window/e2e
    step "Build the sandbox" cargo build --package usher-sandbox
    step "Install, use and remove the package" package_test "$1"
}
