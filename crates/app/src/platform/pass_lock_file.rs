//! The files that say that all passes are locked.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use usher_auth::{FileVersion, make_private_folder, open_private_to_write, replace_file};
use usher_domain::{ErrorCode, Failure, UnixTime};

/// Who can lock all passes, each by a file: neither lifts a lock of the other one by accident.
pub(crate) struct PassLockFiles {
    /// The person locked them.
    pub(crate) by_person: PassLockFile,
    /// They are locked while the screen is.
    pub(crate) with_screen: PassLockFile,
    /// Held by each process that sees a locked screen.
    pub(crate) screen: ScreenLockFile,
}

impl PassLockFiles {
    pub(crate) fn new(folder: &Path) -> Self {
        let file = |name| PassLockFile { path: folder.join(name) };
        Self {
            by_person: file("passes.locked"),
            with_screen: file("passes.locked-with-screen"),
            screen: ScreenLockFile { path: folder.join("screen.lock") },
        }
    }

    /// Returns the versions of both files: two calls of `stat`.
    pub(crate) fn versions(&self) -> [Option<FileVersion>; 2] {
        [self.by_person.version(), self.with_screen.version()]
    }

    /// Returns since when all passes are locked; `None` if they are not.
    pub(crate) fn since(&self) -> Option<UnixTime> {
        let both = [self.by_person.since(), self.with_screen.since()];
        both.into_iter().flatten().min()
    }
}

/// An empty file in the home: as long as it is there, all passes are locked.
///
/// A file of its own and not a setting, so that it also works with a broken `config.toml`, needs no lock that a refresh may
/// hold, and almost no space on a full disk.
pub(crate) struct PassLockFile {
    path: PathBuf,
}

impl PassLockFile {
    /// Returns the version of the file, which is there while all passes are locked: one call of `stat`.
    pub(crate) fn version(&self) -> Option<FileVersion> {
        FileVersion::of(&self.path)
    }

    /// Returns since when all passes are locked; `None` if they are not.
    ///
    /// What is there but cannot be looked at counts as locked: nothing is allowed by a mistake.
    pub(crate) fn since(&self) -> Option<UnixTime> {
        let data = match std::fs::symlink_metadata(&self.path) {
            Ok(data) => data,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return None;
            }
            Err(_) => return Some(UnixTime(0)),
        };
        let since = data.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Some(UnixTime(since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0))))
    }

    /// Creates the file. After a return it is there, also if the power fails; an error says that nothing is locked.
    pub(crate) fn create(&self) -> Result<(), Failure> {
        if self.since().is_some() {
            return Ok(());
        }
        let created = self
            .path
            .parent()
            .map_or(Ok(()), make_private_folder)
            .and_then(|()| replace_file(&self.path, b"", None));
        created.map_err(|error| self.failed("create", &error, "no pass is locked"))
    }

    /// Deletes the file, if it is there.
    pub(crate) fn remove(&self) -> Result<(), Failure> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(self.failed("delete", &error, "all passes stay locked"))
            }
            _ => Ok(()),
        }
    }

    fn failed(&self, action: &str, error: &io::Error, outcome: &str) -> Failure {
        let cause = format!("could not {action} {}: {error}; {outcome}", self.path.display());
        Failure::new(ErrorCode::StoreUnavailable, cause)
    }
}

/// A lock that all processes have which see a locked screen. The operating system releases it when a process ends.
pub(crate) struct ScreenLockFile {
    path: PathBuf,
}

impl ScreenLockFile {
    /// Takes the lock together with the other processes that have it. Waits while one has it alone.
    pub(crate) fn take_shared(&self) -> Result<File, Failure> {
        let file = self.open()?;
        file.lock_shared().map_err(|error| self.unusable(&error))?;
        Ok(file)
    }

    /// Takes the lock alone; `None` if another process has it.
    pub(crate) fn take_alone(&self) -> Result<Option<File>, Failure> {
        let file = self.open()?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(self.unusable(&error)),
        }
    }

    fn open(&self) -> Result<File, Failure> {
        let made = self.path.parent().map_or(Ok(()), make_private_folder);
        let opened = made.and_then(|()| open_private_to_write(&self.path));
        opened.map_err(|error| self.unusable(&error))
    }

    fn unusable(&self, error: &io::Error) -> Failure {
        Failure::new(ErrorCode::StoreUnavailable, format!("{}: {error}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_lasts_until_it_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let file = PassLockFiles::new(&folder.path().join("new")).by_person;
        let other = PassLockFiles::new(&folder.path().join("new")).by_person;
        assert_eq!((other.since(), other.version()), (None, None));
        file.remove().unwrap();
        file.create().unwrap();
        let since = other.since().unwrap();
        assert!(since.0 > 1_700_000_000 && other.version().is_some());
        file.create().unwrap();
        assert_eq!(other.since(), Some(since), "a second time changes nothing");
        other.remove().unwrap();
        assert_eq!((file.since(), file.version()), (None, None));
    }

    #[test]
    fn passes_are_locked_until_both_locks_are_lifted() {
        let folder = tempfile::tempdir().unwrap();
        let locks = PassLockFiles::new(folder.path());
        let before = locks.versions();
        locks.with_screen.create().unwrap();
        assert!(locks.since().is_some() && locks.versions() != before);
        locks.by_person.create().unwrap();
        locks.with_screen.remove().unwrap();
        assert!(locks.since().is_some());
        locks.by_person.remove().unwrap();
        assert_eq!((locks.since(), locks.versions()), (None, before));
    }

    #[test]
    fn lock_that_cannot_be_written_fails() {
        let folder = tempfile::tempdir().unwrap();
        let no_folder = folder.path().join("file");
        std::fs::write(&no_folder, "").unwrap();
        let file = PassLockFiles::new(&no_folder).by_person;
        let failure = file.create().unwrap_err();
        assert_eq!(failure.code, ErrorCode::StoreUnavailable);
        assert!(failure.cause.ends_with("no pass is locked"), "{failure}");
        assert_eq!(file.since(), None);
    }
}
