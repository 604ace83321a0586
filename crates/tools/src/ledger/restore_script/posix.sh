#!/bin/sh
# Puts back what Usher changed in the files of other programs. It works without Usher: it needs a shell and the programs that
# every system has. Usher writes it again with each change, and removes it when no tool is connected any more.
#
#   sh usher-restore              puts the files back
#   sh usher-restore --dry-run    only says what it would do
#   sh usher-restore --unattended    only tools whose files are to come back by themselves; leaves what was changed since
#
# A file that nobody changed since becomes what it was, byte for byte. One that was changed stays as it is; what it would become
# is saved beside it.

set -u
umask 077
LC_ALL=C
export LC_ALL

dry_run=
unattended=
case "$#${1-}" in
0) ;;
1--dry-run) dry_run=yes ;;
1--unattended) unattended=yes ;;
*)
    echo 'usage: sh usher-restore [--dry-run | --unattended]' >&2
    exit 2
    ;;
esac

if command -v sha256sum >/dev/null 2>&1; then
    hash_input() { sha256sum; }
elif command -v shasum >/dev/null 2>&1; then
    hash_input() { shasum -a 256; }
elif command -v openssl >/dev/null 2>&1; then
    hash_input() { openssl dgst -sha256 -r; }
else
    echo 'error: none of sha256sum, shasum and openssl is there, so changes by others cannot be seen; nothing was changed' >&2
    exit 1
fi

left=0
new=
trap 'rm -f "$new"; exit 1' HUP INT TERM

say() { printf '%s\n' "$*"; }

# Names what a person has to look at.
leave() {
    left=$((left + 1))
    printf '%s\n' "$*" >&2
}

hash_of() { hash_input <"$1" | { read -r sum _ && printf '%s' "$sum"; }; }

