//! Opens a file or an address with the program that the desktop has for it.

use std::ffi::OsStr;
use std::io;

/// Opens it, without the variables that this process has set for itself.
#[cfg(target_os = "linux")]
pub(crate) fn open(target: &OsStr) -> io::Result<()> {
    let mut failure = io::Error::from(io::ErrorKind::NotFound);
    for mut command in open::commands(target) {
        for name in crate::drawing::own_variables() {
            command.env_remove(name);
        }
        match usher_app::start_detached(command) {
            Ok(true) => return Ok(()),
            Ok(false) => failure = io::Error::other("the desktop has no program for it"),
            // The desktop does not have this way to open something; that one of them failed says more.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// Opens it.
#[cfg(not(target_os = "linux"))]
pub(crate) fn open(target: &OsStr) -> io::Result<()> {
    open::that_detached(target)
}
