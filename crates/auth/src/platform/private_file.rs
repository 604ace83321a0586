//! Files and folders that belong to this user alone.
//!
//! A pipe or a device in the place of a file must not keep a command waiting, and a link must not lead a write to
//! another file. Standard library only takes what it finds; hence the flags and the checks here.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

#[cfg(unix)]
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};

/// Opens a file of this user for reading. Never waits; fails for what is not a regular file.
pub fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    open(path, &mut options, 0)
}

/// Opens a regular file of anybody for reading, such as one of another program. Never waits.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    open_checked(path, &mut options, 0)
}

/// Opens a file of this user for reading and writing, and creates it if it is missing. Follows no link.
pub fn open_private_to_write(path: &Path) -> io::Result<File> {
    match create_private(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        created => return created,
    }
    refuse_link(path)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    open(path, &mut options, no_follow())
}

/// Creates a file that only this user can read, whatever the umask. Fails if there is one.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    options.mode(FILE_MODE);
    let file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::fs::Permissions::from_mode(FILE_MODE))?;
    Ok(file)
}

/// Fails if `path` is a link: a write would replace it, and the file to which it leads would keep the old content.
pub(crate) fn refuse_link(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(data) if data.is_symlink() => Err(io::Error::other(
            "it is a link, and Usher writes through none; put the file itself there, or set USHER_HOME to its folder",
        )),
        _ => Ok(()),
    }
}

/// Creates `folder` and the missing folders above it for this user alone, whatever the umask.
pub fn make_private_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent().filter(|above| !above.as_os_str().is_empty()) {
        make_private_folder(above)?;
    }
    match std::fs::create_dir(folder) {
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => return Ok(()),
        created => created?,
    }
    #[cfg(unix)]
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(FOLDER_MODE))?;
    Ok(())
}

/// Returns those of `paths` that others may read or change. Those that are missing are left out.
pub fn open_to_others(paths: impl IntoIterator<Item = PathBuf>) -> Vec<PathBuf> {
    paths.into_iter().filter(|path| is_open_to_others(path)).collect()
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    // A folder that others may list gives nothing away: the files in it are private. One that they may write is not safe.
    std::fs::metadata(path).is_ok_and(|data| {
        let open = if data.is_dir() { 0o022 } else { 0o077 };
        data.permissions().mode() & open != 0
    })
}

#[cfg(not(unix))]
fn is_open_to_others(_path: &Path) -> bool {
    // A profile's folders are for its user alone, and inherit that.
    false
}

/// Lets nobody but this user read or change `path`.
pub fn make_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let mode = if path.is_dir() { FOLDER_MODE } else { FILE_MODE };
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
    }
    let _ = path;
    Ok(())
}

#[cfg(unix)]
const FILE_MODE: u32 = 0o600;
#[cfg(unix)]
const FOLDER_MODE: u32 = 0o700;

#[cfg(unix)]
fn no_follow() -> i32 {
    nix::fcntl::OFlag::O_NOFOLLOW.bits()
}

#[cfg(not(unix))]
fn no_follow() -> i32 {
    0
}

/// Opens a regular file of this user, or of the administrator.
fn open(path: &Path, options: &mut OpenOptions, flags: i32) -> io::Result<File> {
    let file = open_checked(path, options, flags)?;
    #[cfg(unix)]
    {
        let owner = file.metadata()?.uid();
        if owner != 0 && owner != nix::unistd::geteuid().as_raw() {
            let why = format!("it belongs to another user (number {owner}), so Usher does not use it");
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
    }
    Ok(file)
}

#[cfg_attr(not(unix), expect(unused_variables, reason = "flags of Unix"))]
fn open_checked(path: &Path, options: &mut OpenOptions, flags: i32) -> io::Result<File> {
    // Without O_NONBLOCK, opening a pipe waits for its other end.
    #[cfg(unix)]
    options.custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits() | flags);
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    Ok(file)
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn pipe_device_folder_and_link_are_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        nix::unistd::mkfifo(&path("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        std::fs::create_dir(path("folder")).unwrap();
        std::fs::write(path("file"), "kept").unwrap();
        std::os::unix::fs::symlink(path("file"), path("link")).unwrap();
        std::os::unix::fs::symlink(path("pipe"), path("to_pipe")).unwrap();
        std::os::unix::fs::symlink(path("nowhere"), path("broken")).unwrap();
        let began = Instant::now();
        for name in ["pipe", "folder", "to_pipe"] {
            open_private(&path(name)).unwrap_err();
            open_private_to_write(&path(name)).unwrap_err();
        }
        open_private(Path::new("/dev/zero")).unwrap_err();
        for name in ["link", "broken"] {
            let refused = open_private_to_write(&path(name)).unwrap_err();
            assert!(refused.to_string().contains("it is a link"), "{refused}");
        }
        open_private(&path("link")).unwrap();
        open_private(&path("file")).unwrap();
        assert!(began.elapsed() < Duration::from_secs(5));
        assert!(!path("nowhere").exists());
    }

    #[test]
    fn rights_are_found_and_corrected() {
        let folder = tempfile::tempdir().unwrap();
        let (file, inner) = (folder.path().join("file"), folder.path().join("a/b"));
        drop(open_private_to_write(&file).unwrap());
        make_private_folder(&inner).unwrap();
        let all = || vec![file.clone(), inner.clone(), folder.path().join("missing")];
        assert_eq!((mode(&file), mode(&inner), mode(inner.parent().unwrap())), (0o600, 0o700, 0o700));
        assert!(open_to_others(all()).is_empty());
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        std::fs::set_permissions(&inner, std::fs::Permissions::from_mode(0o730)).unwrap();
        assert_eq!(open_to_others(all()), [file.clone(), inner.clone()]);
        for path in open_to_others(all()) {
            make_private(&path).unwrap();
        }
        assert_eq!((mode(&file), mode(&inner)), (0o600, 0o700));
    }
}
