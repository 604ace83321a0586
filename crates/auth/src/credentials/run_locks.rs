//! Locks that say which runs of programs last. The pass of a run is valid while the process that made it holds the lock of
//! its file: the operating system frees the lock when that process ends, however it ends.
//!
//! Files are created and deleted under the lock of the home, so that nobody deletes one that is about to be locked. Only
//! the end of a run itself deletes without it: then its pass is to end at once.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use usher_domain::{ErrorCode, Failure};

use crate::platform::private_file::{make_private_folder, open_private, open_private_to_write};

const FOLDER: &str = "runs";
const EXTENSION: &str = "lock";

/// The locks of one home.
#[derive(Clone)]
pub(crate) struct RunLocks {
    folder: PathBuf,
}

/// Proves that a run lasts; dropping it ends the run, and so does the end of the process.
#[derive(Debug)]
pub(crate) struct RunLock {
    path: PathBuf,
    _locked: File,
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // A file that stays is free as soon as this process ends, and is deleted when the next run begins.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl RunLocks {
    /// Creates the locks of the home with this folder of data.
    pub(crate) fn new(data: &Path) -> Self {
        Self { folder: data.join(FOLDER) }
    }

    /// Takes the lock of the run with this pass, which nobody else knows yet.
    pub(crate) fn take(&self, pass: &str) -> Result<RunLock, Failure> {
        let path = self.path(pass);
        let taken = make_private_folder(&self.folder)
            .and_then(|()| open_private_to_write(&path))
            .and_then(|file| Ok((file.try_lock()?, file).1));
        let file = taken.map_err(|error| self.failed(&error))?;
        Ok(RunLock { path, _locked: file })
    }

    /// Returns whether the run with this pass lasts.
    pub(crate) fn is_held(&self, pass: &str) -> Result<bool, Failure> {
        match open_private(&self.path(pass)) {
            Ok(file) => is_locked(&file).map_err(|error| self.failed(&error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// Returns the passes whose runs last, in the order of their ids.
    pub(crate) fn held(&self) -> Vec<String> {
        let mut held: Vec<String> =
            self.passes().filter(|pass| self.is_held(pass).is_ok_and(|held| held)).collect();
        held.sort();
        held
    }

    /// Deletes what processes that were killed have left. Needs the lock of the home.
    pub(crate) fn delete_free(&self) {
        for pass in self.passes().filter(|pass| self.is_held(pass).is_ok_and(|held| !held)) {
            // It is tried again when the next run begins.
            let _ = std::fs::remove_file(self.path(&pass));
        }
    }

    fn passes(&self) -> impl Iterator<Item = String> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten();
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let locks = paths.filter(|path| path.extension().is_some_and(|end| end == EXTENSION));
        locks.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
    }

    fn path(&self, pass: &str) -> PathBuf {
        self.folder.join(pass).with_extension(EXTENSION)
    }

    fn failed(&self, error: &io::Error) -> Failure {
        let cause = format!("the locks in {}: {error}", self.folder.display());
        Failure::new(ErrorCode::StoreUnavailable, cause)
    }
}

/// Returns whether another process has locked `file`. Those who only look do not keep each other from seeing that.
fn is_locked(file: &File) -> io::Result<bool> {
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_lasts_as_long_as_its_lock_is_held() {
        let home = tempfile::tempdir().unwrap();
        let locks = RunLocks::new(home.path());
        assert!(!locks.is_held("a").unwrap());
        let lock = locks.take("a").unwrap();
        assert_eq!((locks.is_held("a").unwrap(), locks.held()), (true, vec!["a".to_owned()]));
        assert!(locks.take("a").is_err(), "a run has one process");
        drop(lock);
        assert!(!locks.is_held("a").unwrap());
        assert_eq!(locks.passes().count(), 0);
    }

    #[test]
    fn files_of_killed_processes_are_deleted_and_those_of_running_ones_stay() {
        let home = tempfile::tempdir().unwrap();
        let locks = RunLocks::new(home.path());
        let _running = locks.take("running").unwrap();
        drop(open_private_to_write(&locks.path("killed")).unwrap());
        assert!(!locks.is_held("killed").unwrap());
        locks.delete_free();
        assert_eq!(locks.passes().collect::<Vec<_>>(), ["running"]);
        assert!(locks.is_held("running").unwrap());
    }
}
