#!/bin/sh
# Before the package is removed: says how connected tools get their files back.
#
# It changes nothing. A package is removed as root, for every user of the computer and often by a program that asks nobody, so it
# must not write into anybody's home; and the script that it names works after the removal, too.

set -e

case "${1:-}" in
# dpkg says `remove`, rpm how many versions of the package are left.
remove | 0)
    echo "Usher: tools that are connected still point at it. Each user puts their files back with 'usher tools restore' now," \
        "or later with: sh ~/.local/share/usher/usher-restore"
    ;;
esac
