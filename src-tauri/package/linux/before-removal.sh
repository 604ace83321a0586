#!/bin/sh
# Before the package is removed: ends the processes of its programs, and says how connected tools get their files back.
#
# It writes nothing into anybody's home. A package is removed as root, for every user of the computer and often by a program that
# asks nobody; and the script that it names works after the removal, too.

set -e

# How many seconds running requests and a refresh have to end.
timeout=30

# Where the programs are.
bin=/usr/bin

# Prints the ids of the processes that run a program of this package.
processes() {
    for link in /proc/[0-9]*/exe; do
        program=$(readlink "$link" 2>/dev/null || true)
        case ${program% (deleted)} in
        "$bin/usher" | "$bin/usher-desktop")
            link=${link%/exe}
            echo "${link#/proc/}"
            ;;
        esac
    done
}

# Asks them to end in order, and waits.
end_processes() {
    for process in $(processes); do kill -TERM "$process" 2>/dev/null || true; done
    while [ "$timeout" -gt 0 ] && [ -n "$(processes)" ]; do
        sleep 1
        timeout=$((timeout - 1))
    done
    for process in $(processes); do
        echo "Usher: process $process does not end, and goes on without its program."
    done
}

case "${1:-}" in
# dpkg says `remove`, rpm how many versions of the package are left. After an upgrade, the window replaces a background process of
# another version as soon as no request is being answered.
remove | 0)
    end_processes
    echo "Usher: tools that are connected still point at it. Each user puts their files back with 'usher tools restore' now," \
        "or later with: sh ~/.local/share/usher/usher-restore"
    ;;
esac
