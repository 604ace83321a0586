# shellcheck shell=bash disable=SC2034,SC2154 # shares its names with ../dev
# The pictures of the guide, and those of every screen. Read by ../dev.

cmd_screenshots() {
    case ${1:-} in
    --all)
        every_screen
        return
        ;;
    "") ;;
    *) fail "unknown option $1" "./dev help" ;;
    esac
    need_languages
    need_packages chromium
    step "Packages of the page" npm_packages ui
    step "Build the page with its in-memory core" env VITE_FAKE=1 npm --prefix ui run --silent build -- en
    step "Take the screenshots" node .dev/screenshots.mjs
    print_summary
}

# Both themes and three languages of each screen and dialog, with a page that shows them side by side.
every_screen() {
    need_packages chromium
    step "Packages of the page" npm_packages ui
    step "Take pictures of every screen" \
        env SHOTS=1 npm --prefix ui run --silent test:ui -- --project=pictures
    say "See ui/test-results/shots/all/index.html"
    print_summary
}
