//! The files of the store, which only this user can read.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use usher_domain::{ErrorCode, Failure};

use crate::platform::atomic_file::{Room, replace_file};
use crate::platform::private_file::{make_private_folder, open_private, refuse_link};

/// Limits the size of the store, for the reader and for the writer: what is written can be read again.
#[derive(Debug, Clone, Copy)]
pub(super) struct SizeLimits {
    /// The largest file in bytes.
    pub(super) most: usize,
    /// The size in bytes to which new records may fill it. The rest is for new tokens of the sign-ins that are in it:
    /// these must find room, because OpenAI has ended the old ones by then.
    pub(super) filled: usize,
}

impl Default for SizeLimits {
    fn default() -> Self {
        Self { most: 16 * 1024 * KIB, filled: 14 * 1024 * KIB }
    }
}

/// Limits a key file, which is one line.
pub(super) const MAX_KEY_FILE_BYTES: usize = 4 * KIB;

const KIB: usize = 1024;

/// Identifies one content of a file without opening it, where every write creates a new file or changes its length or time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileVersion {
    modified: Option<SystemTime>,
    length: u64,
    #[cfg(unix)]
    inode: u64,
}

impl FileVersion {
    /// Returns the version of the file at `path`; `None` if there is none.
    pub fn of(path: &Path) -> Option<Self> {
        let data = std::fs::metadata(path).ok()?;
        Some(Self {
            modified: data.modified().ok(),
            length: data.len(),
            #[cfg(unix)]
            inode: std::os::unix::fs::MetadataExt::ino(&data),
        })
    }

    /// Returns whether the file is empty.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

/// Returns the bytes of `path`, or `None` if there is no such file. A larger file than Usher writes is refused, never
/// read in part.
pub(crate) fn read(path: &Path, most: usize) -> Result<Option<Vec<u8>>, Failure> {
    let file = match open_private(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unavailable("read", path, error)),
    };
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(|error| unavailable("read", path, error))?;
    if bytes.len() > most {
        let cause = format!(
            "{} is larger than {} KiB, which Usher never writes; nothing was changed",
            path.display(),
            most / KIB
        );
        return Err(Failure::new(ErrorCode::StoreUnavailable, cause));
    }
    Ok(Some(bytes))
}

/// Refuses a content of `bytes` that is larger than `most`, before any of it is written.
///
/// One that does not grow is never refused, so that records can be deleted from a full store.
pub(super) fn check_size(bytes: usize, before: usize, most: usize) -> Result<(), Failure> {
    if bytes <= most || bytes <= before {
        return Ok(());
    }
    let cause = format!(
        "the store is full: it may hold {} KiB; revoke passes or disconnect accounts that you no longer use. \
         Nothing was changed",
        most / KIB
    );
    Err(Failure::new(ErrorCode::StoreUnavailable, cause))
}

/// Replaces the content of `path`, readable by this user only.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    refuse_link(path)
        .and_then(|()| replace_file(path, bytes, None))
        .map_err(|error| unavailable("write", path, error))
}

/// Creates the folder of the store for this user alone.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Failure> {
    make_private_folder(folder).map_err(|error| unavailable("create", folder, error))
}

/// Makes room for a content of `size` bytes.
pub(crate) fn make_room(path: &Path, size: usize) -> Result<Room, Failure> {
    refuse_link(path)
        .and_then(|()| Room::make(path, size))
        .map_err(|error| unavailable("make room for", path, error))
}

/// Renames `path` to a free name beside it and returns that.
pub(super) fn set_aside(path: &Path, now: i64) -> Result<PathBuf, Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let free = (0..1000)
        .map(|count| path.with_file_name(format!("{name}{SET_ASIDE}{now}-{count}")))
        .find(|candidate| !candidate.exists())
        .ok_or_else(|| Failure::new(ErrorCode::StoreUnavailable, "the folder has too many damaged files"))?;
    std::fs::rename(path, &free).map_err(|error| unavailable("set aside", path, error))?;
    Ok(free)
}

/// Marks the name of a damaged file that was set aside.
const SET_ASIDE: &str = ".damaged-";

/// Returns the name of the newest damaged file of `path`.
pub(super) fn newest_set_aside(path: &Path) -> Option<String> {
    let start = format!("{}{SET_ASIDE}", path.file_name()?.to_string_lossy());
    let names = std::fs::read_dir(path.parent()?).ok()?.flatten();
    names
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(&start))
        .max()
}

fn unavailable(action: &str, path: &Path, error: io::Error) -> Failure {
    let remedy = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; free some disk space",
        io::ErrorKind::PermissionDenied => "; make sure that you may read and write it",
        io::ErrorKind::ReadOnlyFilesystem => "; nothing can be saved there",
        _ => "",
    };
    let cause = format!("could not {action} {}: {error}{remedy}", path.display());
    Failure::new(ErrorCode::StoreUnavailable, cause).with_source(error)
}
