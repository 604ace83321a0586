//! Files that are replaced completely or not at all.
//!
//! Written by hand, not with `tempfile` or `atomic-write-file`: neither of them both syncs the folder after the rename
//! and uses names by which [`remove_temporaries`] finds the files that a killed process left behind.

use std::fs::{File, Permissions};
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use super::private_file::create_private;
use super::random::{new_id, random};

/// Marks the name of a file that is being written.
const TEMPORARY: &str = "tmp";
/// Marks the name of a [`Room`].
const ROOM: &str = "room";

/// Replaces the content of `path`: temporary file, fsync, rename, fsync of the folder.
///
/// After a crash at any point the file is the old one or the new one, and after a return it is the new one even
/// if the power fails. Without `permissions` only this user can read the file (0600 on Unix). The folder must exist.
pub fn replace_file(path: &Path, bytes: &[u8], permissions: Option<Permissions>) -> io::Result<()> {
    let temporary = temporary_beside(path, TEMPORARY)?;
    let written = write_new(&temporary, bytes, permissions)
        .and_then(|()| std::fs::rename(&temporary, path))
        .and_then(|()| sync_folder(path));
    written.inspect_err(|_| {
        // A failure to remove it changes nothing: the write has failed already.
        let _ = std::fs::remove_file(&temporary);
    })
}

/// Replaces the content of a file that is written only under a lock, which the caller holds.
///
/// Like [`replace_file`], and removes what killed processes left of earlier writes.
pub fn replace_locked_file(path: &Path, bytes: &[u8], permissions: Option<Permissions>) -> io::Result<()> {
    remove_temporaries(path);
    replace_file(path, bytes, permissions)
}

/// Space on the disk for a write that must not fail later.
///
/// A file beside the real one that has been written and synced in full. The content to come overwrites it in place and
/// needs no further space.
#[derive(Debug)]
pub(crate) struct Room {
    target: PathBuf,
    temporary: PathBuf,
    file: Option<File>,
}

impl Room {
    /// Makes room for a content of `size` bytes of the file at `path`.
    pub(crate) fn make(path: &Path, size: usize) -> io::Result<Self> {
        let temporary = temporary_beside(path, ROOM)?;
        let file = create_private(&temporary)?;
        let mut room = Self { target: path.to_owned(), temporary, file: None };
        // Dropped on a failure, so that a part of it is not left behind.
        fill(&file, size)?;
        room.file = Some(file);
        Ok(room)
    }

    /// Replaces the content of the file for which the room was made.
    pub(crate) fn replace(mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(mut file) = self.file.take() {
            file.rewind()?;
            file.write_all(bytes)?;
            file.set_len(bytes.len() as u64)?;
            file.sync_all()?;
        }
        // Closed by now: some systems rename no open file.
        std::fs::rename(&self.temporary, &self.target)?;
        sync_folder(&self.target)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.file = None;
        // It is not there any more after a replacement.
        let _ = std::fs::remove_file(&self.temporary);
    }
}

/// Writes random bytes: zeros take no space on a disk that compresses.
fn fill(mut file: &File, size: usize) -> io::Result<()> {
    const CHUNK: usize = 16 * 1024;
    let mut left = size;
    while left > 0 {
        let chunk = random::<CHUNK>().map_err(io::Error::other)?;
        let part = left.min(CHUNK);
        file.write_all(&chunk[..part])?;
        left -= part;
    }
    file.sync_all()
}

/// Removes temporary files of `path` that a killed process left. The caller holds the lock, so none is in use.
pub(crate) fn remove_temporaries(path: &Path) {
    remove_beside(path, TEMPORARY);
}

/// Removes rooms of `path` that a killed process left. The caller holds the lock and has made none yet.
pub(crate) fn remove_rooms(path: &Path) {
    remove_beside(path, ROOM);
}

fn remove_beside(path: &Path, kind: &str) {
    let (Some(folder), Some(prefix)) = (path.parent(), prefix_beside(path, kind)) else { return };
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            // One that cannot be removed now is left for the next time.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn write_new(path: &Path, bytes: &[u8], permissions: Option<Permissions>) -> io::Result<()> {
    let mut file = create_private(path)?;
    file.write_all(bytes)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.sync_all()
}

/// Syncs the folder of `path`.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    // Windows has no handle for a folder that could be synced; there the rename itself is journaled.
    if cfg!(windows) {
        return Ok(());
    }
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn temporary_beside(path: &Path, kind: &str) -> io::Result<PathBuf> {
    let prefix = prefix_beside(path, kind).unwrap_or_default();
    let id = new_id().map_err(io::Error::other)?;
    Ok(path.with_file_name(format!("{prefix}{}-{id}", std::process::id())))
}

fn prefix_beside(path: &Path, kind: &str) -> Option<String> {
    Some(format!(".{}.{kind}-", path.file_name()?.to_string_lossy()))
}
