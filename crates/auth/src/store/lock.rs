//! One writer: the lock that every process of a home acquires before it changes the store.
//!
//! Two locks are taken, that of the file and that of the folder: whoever deletes the file while it is held must not let a
//! second writer in. A folder that cannot be locked, as on some network file systems, leaves the file's.
//!
//! A file of its own, because locking the records would block readers on Windows. It contains no secret, only the name of
//! the holder, so that a hanging holder can be named.

use std::convert::Infallible;
use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use usher_domain::{ErrorCode, Failure};

use crate::platform::blocking::run_blocking;
use crate::platform::private_file::{make_private_folder, open_private, open_private_to_write};

const FILE: &str = "usher.lock";
/// Limits how long a change waits for another process that is writing: longer than a normal refresh takes.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(25);
/// Interval between tries to acquire a held lock. No system has a file lock with a timeout.
const POLL: Duration = Duration::from_millis(15);

/// The lock of one home.
#[derive(Debug, Clone)]
pub struct HomeLock {
    path: PathBuf,
}

/// Proves that the lock is held; dropping it releases the lock, and so does the end of the process.
#[derive(Debug)]
pub struct LockGuard {
    _file: File,
    _folder: Option<File>,
}

/// What the wait for the lock ended with.
#[derive(Debug)]
pub(crate) enum Waited<T> {
    Acquired(LockGuard),
    /// Another process did, under the lock, what this one wanted it for.
    Settled(T),
}

/// The outcome of one try.
enum Attempt {
    /// Both locks are held, as far as the folder can be locked.
    Held(Option<File>),
    /// The file is not the one at the path any more.
    Deleted,
}

impl HomeLock {
    /// Creates the lock of `folder`.
    pub fn new(folder: &Path) -> Self {
        Self { path: folder.join(FILE) }
    }

    /// Acquires the lock off the async threads.
    ///
    /// Fails with [`ErrorCode::Timeout`], naming the holder, if it is held for longer than `timeout`.
    pub async fn acquire(&self, timeout: Duration) -> Result<LockGuard, Failure> {
        let lock = self.clone();
        run_blocking(move || lock.acquire_blocking(timeout)).await
    }

    /// Acquires the lock, or ends the wait for it as soon as `settled` returns something.
    ///
    /// So any number of processes that wait for the same thing go on together, instead of each waiting for its turn
    /// just to see that it is done. `settled` may read files.
    pub(crate) async fn acquire_unless<T: Send + 'static>(
        &self,
        timeout: Duration,
        settled: impl FnMut() -> Option<T> + Send + 'static,
    ) -> Result<Waited<T>, Failure> {
        let lock = self.clone();
        run_blocking(move || lock.wait(lock.open_file()?, timeout, settled)).await
    }

    /// Acquires the lock on the calling thread; see [`acquire`](Self::acquire).
    pub fn acquire_blocking(&self, timeout: Duration) -> Result<LockGuard, Failure> {
        self.acquire_opened(self.open_file()?, timeout)
    }

    fn acquire_opened(&self, file: File, timeout: Duration) -> Result<LockGuard, Failure> {
        match self.wait(file, timeout, || None::<Infallible>)? {
            Waited::Acquired(guard) => Ok(guard),
            Waited::Settled(never) => match never {},
        }
    }

    fn wait<T>(
        &self,
        mut file: File,
        timeout: Duration,
        mut settled: impl FnMut() -> Option<T>,
    ) -> Result<Waited<T>, Failure> {
        let started = Instant::now();
        loop {
            match self.try_both(&file) {
                Ok(Attempt::Held(folder)) => {
                    // Without the name, others get a less helpful message; the lock works all the same.
                    let _ = write_holder(&mut file);
                    return Ok(Waited::Acquired(LockGuard { _file: file, _folder: folder }));
                }
                // Deleted since it was opened: whoever comes now locks another file.
                Ok(Attempt::Deleted) => file = self.open_file()?,
                Err(TryLockError::WouldBlock) => {
                    if let Some(result) = settled() {
                        return Ok(Waited::Settled(result));
                    }
                    if started.elapsed() >= timeout {
                        return Err(self.timed_out(timeout));
                    }
                    std::thread::sleep(POLL);
                }
                Err(TryLockError::Error(error)) => return Err(self.failed(error)),
            }
        }
    }

    /// Takes both locks, or none.
    fn try_both(&self, file: &File) -> Result<Attempt, TryLockError> {
        file.try_lock()?;
        let taken = match is_at(file, &self.path) {
            Ok(true) => self.try_folder().map(Attempt::Held),
            Ok(false) => Ok(Attempt::Deleted),
            Err(error) => Err(TryLockError::Error(error)),
        };
        if !matches!(taken, Ok(Attempt::Held(_))) {
            file.unlock().map_err(TryLockError::Error)?;
        }
        taken
    }

    fn try_folder(&self) -> Result<Option<File>, TryLockError> {
        // Windows opens no folder as a file, and deletes no file that is locked.
        let Some(folder) = self.path.parent().filter(|_| cfg!(unix)) else { return Ok(None) };
        let Ok(folder) = File::open(folder) else { return Ok(None) };
        match folder.try_lock() {
            Ok(()) => Ok(Some(folder)),
            Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
            Err(TryLockError::Error(error)) => {
                tracing::debug!(%error, "the folder of this home cannot be locked");
                Ok(None)
            }
        }
    }

    fn open_file(&self) -> Result<File, Failure> {
        let folder = self.path.parent().map_or(Ok(()), make_private_folder);
        folder.and_then(|()| open_private_to_write(&self.path)).map_err(|error| self.failed(error))
    }

    fn failed(&self, error: std::io::Error) -> Failure {
        let cause = format!("could not lock {}: {error}", self.path.display());
        Failure::new(ErrorCode::StoreUnavailable, cause).with_source(error)
    }

    fn timed_out(&self, timeout: Duration) -> Failure {
        let mut holder = String::new();
        if let Ok(file) = open_private(&self.path) {
            // On Windows a locked file cannot be read, so the holder is not named.
            let _ = file.take(200).read_to_string(&mut holder);
        }
        let holder = match holder.trim() {
            "" => "another Usher process".to_owned(),
            name => usher_domain::redact(name),
        };
        let cause =
            format!("waited {timeout:?} for the lock of this home, which {holder} has; stop it if it hangs");
        Failure::new(ErrorCode::Timeout, cause)
    }
}

