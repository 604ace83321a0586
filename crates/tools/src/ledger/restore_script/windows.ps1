# Puts back what Usher changed in the files of other programs. It works without Usher. Usher writes it again with each change, and
# removes it when no tool is connected any more.
#
#   powershell -ExecutionPolicy Bypass -File usher-restore.ps1             puts the files back
#   powershell -ExecutionPolicy Bypass -File usher-restore.ps1 -DryRun     only says what it would do
#
# A file that nobody changed since becomes what it was, byte for byte. One that was changed stays as it is; what it would become
# is saved beside it. Names and texts are in hexadecimal, so that no encoding and no quote can change them.

param([switch]$DryRun)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

# One character for each byte.
$latin1 = [Text.Encoding]::GetEncoding(28591)
$script:left = 0

function ConvertFrom-Hex([string]$Hex) {
    $bytes = New-Object byte[] ([int]($Hex.Length / 2))
    for ($i = 0; $i -lt $bytes.Length; $i++) { $bytes[$i] = [Convert]::ToByte($Hex.Substring(2 * $i, 2), 16) }
    return , $bytes
}

function Get-Name([string]$Hex) { return [Text.Encoding]::UTF8.GetString((ConvertFrom-Hex $Hex)) }

function Get-Bytes([string]$Hex) { return $latin1.GetString((ConvertFrom-Hex $Hex)) }

function Get-Sum([string]$Text) {
    $sha = [Security.Cryptography.SHA256]::Create()
    return ([BitConverter]::ToString($sha.ComputeHash($latin1.GetBytes($Text))) -replace '-', '').ToLowerInvariant()
}

# Names what a person has to look at.
function Write-Left([string]$Message) {
    $script:left++
    [Console]::Error.WriteLine($Message)
}

function Test-Edit($Edit, [string]$Text, [int]$At) {
    if ($null -eq $Edit.Start -or $At -lt 0 -or $At + $Edit.Length -gt $Text.Length) { return $false }
    $start = Get-Bytes $Edit.Start
    $end = Get-Bytes $Edit.End
    return [string]::CompareOrdinal($Text, $At, $start, 0, $start.Length) -eq 0 -and
        [string]::CompareOrdinal($Text, $At + $start.Length + $Edit.Hidden, $end, 0, $end.Length) -eq 0
}

# Returns where an edit is if it is there exactly once, else -1. What is too short is not searched for.
function Find-Edit($Edit, [string]$Text) {
    if ($null -eq $Edit.Start -or $Edit.Start.Length -lt 16) { return -1 }
    $start = Get-Bytes $Edit.Start
    $found = -1
    $from = $Text.IndexOf($start, 0, [StringComparison]::Ordinal)
    while ($from -ge 0) {
        if (Test-Edit $Edit $Text $from) {
            if ($found -ge 0) { return -1 }
            $found = $from
        }
        if ($from + 1 -ge $Text.Length) { break }
        $from = $Text.IndexOf($start, $from + 1, [StringComparison]::Ordinal)
    }
    return $found
}

# Returns where each edit is in a file that was changed since, or -1. What is too short to search for is taken where it lies
# beside one that was found.
function Find-Edits($Edits, [string]$Text) {
    $positions = @($Edits | ForEach-Object { Find-Edit $_ $Text })
    for ($far = 1; $far -lt $Edits.Count; $far++) {
        for ($i = 0; $i -lt $Edits.Count; $i++) {
            foreach ($other in ($i - $far), ($i + $far)) {
                if ($positions[$i] -ge 0 -or $other -lt 0 -or $other -ge $Edits.Count -or $positions[$other] -lt 0) { continue }
                $guess = $positions[$other] + $Edits[$i].At - $Edits[$other].At
                if (Test-Edit $Edits[$i] $Text $guess) { $positions[$i] = $guess }
            }
        }
    }
    $last = 0
    for ($i = 0; $i -lt $Edits.Count; $i++) {
        if ($positions[$i] -lt $last) { $positions[$i] = -1 } else { $last = $positions[$i] + $Edits[$i].Length }
    }
    return , $positions
}

