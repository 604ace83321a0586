//! The files of the tools: read with limits, and replaced completely or not at all.
//!
//! Not by the store's own way of replacing a file: between writing the new file and renaming it, the old one is compared
//! once more, because its tool may have written it meanwhile.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use usher_domain::{ErrorCode, Failure};

use crate::document::MAX_BYTES;

/// What a file has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its permissions on Unix.
    pub mode: Option<u32>,
}

/// The operations on files, each of which a test can make fail or end the program before.
pub trait Disk: Send + Sync {
    /// Reads a file of this person; `None` where there is none.
    fn read(&self, path: &Path) -> io::Result<Option<Content>>;
    /// Creates a file with these permissions, and waits until it is on the disk.
    fn create(&self, path: &Path, bytes: &[u8], mode: Option<u32>) -> io::Result<()>;
    /// Renames a file, over another one if there is one.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Waits until the entries of a folder are on the disk.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// Removes a file. That there is none is no error.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Creates a folder for this person; returns whether there was none.
    fn make_folder(&self, folder: &Path) -> io::Result<bool>;
    /// Removes a folder that is empty; one that is not stays.
    fn remove_folder(&self, folder: &Path);
}

/// The permissions of what is created: for this person alone.
pub(crate) const PRIVATE: u32 = 0o600;
/// Limits a chain of links, as operating systems do.
const MAX_LINKS: usize = 40;

/// Returns the failure of a file of a tool.
pub(crate) fn failure(path: &Path, why: impl std::fmt::Display) -> Failure {
    Failure::new(ErrorCode::ToolFileUnusable, format!("{}: {why}", path.display()))
}

/// Returns the target of a chain of links, which need not exist. A link stays a link.
pub(crate) fn resolve(path: &Path) -> Result<PathBuf, Failure> {
    let mut target = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(next) = fs::read_link(&target) else { return Ok(target) };
        target = target.parent().unwrap_or(Path::new(".")).join(next);
    }
    Err(failure(path, "its links form a circle"))
}

/// Reads the text of a file, and its permissions.
pub(crate) fn read_text(disk: &dyn Disk, path: &Path) -> Result<Option<(String, Option<u32>)>, Failure> {
    let Some(Content { bytes, mode }) = disk.read(path).map_err(|error| failure(path, error))? else {
        return Ok(None);
    };
    let text = String::from_utf8(bytes).map_err(|_| failure(path, "the text is not in UTF-8"))?;
    Ok(Some((text, mode)))
}

/// Reads a file only to look at it, whoever it belongs to. `None` where that is not possible.
pub(crate) fn read_to_look(path: &Path) -> Option<String> {
    let data = fs::metadata(path).ok()?;
    if !data.is_file() || data.len() > MAX_BYTES {
        return None;
    }
    let mut text = String::new();
    File::open(path).ok()?.take(MAX_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

/// Replaces `old` by `new`, or removes the file where that is `None`. Fails when the file has not `old` any more.
pub(crate) fn replace(
    disk: &dyn Disk,
    path: &Path,
    old: Option<&str>,
    new: Option<(&str, Option<u32>)>,
) -> Result<(), Failure> {
    let failed = |error: io::Error| failure(path, format!("{error}; nothing was changed"));
    let target = resolve(path)?;
    let folder = target.parent().ok_or_else(|| failure(path, "it is in no folder"))?;
    let temporary = temporary_of(&target);
    // One that an ended program left. Its folder may not be there.
    let _ = disk.remove(&temporary);
    let is_same = |disk: &dyn Disk| {
        let now = disk.read(&target).map_err(failed)?;
        let same = now.as_ref().map(|now| now.bytes.as_slice()) == old.map(str::as_bytes);
        same.then_some(()).ok_or_else(|| failure(path, "it was changed meanwhile; nothing was changed"))
    };
    let Some((text, mode)) = new else {
        is_same(disk)?;
        disk.remove(&target).map_err(failed)?;
        return disk.sync_folder(folder).map_err(failed);
    };
    let written = disk
        .create(&temporary, text.as_bytes(), mode)
        .map_err(failed)
        .and_then(|()| is_same(disk))
        .and_then(|()| disk.rename(&temporary, &target).map_err(failed));
    if written.is_err() {
        let _ = disk.remove(&temporary);
    }
    written?;
    // The file is the new one already; only a power failure could undo it.
    let _ = disk.sync_folder(folder);
    Ok(())
}

/// Removes the new file that a program was writing when it ended.
pub(crate) fn remove_temporary(disk: &dyn Disk, path: &Path) {
    if let Ok(target) = resolve(path) {
        // One that cannot be removed now is removed with the next change.
        let _ = disk.remove(&temporary_of(&target));
    }
}

fn temporary_of(target: &Path) -> PathBuf {
    let name = target.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    target.with_file_name(format!(".{name}.usher-new"))
}

/// Creates the missing folders of a file, and returns them, the outermost first.
pub(crate) fn make_folders(disk: &dyn Disk, path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut made = Vec::new();
    let Some(folder) = path.parent() else { return Ok(made) };
    let missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
    for folder in missing.into_iter().rev() {
        match disk.make_folder(folder) {
            Ok(true) => made.push(folder.to_owned()),
            Ok(false) => {}
            Err(error) => {
                made.iter().rev().for_each(|folder| disk.remove_folder(folder));
                return Err(failure(folder, error));
            }
        }
    }
    Ok(made)
}

/// The disk of this computer.
#[derive(Debug, Clone, Copy, Default)]
pub struct LocalDisk;

impl Disk for LocalDisk {
    fn read(&self, path: &Path) -> io::Result<Option<Content>> {
        // Checked before it is opened: opening a pipe waits for its other end.
        let data = match fs::metadata(path) {
            Ok(data) => data,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if !data.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        check_owner(&data)?;
        let mut bytes = Vec::new();
        File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(io::Error::other("it is larger than 4 MiB, too large for settings"));
        }
        Ok(Some(Content { bytes, mode: mode_of(&data) }))
    }

    fn create(&self, path: &Path, bytes: &[u8], mode: Option<u32>) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, PRIVATE);
        let mut file = options.open(path)?;
        file.write_all(bytes)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            file.set_permissions(fs::Permissions::from_mode(mode.unwrap_or(PRIVATE)))?;
        }
        let _ = mode;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        // Renaming needs write permission of the folder only, and would ignore that the file is read-only.
        if fs::metadata(to).is_ok_and(|data| data.permissions().readonly()) {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
        }
        fs::rename(from, to)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        // Windows has no handle for a folder that could be synced; there the rename itself is journaled.
        if cfg!(windows) { Ok(()) } else { File::open(folder)?.sync_all() }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    fn make_folder(&self, folder: &Path) -> io::Result<bool> {
        match fs::create_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            created => created.map(|()| true),
        }
    }

    fn remove_folder(&self, folder: &Path) {
        // It fails for one that is not empty.
        let _ = fs::remove_dir(folder);
    }
}

#[cfg(unix)]
fn check_owner(data: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    if data.uid() == nix::unistd::geteuid().as_raw() {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::PermissionDenied, "it belongs to another user"))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
fn check_owner(_data: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "there are none on other systems")]
fn mode_of(data: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(data.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode_of(_data: &fs::Metadata) -> Option<u32> {
    None
}
