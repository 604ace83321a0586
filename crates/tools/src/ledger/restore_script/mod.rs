//! A script beside the ledger that puts all files back when Usher is gone.
//!
//! It holds what the ledger holds, and is written before it, so a file that has new keys is in the script, too. There is one
//! for each system; the parts that do not depend on the connections are `posix.sh` and `windows.ps1`.

use std::fmt::Write as _;
use std::path::Path;

use usher_domain::{Failure, redact};

use crate::ledger::{Connection, ConnectionState, FileChange, Ledger, SpliceRecord};
use crate::system::disk::{self, Disk};
use crate::system::shell::Shell;

/// The name of the script, beside the ledger.
pub const RESTORE_SCRIPT: &str = if cfg!(windows) { "usher-restore.ps1" } else { "usher-restore" };

/// Its permissions: this person may read and run it.
const MODE: u32 = 0o700;

const POSIX: [&str; 2] = [include_str!("posix.sh"), include_str!("posix_end.sh")];
const WINDOWS: [&str; 2] = [include_str!("windows.ps1"), include_str!("windows_end.ps1")];

/// Writes the script of a ledger, or removes it where no tool is connected.
pub(crate) fn save(disk: &dyn Disk, folder: &Path, ledger: &Ledger) -> Result<(), Failure> {
    let path = folder.join(RESTORE_SCRIPT);
    let new = text(ledger, Shell::of_this_system());
    // Compared with what it is at this moment: it is this process that holds the lock.
    let old = disk.read(&path).ok().flatten();
    let old = old.as_ref().map(|old| String::from_utf8_lossy(&old.bytes));
    if old.as_deref() == new.as_deref() {
        return Ok(());
    }
    disk::replace(disk, &path, old.as_deref(), new.as_deref().map(|text| (text, Some(MODE))))
}

/// Returns the script; `None` where there is nothing to put back.
fn text(ledger: &Ledger, shell: Shell) -> Option<String> {
    let connected = ledger.connections.iter().rev();
    let connected: Vec<_> = connected.filter(|one| one.state != ConnectionState::Undone).collect();
    if connected.is_empty() {
        return None;
    }
    let [begin, end] = match shell {
        Shell::Posix => POSIX,
        Shell::PowerShell => WINDOWS,
    };
    let mut script = begin.to_owned();
    for connection in connected {
        match shell {
            Shell::Posix => write_posix(&mut script, connection),
            Shell::PowerShell => write_windows(&mut script, connection),
        }
        .expect("writing to a String never fails");
    }
    Some(script + end)
}

fn write_posix(script: &mut String, connection: &Connection) -> std::fmt::Result {
    let word = |text: &str| Shell::Posix.word(text);
    let watched = if connection.restore_after.is_some() { "watched" } else { "unwatched" };
    let state = if connection.state == ConnectionState::Suspended { "suspended" } else { "connected" };
    writeln!(script, "\ntool {} {watched} {state}", word(&connection.tool))?;
    for change in connection.files.iter().rev() {
        writeln!(script, "edits() {{\n    :")?;
        for splice in &change.splices {
            let (start, hidden, end) = searched(splice);
            let start = start.map_or_else(|| "?".to_owned(), hex);
            let (at, length, removed) = (splice.at, splice.inserted, octal(&splice.removed));
            writeln!(script, "    edit {at} {length} '{removed}' '{start}' {hidden} '{}'", hex(end))?;
        }
        writeln!(script, "}}\nkeys() {{\n    :")?;
        for (key, becomes) in keys(change) {
            writeln!(script, "    key {} {}", word(&key), word(&becomes))?;
        }
        let existed = if change.existed { "yes" } else { "no" };
        let mode = change.mode.unwrap_or(disk::PRIVATE);
        let FileChange { path, before, after, folders, .. } = change;
        writeln!(script, "}}\nfile {} {existed} {mode:o} {before} {after}", word(path))?;
        for folder in folders.iter().rev() {
            writeln!(script, "made_folder {}", word(folder))?;
        }
    }
    if let Some(path) = &connection.pass_file {
        writeln!(script, "pass_file {}", word(path))?;
    }
    Ok(())
}

fn write_windows(script: &mut String, connection: &Connection) -> std::fmt::Result {
    writeln!(script, "\n$tool = Get-Name '{}'", hex(&connection.tool))?;
    for change in connection.files.iter().rev() {
        writeln!(script, "$edits = @(")?;
        for splice in &change.splices {
            let (start, hidden, end) = searched(splice);
            let start = start.map_or_else(|| "$null".to_owned(), |start| format!("'{}'", hex(start)));
            let (at, length, removed, end) = (splice.at, splice.inserted, hex(&splice.removed), hex(end));
            writeln!(
                script,
                "    @{{ At = {at}; Length = {length}; Removed = '{removed}'; Start = {start}; Hidden = {hidden}; End = '{end}' }}"
            )?;
        }
        writeln!(script, ")\n$keys = @(")?;
        for (key, becomes) in keys(change) {
            writeln!(script, "    '{}'", hex(&format!("{key}: {becomes}")))?;
        }
        let FileChange { path, before, after, folders, existed, .. } = change;
        writeln!(script, ")\nRestore-File '{}' ${existed} '{before}' '{after}' $edits $keys", hex(path))?;
        for folder in folders.iter().rev() {
            writeln!(script, "Remove-MadeFolder '{}'", hex(folder))?;
        }
    }
    if let Some(path) = &connection.pass_file {
        writeln!(script, "Remove-PassFile '{}'", hex(path))?;
    }
    Ok(())
}

/// Returns the text by which an edit is found: what is before a secret, the secret's length, and what is after it.
fn searched(splice: &SpliceRecord) -> (Option<&str>, usize, &str) {
    match &splice.written {
        Some(written) => (Some(&written.before), written.hidden, &written.after),
        None => (None, 0, ""),
    }
}

/// Returns what becomes of the keys of a file, as it is shown.
fn keys(change: &FileChange) -> impl Iterator<Item = (String, String)> {
    change.keys.iter().map(|key| {
        let becomes = match &key.previous {
            Some(previous) => format!("back to {}", redact(previous)),
            None => "removed".to_owned(),
        };
        (key.path.to_string(), becomes)
    })
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("writing to a String never fails");
        hex
    })
}

/// Writes a text as a format of `printf` that can stand between single quotes.
fn octal(text: &str) -> String {
    text.bytes().fold(String::new(), |mut format, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b' ' | b'_' | b'.' | b'/' | b':' | b'=' | b'"' => {
                format.push(byte.into());
            }
            _ => write!(format, "\\{byte:03o}").expect("writing to a String never fails"),
        }
        format
    })
}
