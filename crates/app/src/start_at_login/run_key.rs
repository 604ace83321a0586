//! The entry on Windows: a value of the registry key `Run` of this user.
//!
//! By Microsoft's own crate. `auto-launch` does not quote a path with a space, and also writes for all users of the computer.

use usher_domain::{ErrorCode, Failure};
use windows_registry::{CURRENT_USER, Type};
use windows_result::{Error, HRESULT};

use super::StartAtLogin;
use super::run_value::{ON, command_line, is_switched_off};

/// The programs that Windows starts when this user logs in, as command lines.
const RUN: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";

/// Which of them the person switched off in the Settings or the Task Manager of Windows, which leave the entry where it is.
const APPROVED: &str = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run";

/// `ERROR_FILE_NOT_FOUND`.
const NOT_FOUND: HRESULT = HRESULT::from_win32(2);

impl StartAtLogin {
    /// Returns whether there is an entry that is not switched off.
    #[expect(clippy::unnecessary_wraps, reason = "other systems may have no place for one")]
    pub(super) fn has_entry(&self) -> Option<bool> {
        let name = self.name();
        let entry = CURRENT_USER.open(RUN).and_then(|key| key.get_string(&name));
        let approved = CURRENT_USER.open(APPROVED).and_then(|key| key.get_value(&name));
        let is_off = approved.is_ok_and(|value| is_switched_off(&value));
        Some(entry.is_ok() && !is_off)
    }

    pub(super) fn write_entry(&self) -> Result<(), Failure> {
        let line = command_line(&self.command()?.words()?)?;
        let name = self.name();
        let written = CURRENT_USER.create(RUN).and_then(|key| key.set_string(&name, &line));
        written.map_err(|error| refused(&error))?;
        // An entry that was switched off there is on again.
        match CURRENT_USER.options().write().open(APPROVED) {
            Ok(key) => key.set_bytes(&name, Type::Bytes, &ON).map_err(|error| refused(&error)),
            Err(error) if error.code() == NOT_FOUND => Ok(()),
            Err(error) => Err(refused(&error)),
        }
    }

    pub(super) fn delete_entry(&self) -> Result<(), Failure> {
        let name = self.name();
        let deleted = CURRENT_USER.options().write().open(RUN).and_then(|key| key.remove_value(&name));
        match deleted {
            Err(error) if error.code() != NOT_FOUND => Err(refused(&error)),
            _ => Ok(()),
        }
    }
}

fn refused(error: &Error) -> Failure {
    Failure::new(ErrorCode::SettingsUnusable, format!("the registry of Windows: {error}"))
}
