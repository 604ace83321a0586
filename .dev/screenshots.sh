# shellcheck shell=bash disable=SC2034,SC2154 # shares its names with ../dev
# The pictures of the guide. Read by ../dev.

cmd_screenshots() {
    need_languages
    need_packages chromium
    step "Packages of the page" npm_packages ui
    step "Build the page with its in-memory core" env VITE_FAKE=1 npm --prefix ui run --silent build -- en
    step "Take the screenshots" node .dev/screenshots.mjs
    print_summary
}
