
if ($script:left -gt 0) {
    [Console]::Error.WriteLine('Something is left for you to look at; see above.')
    exit 1
}
