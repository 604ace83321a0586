# shellcheck shell=bash disable=SC2034,SC2154 # shares its names with ../dev
# All tests and checks. Read by ../dev.

static_checks() {
    step "References" node .dev/references.js
    step "Words" node .dev/words.js
    step "Circles" node .dev/circles.js
    step "Tests of the check of words" node --test --test-reporter=dot .dev/words.test.js
    step "Tests of the list of versions" node --test --test-reporter=dot .dev/update-list.test.mjs
    step "Tests of the checks of a day of use" node --test --test-reporter=dot tests/perf/soak/day-checks.test.js
    step "List of licences" node .dev/licences.mjs --check
    step "Format of Rust" cargo fmt --all --check
    step "Types of the page" npm --prefix ui run --silent check
    step "Lint of the page" npm --prefix ui run --silent lint
}

clippy() { step "Clippy" cargo clippy --workspace --all-targets --quiet -- -D warnings; }

# Property tests get the same inputs each time, so that a commit passes or fails as a whole; `./dev check --fuzz` gives
# them new ones.
rust_tests() {
    PROPTEST_RNG_SEED=1 USHER_TEST_OIDC=1 \
        cargo nextest run --workspace --no-fail-fast --show-progress none --status-level slow
}

properties_with_new_inputs() {
    PROPTEST_CASES=5000 cargo nextest run --workspace --no-fail-fast --show-progress none --status-level slow \
        -E 'package(usher-dialect) + package(usher-domain) + test(properties)'
}

compatible_server() {
    python_packages tests/interop/litellm
    export USHER_TEST_LITELLM=$python
}

# Runs on a separate display and session bus, so that the user's session is not affected.
window_tests() {
    temporary=$(mktemp -d)
    virtual_display
    (cd tests/window/e2e && dbus-run-session -- npm test --silent)
}

cmd_test() {
    need_build
    # shellcheck disable=SC2086
    step "System packages" need_packages $test_packages
    step "Test runner" need_tool cargo-nextest cargo-nextest "$nextest_version"
    step "Build the page" page
    static_checks
    step "Tests of the page" npm --prefix ui test --silent
    compile_with_clippy
    step "Clippy, and build the programs and tests" programs_and_tests
    export_programs
    step "Packages of the test server" npm_packages tests/interop/oidc
    if has_python; then
        step "Packages of the compatible server" compatible_server
    else
        skip "Tests against the compatible server" "they need Python 3.11 or newer, with venv"
    fi
    step "Tests of Rust" rust_tests
    step "Tests in the documentation" cargo test --workspace --doc --quiet
    if [ "$(uname -s)" = Linux ]; then
        need_programs ip unshare
        step "Packages of the clients" client_packages
        step "Tests with real clients" client_tests
        if has_python; then
            step "Packages of the clients with a plan" plan_client_packages
            step "Tests with clients that use a plan" plan_client_tests
        else
            skip "Tests with real clients in Python" "they need Python 3.11 or newer, with venv"
            skip "Tests with clients that use a plan" "they need Python 3.11 or newer, with venv"
        fi
    else
        skip "Tests with real clients" "they run in network namespaces, which only Linux has"
        skip "Tests with clients that use a plan" "they run in network namespaces, which only Linux has"
    fi
    if [ -f ui/playwright.config.ts ]; then
        step "Tests of the page in a browser" npm --prefix ui run --silent test:ui
    fi
    if [ "$(uname -s)" = Linux ]; then
        need_programs Xvfb openbox wmctrl scrot dbus-run-session gdbus WebKitWebDriver
        step "Web driver" need_tool tauri-driver tauri-driver "$tauri_driver_version"
        step "Packages of the window's tests" npm_packages tests/window/e2e
        step "Tests of the window" window_tests
    else
        skip "Tests of the window" "the web driver only works on Linux"
    fi
    print_summary
    say "All tests passed."
}

# Checks licences, sources and duplicate versions of the dependencies, for every target system.
dependencies() {
    cargo fetch --locked
    cargo deny --offline --config .deny.toml check bans sources licenses
}