# Sets `target` to what a chain of links leads to; the links stay.
resolve() {
    target=$1
    links=0
    while [ -L "$target" ]; do
        links=$((links + 1))
        [ "$links" -le 40 ] || return 1
        next=$(readlink "$target" && printf x) || return 1
        next=${next%??}
        case $next in
        /*) target=$next ;;
        *) target=${target%/*}/$next ;;
        esac
    done
}

is_own() {
    # shellcheck disable=SC2012 # the owner's number is before anything that a name could change
    [ "$(ls -dn "$1" | awk 'NR == 1 { print $3 }')" = "$(id -u)" ]
}

# copy FROM TO: prints these bytes of the file.
copy() {
    [ "$2" -gt "$1" ] || return 0
    tail -c "+$(($1 + 1))" "$target" | head -c "$(($2 - $1))"
}

# edit AT LENGTH REMOVED BEFORE HIDDEN AFTER: of what Usher wrote at a position, what was there before, and the text by which it
# is found in a file that was changed since, around the bytes of a secret.
edit() {
    if [ "$action" = locate ]; then
        places="$places $1:$2:$4:$5:$6"
        exact="$exact $1"
        return
    fi
    position=${found%% *}
    found=${found#* }
    [ "$position" != - ] || return 0
    copy "$at" "$position" || broken=yes
    # shellcheck disable=SC2059 # it is a format, so that it can stand for any byte
    printf "$3" || broken=yes
    at=$((position + $2))
}

# Prints where each edit is in a file that was changed since, or `-`. What is too short to search for is taken where it lies
# beside one that was found.
locate() {
    {
        printf '%s\n' "$places"
        od -An -v -tx1 <"$target" | tr -d ' \t\n'
        printf '\n'
    } | awk '
        NR == 1 { count = split($0, place, " "); next }
        { text = $0 }
        function fits(i, at) {
            if (start[i] == "?" || at < 0 || 2 * (at + size[i]) > length(text)) return 0
            return substr(text, 2 * at + 1, length(start[i])) == start[i] &&
                substr(text, 2 * (at + hidden[i]) + 1 + length(start[i]), length(end[i])) == end[i]
        }
        function only(i,  from, hit, hits, where) {
            if (length(start[i]) < 16) return -1
            from = 1
            where = -1
            while ((hit = index(substr(text, from), start[i])) > 0) {
                from += hit
                if ((from - 2) % 2 == 0 && fits(i, (from - 2) / 2)) { hits++; where = (from - 2) / 2 }
            }
            return hits == 1 ? where : -1
        }
        END {
            for (i = 1; i <= count; i++) {
                split(place[i], part, ":")
                at[i] = part[1]; size[i] = part[2]; start[i] = part[3]; hidden[i] = part[4]; end[i] = part[5]
                position[i] = only(i)
            }
            for (far = 1; far < count; far++)
                for (i = 1; i <= count; i++)
                    for (side = -1; side <= 1; side += 2) {
                        other = i + side * far
                        if (position[i] >= 0 || other < 1 || other > count || position[other] < 0) continue
                        guess = position[other] + at[i] - at[other]
                        if (fits(i, guess)) position[i] = guess
                    }
            last = 0
            for (i = 1; i <= count; i++) {
                if (position[i] < last) { printf "- "; continue }
                printf "%d ", position[i]
                last = position[i] + size[i]
            }
        }'
}

# build: writes the restored file to `new`.
build() {
    action='write'
    broken=
    at=0
    rm -f "$new"
    (set -C && : >"$new") || return 1
    size=$(wc -c <"$target") || return 1
    {
        edits
        copy "$at" "$size" || broken=yes
    } >>"$new"
    [ -z "$broken" ]
}

restore_exactly() {
    if [ "$existed" = no ]; then
        if [ -n "$dry_run" ]; then
            say "$path would be removed; it was made for $tool."
        elif rm -f "$target"; then
            say "$path was removed; it was made for $tool."
        else
            leave "$path could not be removed."
        fi
        return
    fi
    if [ -n "$dry_run" ]; then
        say "$path would be what it was before $tool was connected."
        return
    fi
    found="${exact# } "
    if ! build; then
        leave "$path could not be written, and stays as it is."
    elif [ "$(hash_of "$new")" != "$before" ]; then
        leave "$path does not fit what was noted, and stays as it is."
    elif [ "$(hash_of "$target")" != "$after" ]; then
        leave "$path was changed at this moment, and stays as it is. Start this again."
    elif chmod "$mode" "$new" && mv -f "$new" "$target"; then
        say "$path is what it was before $tool was connected."
    else
        leave "$path could not be replaced, and stays as it is."
    fi
    rm -f "$new"
}

restore_beside() {
    found=$(locate)
    case $found in
    *[0-9]*)
        if [ -n "$unattended" ]; then
            leave "$path was changed since, and stays as it is."
            return
        fi
        ;;
    *)
        # Of a tool whose files are restored already.
        [ "$state" != suspended ] || return 0
        leave "$path was changed since, and what Usher wrote was not found in it. It stays as it is. These keys may be Usher's:"
        keys >&2
        return
        ;;
    esac
    saved=$target.usher-restored
    case $found in
    *-*) complete="Not all of it was found, so compare the two." ;;
    *) complete="Compare the two, then take its place:" ;;
    esac
    leave "$path was changed since, and stays as it is. What would change in it:"
    keys >&2
    [ -z "$dry_run" ] || return 0
    if [ ! -d "$saved" ] && build && mv -f "$new" "$saved"; then
        printf '%s\n' "  It is saved as $saved. $complete" >&2
        case $found in
        *-*) ;;
        *) printf '%s\n' "  cp $(quote "$saved") $(quote "$path")" >&2 ;;
        esac
    else
        leave "  It could not be saved as $saved."
    fi
    rm -f "$new"
}

quote() { printf "'%s'" "$(printf '%s\n' "$1" | sed "s/'/'\\\\''/g")"; }

key() { printf '  %s: %s\n' "$1" "$2"; }

# file PATH EXISTED MODE BEFORE AFTER: restores a file by the `edits` and `keys` that were just defined.
file() {
    [ -z "$skipped" ] || return 0
    path=$1 existed=$2 mode=$3 before=$4 after=$5
    if ! resolve "$path"; then
        leave "$path: its links form a circle. It stays as it is."
        return
    fi
    new=${target%/*}/.${target##*/}.usher-new
    [ -n "$dry_run" ] || rm -f "$new"
    if [ ! -e "$target" ]; then
        say "$path is not there any more."
        return
    fi
    if [ ! -f "$target" ] || [ ! -r "$target" ] || [ ! -w "$target" ] || ! is_own "$target"; then
        leave "$path is not a file that you own and can change. It stays as it is."
        return
    fi
    action=locate places='' exact=''
    edits
    case $(hash_of "$target") in
    "$before") say "$path is what it was before $tool was connected." ;;
    "$after") restore_exactly ;;
    *) restore_beside ;;
    esac
}

# made_folder PATH: removes a folder that was made for a file, unless something is in it.
made_folder() { [ -n "$dry_run$skipped" ] || rmdir "$1" 2>/dev/null || :; }

# pass_file PATH: removes the pass of a tool, once nothing refers to it.
pass_file() { [ -n "$dry_run$skipped" ] || [ "$left" -gt "$left_before" ] || rm -f "$1"; }

# tool NAME WATCHED STATE: begins the files of a tool.
tool() {
    tool=$1 state=$3
    left_before=$left
    skipped=
    [ -z "$unattended" ] || [ "$2" = watched ] || skipped=yes
}

# What Usher changed.
