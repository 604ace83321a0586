//! One writer: the lock that every process of a home takes before it changes what is kept.
//!
//! A file of its own, because locking the records would block readers on Windows. It holds no secret, only
//! who has the lock, so that a holder which hangs can be named.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use usher_domain::{ErrorCode, Failure};

use crate::platform::blocking::run_blocking;

const FILE: &str = "usher.lock";
/// Limits how long a change waits for another process that is writing: longer than an honest refresh takes.
pub(crate) const LOCK_TIMEOUT: Duration = Duration::from_secs(25);
/// How often a lock that is held is tried again. The system has no wait for a file lock with a limit.
const POLL: Duration = Duration::from_millis(15);

/// The lock of one home.
#[derive(Debug, Clone)]
pub struct HomeLock {
    path: PathBuf,
}

/// Proof that the lock is held; it is let go on drop, or by the system when the process dies.
#[derive(Debug)]
pub struct LockGuard {
    _file: File,
}

impl HomeLock {
    /// The lock of `folder`.
    pub fn new(folder: &Path) -> Self {
        Self { path: folder.join(FILE) }
    }

    /// Waits for the lock for at most `timeout`, off the async threads, and names the holder after that.
    pub async fn acquire(&self, timeout: Duration) -> Result<LockGuard, Failure> {
        let lock = self.clone();
        run_blocking(move || lock.acquire_blocking(timeout)).await
    }

    /// The same on the calling thread.
    pub fn acquire_blocking(&self, timeout: Duration) -> Result<LockGuard, Failure> {
        let failed = |error: std::io::Error| {
            let cause = format!("could not lock {}: {error}", self.path.display());
            Failure::new(ErrorCode::StoreUnavailable, cause).with_source(error)
        };
        let began = Instant::now();
        let mut file = self.open().map_err(failed)?;
        loop {
            match file.try_lock() {
                Ok(()) => {
                    // Not being able to leave our name costs only a less helpful sentence for others.
                    let _ = leave_name(&mut file);
                    return Ok(LockGuard { _file: file });
                }
                Err(TryLockError::WouldBlock) if began.elapsed() < timeout => std::thread::sleep(POLL),
                Err(TryLockError::WouldBlock) => return Err(self.held_by_another(timeout)),
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

    fn held_by_another(&self, timeout: Duration) -> Failure {
        let mut holder = String::new();
        if let Ok(file) = File::open(&self.path) {
            // On Windows a locked file cannot be read; then the holder stays unnamed.
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

fn leave_name(file: &mut File) -> std::io::Result<()> {
    let program = std::env::current_exe().ok();
    let name =
        program.as_deref().and_then(Path::file_name).map_or("usher".into(), |name| name.to_string_lossy());
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{name} (process {})", std::process::id())
}
