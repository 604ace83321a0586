# shellcheck shell=bash disable=SC2034,SC2154 # shares its names with ../dev
# Builds the page and the programs, each once. Read by ../dev.

# Builds the page only after a change: the window embeds it and would be rebuilt, too.
page() {
    npm_packages ui
    local stamp=ui/node_modules/.built-page now
    now=$(git ls-files -z --cached --others --exclude-standard -- ui | xargs -0 cksum 2>/dev/null | cksum)
    [ -f ui/dist/index.html ] && [ "$(cat "$stamp" 2>/dev/null || true)" = "$now" ] && {
        say "unchanged since it was last built"
        return 0
    }
    (cd ui && npm run --silent build)
    printf '%s\n' "$now" >"$stamp"
}

# Always builds the complete workspace: a single package would unify other features and build everything
# a second time.
# In continuous integration the committed lock file must be up to date.
programs() {
    # shellcheck disable=SC2086
    cargo build --workspace --bins ${CI:+--locked}
}

# With the tests: these add features of the dependencies (tokio's clock for tests), and built after the programs they
# would have all of them compiled a second time.
programs_and_tests() {
    # shellcheck disable=SC2086
    cargo build --workspace --bins --tests ${CI:+--locked}
}

# From here on cargo compiles the crates of the workspace with Clippy, as `cargo clippy` does: it is the compiler with more
# lints. Linted apart from the build, every dependency would be compiled a second time.
compile_with_clippy() {
    export RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-Dwarnings__CLIPPY_HACKERY__
}

export_programs() {
    export USHER_BIN=$bin/usher USHER_SANDBOX_BIN=$bin/usher-sandbox
    export USHER_DESKTOP_BIN=$bin/usher-desktop USHER_BRIDGE_BIN=$bin/usher-bridge
}
