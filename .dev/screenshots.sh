# shellcheck shell=bash disable=SC2034,SC2154 # shares its names with ../dev
# The pictures of the guide, and those of every screen. Read by ../dev.

# cmd_screenshots [--all]
cmd_screenshots() {
    case ${1:-} in
    "" | --all) ;;
    *) fail "screenshots takes --all or nothing" "./dev help" ;;
    esac
    need_languages
    need_packages chromium
    step "Packages of the page" npm_packages ui
    if [ "${1:-}" = --all ]; then
        # Without it, Japanese is boxes.
        need_packages fonts-noto-cjk
        every_screen
    else
        pictures_of_the_guide
    fi
    print_summary
}

pictures_of_the_guide() {
    step "Build the page with its in-memory core" env VITE_FAKE=1 npm --prefix ui run --silent build -- en
    step "Take the screenshots" node .dev/screenshots.mjs
}

# Both themes and three languages of each screen and dialog, with a page that shows them side by side.
every_screen() {
    step "Take pictures of every screen" \
        env SHOTS=1 npm --prefix ui run --silent test:ui -- --project=pictures
    say "See ui/test-results/shots/all/index.html"
}
