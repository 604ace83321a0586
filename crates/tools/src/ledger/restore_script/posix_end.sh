
if [ "$left" -gt 0 ]; then
    echo 'Something is left for you to look at; see above.' >&2
    exit 1
fi
if [ -z "$dry_run" ] && command -v usher >/dev/null 2>&1; then
    echo 'Usher is still installed. To end the passes of these tools too: usher tools restore'
fi