/// Returns whether `file` is the file at `path`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let own = file.metadata()?;
    match std::fs::symlink_metadata(path) {
        Ok(now) => Ok((own.dev(), own.ino()) == (now.dev(), now.ino())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
fn is_at(_file: &File, _path: &Path) -> std::io::Result<bool> {
    Ok(true)
}

fn write_holder(file: &mut File) -> std::io::Result<()> {
    let program = std::env::current_exe().ok();
    let name =
        program.as_deref().and_then(Path::file_name).map_or("usher".into(), |name| name.to_string_lossy());
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{name} (process {})", std::process::id())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn lock_file_deleted_while_it_is_held_lets_nobody_else_in() {
        let home = tempfile::tempdir().unwrap();
        let lock = HomeLock::new(home.path());
        let held = lock.acquire_blocking(Duration::ZERO).unwrap();
        let opened_before = lock.open_file().unwrap();
        std::fs::remove_file(&lock.path).unwrap();
        let refused = lock.acquire_blocking(Duration::ZERO).unwrap_err();
        assert_eq!(refused.code, ErrorCode::Timeout);
        drop(held);
        // Who waited at the deleted file gets the one at the path.
        let taken = lock.acquire_opened(opened_before, Duration::ZERO).unwrap();
        assert!(lock.path.exists());
        lock.acquire_blocking(Duration::ZERO).unwrap_err();
        drop(taken);
        lock.acquire_blocking(Duration::ZERO).unwrap();
    }

    #[test]
    fn wait_for_the_lock_ends_when_its_purpose_is_settled() {
        let home = tempfile::tempdir().unwrap();
        let lock = HomeLock::new(home.path());
        let held = lock.acquire_blocking(Duration::ZERO).unwrap();
        let mut looks = 0;
        let settled = move || {
            looks += 1;
            (looks == 3).then_some(looks)
        };
        let waited = lock.wait(lock.open_file().unwrap(), Duration::from_secs(60), settled).unwrap();
        assert!(matches!(waited, Waited::Settled(3)));
        drop(held);
        let waited = lock.wait(lock.open_file().unwrap(), Duration::ZERO, || Some(0)).unwrap();
        assert!(matches!(waited, Waited::Acquired(_)), "a free lock is taken");
    }
}