# Returns the text with what was there before the edits.
function Undo-Edits($Edits, $Positions, [string]$Text) {
    $result = New-Object Text.StringBuilder
    $at = 0
    for ($i = 0; $i -lt $Edits.Count; $i++) {
        if ($Positions[$i] -lt 0) { continue }
        [void]$result.Append($Text.Substring($at, $Positions[$i] - $at)).Append((Get-Bytes $Edits[$i].Removed))
        $at = $Positions[$i] + $Edits[$i].Length
    }
    return $result.Append($Text.Substring($at)).ToString()
}

function Restore-File([string]$Path, [bool]$Existed, [string]$Before, [string]$After, $Edits, $Keys) {
    $path = Get-Name $Path
    if (-not (Test-Path -LiteralPath $path)) { Write-Output "$path is not there any more."; return }
    if (-not (Test-Path -LiteralPath $path -PathType Leaf)) { Write-Left "$path is not a file. It stays as it is."; return }
    $item = Get-Item -LiteralPath $path -Force
    if ($item.LinkType -eq 'SymbolicLink') {
        $path = [IO.Path]::GetFullPath([IO.Path]::Combine($item.DirectoryName, @($item.Target)[0]))
    }
    $text = $latin1.GetString([IO.File]::ReadAllBytes($path))
    $sum = Get-Sum $text
    $new = Join-Path (Split-Path -LiteralPath $path) ".$(Split-Path -Leaf $path).usher-new"
    if ($sum -eq $Before) { Write-Output "$path is what it was before $tool was connected."; return }
    if ($sum -eq $After) {
        if ($DryRun) { Write-Output "$path would be what it was before $tool was connected."; return }
        if (-not $Existed) {
            [IO.File]::Delete($path)
            Write-Output "$path was removed; it was made for $tool."
            return
        }
        $restored = Undo-Edits $Edits @($Edits | ForEach-Object { $_.At }) $text
        if ((Get-Sum $restored) -ne $Before) { Write-Left "$path does not fit what was noted, and stays as it is."; return }
        [IO.File]::WriteAllBytes($new, $latin1.GetBytes($restored))
        if ((Get-Sum $latin1.GetString([IO.File]::ReadAllBytes($path))) -ne $After) {
            [IO.File]::Delete($new)
            Write-Left "$path was changed at this moment, and stays as it is. Start this again."
            return
        }
        [IO.File]::Replace($new, $path, [NullString]::Value)
        Write-Output "$path is what it was before $tool was connected."
        return
    }
    $positions = Find-Edits $Edits $text
    $found = @($positions | Where-Object { $_ -ge 0 }).Count
    if ($found -eq 0) {
        Write-Left "$path was changed since, and what Usher wrote was not found in it. It stays as it is. These keys may be Usher's:"
    } else {
        Write-Left "$path was changed since, and stays as it is. What would change in it:"
    }
    foreach ($key in $Keys) { [Console]::Error.WriteLine('  ' + (Get-Name $key)) }
    if ($found -eq 0 -or $DryRun) { return }
    [IO.File]::WriteAllBytes("$path.usher-restored", $latin1.GetBytes((Undo-Edits $Edits $positions $text)))
    $complete = if ($found -lt $Edits.Count) { 'Not all of it was found, so compare the two.' } else { 'Compare the two.' }
    [Console]::Error.WriteLine("  It is saved as $path.usher-restored. $complete")
}

# Removes a folder that was made for a file, unless something is in it.
function Remove-MadeFolder([string]$Path) {
    $path = Get-Name $Path
    if (-not $DryRun -and (Test-Path -LiteralPath $path) -and -not @(Get-ChildItem -LiteralPath $path -Force)) {
        [IO.Directory]::Delete($path)
    }
}

# Removes the pass of a tool.
function Remove-PassFile([string]$Path) {
    if (-not $DryRun -and $script:left -eq 0) { [IO.File]::Delete((Get-Name $Path)) }
}

# What Usher changed.
