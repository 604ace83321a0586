//! One writer: the lock that every process of a home acquires before it changes the store.
//!
//! A file of its own, because locking the records would block readers on Windows. It contains no secret, only the name of
//! the holder, so that a hanging holder can be named.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use usher_domain::{ErrorCode, Failure};

use crate::platform::blocking::run_blocking;

const FILE: &str = "usher.lock";
/// Limits how long a change waits for another process that is writing: longer than a normal refresh takes.
pub(crate) const LOCK_TIMEOUT: Duration = Duration::from_secs(25);
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

    /// Acquires the lock on the calling thread; see [`acquire`](Self::acquire).
    pub fn acquire_blocking(&self, timeout: Duration) -> Result<LockGuard, Failure> {
        let failed = |error: std::io::Error| {
            let cause = format!("could not lock {}: {error}", self.path.display());
            Failure::new(ErrorCode::StoreUnavailable, cause).with_source(error)
        };
        let started = Instant::now();
        let mut file = self.open().map_err(failed)?;
        loop {
            match file.try_lock() {
                Ok(()) => {
                    // Without the name, others get a less helpful message; the lock works all the same.
                    let _ = write_holder(&mut file);
                    return Ok(LockGuard { _file: file });
                }
                Err(TryLockError::WouldBlock) if started.elapsed() < timeout => std::thread::sleep(POLL),
                Err(TryLockError::WouldBlock) => return Err(self.timed_out(timeout)),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
    }

    fn open(&self) -> std::io::Result<File> {
        if let Some(folder) = self.path.parent() {
            let mut builder = std::fs::DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(folder)?;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.path)
    }

    fn timed_out(&self, timeout: Duration) -> Failure {
        let mut holder = String::new();
        if let Ok(file) = File::open(&self.path) {
            // On Windows a locked file cannot be read, so the holder is not named.
            let _ = file.take(200).read_to_string(&mut holder);
        }
        let holder = match holder.trim() {
            "" => "another Usher process".to_owned(),
            name => usher_domain::redact(name),
        };
        let cause = format!("{holder} has held the lock of this home for more than {timeout:?}");
        Failure::new(ErrorCode::Timeout, cause)
    }
}

fn write_holder(file: &mut File) -> std::io::Result<()> {
    let program = std::env::current_exe().ok();
    let name =
        program.as_deref().and_then(Path::file_name).map_or("usher".into(), |name| name.to_string_lossy());
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{name} (process {})", std::process::id())
}
