//! Replaces the settings file by an empty one, and keeps the old one.

use std::fs;
use std::path::{Path, PathBuf};

use usher_domain::{ErrorCode, Failure};

use super::default_text;
use super::file::{SettingsFile, is_too_large, read_bytes, write};
use crate::context::blocking;

/// The beginning and the end of the name that the old file is kept under; the time is between them.
const BACKUP: (&str, &str) = ("config.before-reset-", ".toml");

impl SettingsFile {
    /// Replaces the file by an empty one, also where it is invalid. Returns the file that the old text is kept in; `None`
    /// where there was none.
    ///
    /// The caller holds the home's lock.
    pub(crate) fn reset(&self, now: i64) -> Result<Option<PathBuf>, Failure> {
        blocking(|| {
            let backup = self.free_backup(now);
            if !self.keep_old(&backup)? {
                return Ok(None);
            }
            self.replace_text(&default_text())?;
            Ok(Some(backup))
        })
    }

    /// Keeps the old text in `backup`. Returns false where there is none.
    fn keep_old(&self, backup: &Path) -> Result<bool, Failure> {
        if is_too_large(self.path()) {
            let failed =
                |error| self.failure(&format!("which could not be renamed: {error}; nothing was changed"));
            return fs::rename(self.path(), backup).map(|()| true).map_err(failed);
        }
        let old = read_bytes(self.path()).map_err(|why| self.failure(&why))?;
        let Some(old) = old.filter(|old| *old != default_text().as_bytes()) else { return Ok(false) };
        write(backup, &old).map(|()| true)
    }

    /// Puts the text of `backup` back, unless the file was changed since the reset.
    ///
    /// The caller holds the home's lock.
    pub(crate) fn undo_reset(&self, backup: &Path) -> Result<(), Failure> {
        blocking(|| {
            let now = read_bytes(self.path()).map_err(|why| self.failure(&why))?;
            if now.as_deref() != Some(default_text().as_bytes()) {
                let cause =
                    format!("the settings were changed since; the old ones are in {}", backup.display());
                return Err(Failure::new(ErrorCode::BadUsage, cause));
            }
            let old = read_bytes(backup).map_err(|why| self.failure(&why))?;
            let old =
                old.ok_or_else(|| self.failure(&format!("{} is not there any more", backup.display())))?;
            match String::from_utf8(old) {
                Ok(text) => self.replace_text(&text),
                // It was no valid text before the reset either.
                Err(error) => write(self.path(), error.as_bytes()),
            }
        })
    }

    /// Returns whether `path` is a file that a reset keeps.
    pub(crate) fn is_backup(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        path.parent() == self.path().parent() && name.starts_with(BACKUP.0) && name.ends_with(BACKUP.1)
    }

    fn free_backup(&self, now: i64) -> PathBuf {
        let named = |number: i64| self.path().with_file_name(format!("{}{number}{}", BACKUP.0, BACKUP.1));
        let mut number = now;
        while fs::symlink_metadata(named(number)).is_ok() {
            number += 1;
        }
        named(number)
    }
}

#[cfg(test)]
mod tests {
    use super::super::file::FILE;
    use super::*;
    use crate::providers::kinds::settings_keys;

    #[test]
    fn reset_keeps_the_old_file_and_is_undone() {
        for text in ["# mine\nlanguage = \"de\"\nfuture = 1\n", "not = = toml"] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(FILE);
            let file = SettingsFile::new(folder.path(), &folder.path().join("data"), settings_keys);
            assert_eq!(file.reset(7).unwrap(), None, "there is none");
            fs::write(&path, text).unwrap();
            let backup = file.reset(7).unwrap().unwrap();
            assert_eq!(fs::read_to_string(&backup).unwrap(), text);
            assert!(file.read().unwrap().language().is_none());
            assert_eq!(file.reset(8).unwrap(), None, "nothing is left to reset");
            assert!(file.is_backup(&backup) && !file.is_backup(&path));
            file.undo_reset(&backup).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
            let again = file.reset(7).unwrap().unwrap();
            assert_ne!(again, backup, "an older backup stays");
            file.update(|settings| settings.set_gateway_port(1)).unwrap();
            let refused = file.undo_reset(&again).unwrap_err();
            assert!(refused.cause.contains(again.to_str().unwrap()), "{refused}");
        }
    }
}
