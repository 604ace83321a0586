//! The entry as a file: of a Linux desktop, or of launchd.

use usher_domain::{ErrorCode, Failure};

use super::{MARKER, StartAtLogin, launch_agent, xdg};
use crate::platform::marked_file::MarkedFile;
use crate::view::ServiceFile;

impl StartAtLogin {
    /// Returns whether there is an entry that starts something; `None` where there can be none.
    pub(super) fn has_entry(&self) -> Option<bool> {
        let file = self.file()?;
        let text = file.read().filter(|_| file.state() == ServiceFile::Own);
        Some(text.is_some_and(|text| !is_switched_off(&text) && starts_a_program(&text)))
    }

    pub(super) fn write_entry(&self) -> Result<(), Failure> {
        self.own_file()?.write(&self.content()?)
    }

    pub(super) fn delete_entry(&self) -> Result<(), Failure> {
        let file = self.own_file()?;
        if file.state() == ServiceFile::Missing { Ok(()) } else { file.remove() }
    }

    /// Returns the file, unless somebody else's is in its place.
    fn own_file(&self) -> Result<MarkedFile, Failure> {
        let refused = |cause: String| Failure::new(ErrorCode::BadUsage, cause);
        let file =
            self.file().ok_or_else(|| refused("start at login is not available on this system".into()))?;
        if file.state() == ServiceFile::Foreign {
            return Err(refused(format!("{} is there, and Usher did not write it", file.path.display())));
        }
        Ok(file)
    }

    pub(super) fn file(&self) -> Option<MarkedFile> {
        let places = &self.context.places;
        let home = places.home.clone()?;
        let name = self.name();
        let path = if cfg!(target_os = "linux") {
            let config = places.config.clone().filter(|config| config.is_absolute());
            xdg::path(&config.unwrap_or_else(|| home.join(".config")), &name)
        } else if cfg!(target_os = "macos") {
            launch_agent::path(&home, &name)
        } else {
            return None;
        };
        Some(MarkedFile { path, marker: MARKER })
    }

    fn content(&self) -> Result<String, Failure> {
        let command = self.command()?;
        if cfg!(target_os = "macos") {
            launch_agent::agent(&command, &self.name())
        } else {
            xdg::entry(&command)
        }
    }
}

/// Returns whether the program of the entry is there: not after a removal of the package.
fn starts_a_program(text: &str) -> bool {
    let program = if cfg!(target_os = "macos") { launch_agent::program(text) } else { xdg::program(text) };
    program.is_some_and(|program| program.is_file())
}

/// Returns whether the person switched the entry off with a program of the desktop, which leaves it where it is.
fn is_switched_off(text: &str) -> bool {
    let is_line = |wanted: &str| text.lines().any(|line| line.replace(' ', "") == wanted);
    is_line("Hidden=true") || is_line("X-GNOME-Autostart-enabled=false")
}
