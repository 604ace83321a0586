//! Files that are replaced completely or not at all.
//!
//! Written by hand, not with `tempfile` or `atomic-write-file`: neither of them both syncs the folder after the rename
//! and uses names by which [`remove_temporaries`] finds the files that a killed process left behind.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::random::new_id;

/// Replaces the content of `path`: temporary file, fsync, rename, fsync of the folder.
///
/// After a crash at any point the file is the old one or the new one, and after a return it is the new one even
/// if the power fails. Without `permissions` only this user can read the file (0600 on Unix). The folder must exist.
pub fn replace_file(path: &Path, bytes: &[u8], permissions: Option<Permissions>) -> io::Result<()> {
    let temporary = temporary_beside(path)?;
    let written = write_new(&temporary, bytes, permissions)
        .and_then(|()| std::fs::rename(&temporary, path))
        .and_then(|()| sync_folder(path));
    written.inspect_err(|_| {
        // A failure to remove it changes nothing: the write has failed already.
        let _ = std::fs::remove_file(&temporary);
    })
}

/// Removes temporary files of `path` that a killed process left. The caller holds the lock, so none is in use.
pub(crate) fn remove_temporaries(path: &Path) {
    let (Some(folder), Some(prefix)) = (path.parent(), temporary_prefix(path)) else { return };
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            // One that cannot be removed now is left for the next time: its content is encrypted.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn write_new(path: &Path, bytes: &[u8], permissions: Option<Permissions>) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.sync_all()
}

fn sync_folder(path: &Path) -> io::Result<()> {
    // Windows has no handle for a folder that could be synced; there the rename itself is journaled.
    if cfg!(windows) {
        return Ok(());
    }
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn temporary_beside(path: &Path) -> io::Result<PathBuf> {
    let prefix = temporary_prefix(path).unwrap_or_default();
    let id = new_id().map_err(io::Error::other)?;
    Ok(path.with_file_name(format!("{prefix}{}-{id}", std::process::id())))
}

fn temporary_prefix(path: &Path) -> Option<String> {
    Some(format!(".{}.tmp-", path.file_name()?.to_string_lossy()))
}
