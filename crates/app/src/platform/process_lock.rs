//! A lock that one process of a home holds, and the file in which that process says what it runs.
//!
//! The operating system releases the lock when the process ends, however it ends.

use std::fs::{File, TryLockError};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde::de::DeserializeOwned;
use usher_auth::{make_private_folder, open_private, open_private_to_write, replace_locked_file};
use usher_domain::{ErrorCode, Failure};

/// Limits what is read of a holder file: an address and two words.
const MAX_HOLDER_BYTES: u64 = 4096;
/// How many times the lock is tried.
const LOCK_ATTEMPTS: u32 = 5;
/// The pause between two tries.
const LOCK_RETRY_DELAY: Duration = Duration::from_millis(20);

/// Names a lock and its holder file.
pub(crate) struct ProcessLockFiles<'a> {
    /// The folder of both.
    pub(crate) folder: &'a Path,
    /// Locked while the process runs.
    pub(crate) lock: &'static str,
    /// Names the process that holds the lock. A separate file, because on Windows a locked file cannot be read by others.
    pub(crate) holder: &'static str,
}

impl ProcessLockFiles<'_> {
    /// Takes the lock; `None` if another process has it.
    pub(crate) fn take(&self) -> Result<Option<ProcessLock>, Failure> {
        let path = self.folder.join(self.lock);
        let unusable = |error: std::io::Error| {
            Failure::new(ErrorCode::StoreUnavailable, format!("{}: {error}", path.display()))
        };
        make_private_folder(self.folder).map_err(unusable)?;
        let file = open_private_to_write(&path).map_err(unusable)?;
        match lock(&file) {
            Ok(()) => Ok(Some(ProcessLock { _locked: file, holder: self.folder.join(self.holder) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    /// Returns whether a process has the lock.
    pub(crate) fn is_held(&self) -> bool {
        let lock = open_private(&self.folder.join(self.lock)).ok();
        lock.is_some_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Returns what the holder of the lock wrote, or the last one did.
    pub(crate) fn read_holder<T: DeserializeOwned>(&self) -> Option<T> {
        let mut text = Vec::new();
        let file = open_private(&self.folder.join(self.holder)).ok()?;
        file.take(MAX_HOLDER_BYTES).read_to_end(&mut text).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Returns when a process last wrote the holder file; `None` when the last one ended in order.
    pub(crate) fn holder_modified(&self) -> Option<SystemTime> {
        std::fs::metadata(self.folder.join(self.holder)).ok()?.modified().ok()
    }
}

/// The lock, as long as this process has it.
pub(crate) struct ProcessLock {
    /// Holds the lock.
    _locked: File,
    holder: PathBuf,
}

impl ProcessLock {
    /// Writes what this process runs.
    pub(crate) fn write_holder(&self, holder: &impl Serialize) -> std::io::Result<()> {
        let text = serde_json::to_vec(holder).expect("a text and a number are JSON");
        replace_locked_file(&self.holder, &text, None)
    }
}

impl Drop for ProcessLock {
    /// Removes the holder file, so that watchers see the end. A file left by a killed process is ignored, because its
    /// lock is free.
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.holder);
    }
}

/// Takes the lock, with retries: a process that only checks whether it is held also holds it for a moment.
fn lock(file: &File) -> Result<(), TryLockError> {
    for _ in 0..LOCK_ATTEMPTS {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_RETRY_DELAY),
            other => return other,
        }
    }
    file.try_lock()
}
