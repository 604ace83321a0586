# shellcheck shell=bash disable=SC2034,SC2154 # shares its names with ../dev
# Other people's programs against the gateway. Read by ../dev.

# Installs the programs that `./dev test` runs. If that fails, the tests fail and are not skipped.
client_packages() {
    npm_packages tests/interop/clients
    if has_python; then
        python_packages tests/interop/clients
        export USHER_CLIENTS_PYTHON=$python
    fi
}

client_tests() { (cd tests/interop/clients && npm test --silent); }

# Programs that sign in to ChatGPT themselves, against the sandbox.
plan_client_packages() {
    npm_packages tests/interop/plan-clients
    python_packages tests/interop/plan-clients
    export USHER_PLAN_CLIENTS_PYTHON=$python
}

plan_client_tests() { (cd tests/interop/plan-clients && npm test --silent); }

# more_clients [--newest]: installs the programs that only `./dev clients` runs, or all in their newest versions.
more_clients() {
    mkdir -p "$cache/clients"
    USHER_CLIENTS_INSTALLED=$(node tests/interop/clients/install.js "$cache/clients" "$@")
    export USHER_CLIENTS_INSTALLED
}

all_client_tests() { (cd tests/interop/clients && npm test --silent -- --write); }

# cmd_clients [--newest]: all clients, and the tables of their page.
cmd_clients() {
    case ${1:-} in
    "" | --newest) ;;
    *) fail "clients takes --newest or nothing" "./dev help" ;;
    esac
    [ "$(uname -s)" = Linux ] || fail "clients run in network namespaces, which only Linux has"
    need_languages
    need_packages iproute2 python3-venv
    need_programs ip unshare
    has_python || fail "many clients need Python 3.11 or newer, with venv"
    step "Build the programs" cargo build --quiet --package usher-cli --package usher-sandbox --bins
    export_programs
    step "Packages of the clients" client_packages
    step "Packages of more clients" more_clients "$@"
    step "Tests with all clients" all_client_tests
    print_summary
}
