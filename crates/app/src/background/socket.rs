//! Where the background process of a home listens: a socket in the folder of the home, on Windows a named pipe.

use std::io;

use interprocess::local_socket::tokio::prelude::*;
use interprocess::local_socket::tokio::{Listener, Stream};
use interprocess::local_socket::{ListenerOptions, Name};

use crate::platform::home::Home;

/// Listens. For the process that has the lock of the home's background process, which is the only one.
pub(super) fn listen(home: &Home) -> io::Result<Listener> {
    #[cfg(unix)]
    let path = unix::prepare(home)?;
    let listener = ListenerOptions::new().name(name(home)?).create_tokio()?;
    #[cfg(unix)]
    unix::make_private(&path)?;
    Ok(listener)
}

/// Connects to the background process. Fails when none listens, or a process of another user does.
pub(super) async fn open(home: &Home) -> io::Result<Stream> {
    let stream = Stream::connect(name(home)?).await?;
    if is_same_user(&stream) {
        Ok(stream)
    } else {
        Err(io::Error::new(io::ErrorKind::PermissionDenied, "a process of another user listens"))
    }
}

/// Returns whether the other end is a process of this user.
#[cfg(unix)]
pub(super) fn is_same_user(stream: &Stream) -> bool {
    let peer = stream.peer_creds().ok().and_then(|peer| peer.euid());
    peer == Some(nix::unistd::geteuid().as_raw())
}

/// Returns true: the system lets only this user and administrators write to the pipe.
#[cfg(not(unix))]
pub(super) fn is_same_user(_: &Stream) -> bool {
    true
}

#[cfg(unix)]
fn name(home: &Home) -> io::Result<Name<'static>> {
    use interprocess::local_socket::{GenericFilePath, ToFsName as _};
    unix::path(home).to_fs_name::<GenericFilePath>()
}

#[cfg(not(unix))]
fn name(home: &Home) -> io::Result<Name<'static>> {
    use interprocess::local_socket::{GenericNamespaced, ToNsName as _};
    format!("app.usher.Usher.{}", home.hash).to_ns_name::<GenericNamespaced>()
}

#[cfg(unix)]
mod unix {
    use std::fs::Permissions;
    use std::io;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::path::{Path, PathBuf};

    use directories::BaseDirs;
    use nix::unistd::geteuid;
    use usher_auth::make_private_folder;

    use crate::platform::home::Home;

    /// The longest path that a socket may have: 104 bytes on macOS, 108 on Linux, with a zero at the end.
    pub(super) const MAX_PATH_BYTES: usize = 103;

    /// Returns where the socket of the home is: in its folder, else in one for temporary files of this user.
    pub(super) fn path(home: &Home) -> PathBuf {
        let own = home.data.join("background.sock");
        if own.as_os_str().as_bytes().len() <= MAX_PATH_BYTES {
            return own;
        }
        let runtime = BaseDirs::new().and_then(|folders| folders.runtime_dir().map(Path::to_owned));
        let folder = runtime.unwrap_or_else(std::env::temp_dir);
        folder.join(format!("usher-{}", home.hash)).join("background.sock")
    }

    /// Makes the folder of the socket, and removes the socket that a killed process left. Returns the path.
    pub(super) fn prepare(home: &Home) -> io::Result<PathBuf> {
        let path = path(home);
        let folder = path.parent().unwrap_or(Path::new("/"));
        make_private_folder(folder)?;
        if folder != home.data {
            require_private(folder)?;
        }
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(path),
        }
    }

    /// Fails for a folder beside those of others that is not of this user alone.
    fn require_private(folder: &Path) -> io::Result<()> {
        let found = std::fs::symlink_metadata(folder)?;
        if found.is_dir() && found.uid() == geteuid().as_raw() && found.mode() & 0o777 == 0o700 {
            return Ok(());
        }
        let why = format!("{} is not a private folder of this user", folder.display());
        Err(io::Error::new(io::ErrorKind::PermissionDenied, why))
    }

    /// Lets this user alone connect. Whoever was faster is refused by the check of the peer.
    pub(super) fn make_private(path: &Path) -> io::Result<()> {
        std::fs::set_permissions(path, Permissions::from_mode(0o600))
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::PermissionsExt as _;

    use super::unix::{MAX_PATH_BYTES, path, prepare};
    use super::*;

    #[test]
    fn long_path_is_replaced_by_a_private_folder() {
        let folder = tempfile::tempdir().unwrap();
        let short = Home::at(Some(folder.path())).unwrap();
        assert_eq!(path(&short), short.data.join("background.sock"));
        let long = Home::at(Some(&folder.path().join("x".repeat(100)))).unwrap();
        let other = path(&long);
        assert!(other.as_os_str().as_bytes().len() <= MAX_PATH_BYTES, "{}", other.display());
        assert!(other.to_string_lossy().contains(&long.hash));
        prepare(&long).unwrap();
        let private = other.parent().unwrap();
        std::fs::set_permissions(private, Permissions::from_mode(0o755)).unwrap();
        assert_eq!(prepare(&long).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        std::fs::remove_dir(private).unwrap();
    }
}
