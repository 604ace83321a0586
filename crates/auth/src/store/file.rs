//! Files that only this user can read, replaced whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use usher_domain::{ErrorCode, Failure};

use crate::random::new_id;

/// A sealed file is a few kilobytes; anything far larger is not ours.
const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;

/// The bytes of `path`; nothing when there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unavailable("read", path, &error)),
    };
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES).read_to_end(&mut bytes).map_err(|error| unavailable("read", path, &error))?;
    Ok(Some(bytes))
}

/// Puts `bytes` in place of `path`: temporary file, fsync, rename, fsync of the folder. After a crash at any
/// point the file is the old one or the new one, and after a return it is the new one even if power fails.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let temporary = temporary_beside(path)?;
    let written = write_new(&temporary, bytes)
        .and_then(|()| std::fs::rename(&temporary, path))
        .and_then(|()| sync_folder(path));
    written.map_err(|error| {
        // What could not be finished must not stay; that it cannot be removed either changes nothing.
        let _ = std::fs::remove_file(&temporary);
        unavailable("write", path, &error)
    })
}

/// Removes temporary files that a killed process left. The caller holds the lock, so none is in use.
pub(super) fn sweep(path: &Path) {
    let (Some(folder), Some(start)) = (path.parent(), temporary_start(path)) else { return };
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(&start) {
            // Left for the next sweep when it cannot be removed now: its content is sealed.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Creates the folder of the store for this user alone.
pub(super) fn make_folder(folder: &Path) -> Result<(), Failure> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| unavailable("create", folder, &error))
}

/// Moves `path` to a name beside it that is free, and says which.
pub(super) fn set_aside(path: &Path, now: i64) -> Result<PathBuf, Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let free = (0..1000)
        .map(|count| path.with_file_name(format!("{name}{SET_ASIDE}{now}-{count}")))
        .find(|candidate| !candidate.exists())
        .ok_or_else(|| {
            Failure::new(ErrorCode::StoreUnavailable, "too many damaged files lie in the folder")
        })?;
    std::fs::rename(path, &free).map_err(|error| unavailable("set aside", path, &error))?;
    Ok(free)
}

/// What stands in the name of a file that was set aside.
const SET_ASIDE: &str = ".damaged-";

/// The newest file that was set aside from `path`.
pub(super) fn newest_set_aside(path: &Path) -> Option<String> {
    let start = format!("{}{SET_ASIDE}", path.file_name()?.to_string_lossy());
    let names = std::fs::read_dir(path.parent()?).ok()?.flatten();
    names
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(&start))
        .max()
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync_folder(path: &Path) -> io::Result<()> {
    // Windows has no handle for a folder that could be synced; there the rename itself is journaled.
    if cfg!(windows) {
        return Ok(());
    }
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn temporary_beside(path: &Path) -> Result<PathBuf, Failure> {
    let start = temporary_start(path).unwrap_or_default();
    Ok(path.with_file_name(format!("{start}{}-{}", std::process::id(), new_id()?)))
}

fn temporary_start(path: &Path) -> Option<String> {
    Some(format!(".{}.tmp-", path.file_name()?.to_string_lossy()))
}

pub(super) fn unavailable(doing: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::new(ErrorCode::StoreUnavailable, format!("could not {doing} {}: {error}", path.display()))
}