shell_scripts() { shellcheck --external-sources dev .ci/run .ci/sign .dev/*.sh; }

# Runs all fuzz targets for one minute in total, starting from fuzz/corpus. New inputs are stored outside of the clone;
# `cargo fuzz cmin` reduces them to a corpus.
fuzz() {
    local target targets found=$cache/fuzz
    targets=$(cd fuzz && cargo fuzz list --fuzz-dir .)
    # shellcheck disable=SC2086 # a list of words
    set -- $targets
    local seconds=$((60 / $#))
    for target in "$@"; do
        say "$target for $seconds seconds"
        mkdir -p "$found/$target" "$found/failed"
        "$fuzz_bin/$target" "$found/$target" "fuzz/corpus/$target" -max_total_time="$seconds" -timeout=10 -max_len=8192 \
            -artifact_prefix="$found/failed/$target-" >"$found/$target.log" 2>&1 || {
            tail -n 40 "$found/$target.log"
            fail "$target failed" "the input is in $found/failed; run $fuzz_bin/$target with it"
        }
    done
}

# Without a sanitizer: our code has no unsafe, and so the stable compiler is enough.
fuzz_targets() {
    fuzz_bin=$CARGO_TARGET_DIR/fuzz/$(rustc -vV | sed -n 's/^host: //p')/release
    (cd fuzz && CARGO_TARGET_DIR=$CARGO_TARGET_DIR/fuzz cargo fuzz build --sanitizer none --fuzz-dir .)
}

check_by_fuzzing() {
    step "Fuzzer" need_tool cargo-fuzz cargo-fuzz "$fuzz_version"
    step "Build the fuzz targets" fuzz_targets
    step "Fuzz with invalid input" fuzz
    step "Property tests with new inputs" properties_with_new_inputs
}

cmd_check() {
    case ${1:-} in
    "") ;;
    --fuzz) ;;
    *) fail "check takes --fuzz or nothing" "./dev help" ;;
    esac
    need_build
    step "System packages" need_packages shellcheck
    need_programs shellcheck
    step "Shell scripts" shell_scripts
    step "Tools" need_tool cargo-machete cargo-machete "$machete_version"
    step "Tools" need_tool cargo-deny cargo-deny "$deny_version"
    step "Test runner" need_tool cargo-nextest cargo-nextest "$nextest_version"
    step "Build the page" page
    static_checks
    clippy
    step "Unused dependencies" cargo machete
    step "Licences and sources of the dependencies" dependencies
    step "Generated IPC types" check_bindings
    check_other_systems
    if [ "${1:-}" = --fuzz ]; then check_by_fuzzing; fi
    print_summary
}

# soak_traffic MINUTES: attacks the gateway's limits, then sends mixed traffic through it.
soak_traffic() {
    step "Build the programs" cargo build --quiet --package usher-cli --package usher-sandbox --bins
    export_programs
    step "Attacks on the limits" node tests/perf/soak/bounds.js
    step "Traffic for $1 minutes" node tests/perf/soak/soak.js "$1"
}

# A day of use, with the programs as they are shipped: others are too slow for 100 times its speed.
soak_day() {
    step "Build the programs" cargo build --quiet --release --package usher-cli --package usher-sandbox --bins
    export USHER_BIN=$CARGO_TARGET_DIR/release/usher USHER_SANDBOX_BIN=$CARGO_TARGET_DIR/release/usher-sandbox
    step "A day of use in a quarter of an hour" node tests/perf/soak/day.js
}

# cmd_soak [MINUTES | --day]
cmd_soak() {
    local minutes=${1:-30}
    case $minutes in
    --day) ;;
    *[!0-9]* | 0 | "") fail "soak takes a number of minutes, --day, or nothing" "./dev soak 30" ;;
    esac
    [ "$(uname -s)" = Linux ] || fail "soak reads /proc, which only Linux has"
    need_languages
    if [ "$minutes" = --day ]; then soak_day; else soak_traffic "$minutes"; fi
    print_summary
}

# The IPC types of the page are generated from the core's; one test compares them.
check_bindings() {
    cargo nextest run --workspace --show-progress none -E 'binary(bindings)'
}
