//! The lock that allows one background process per home, and who holds it.

use serde::{Deserialize, Serialize};
use usher_domain::Failure;

use crate::context::{Context, blocking};
use crate::platform::process_lock::{ProcessLock, ProcessLockFiles};

/// The process that has the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackgroundHolder {
    /// The process id.
    pub process: u32,
    /// The version of the program.
    pub version: String,
}

/// The lock that allows one background process per home.
pub struct BackgroundLock(pub(super) ProcessLock);

fn files(context: &Context) -> ProcessLockFiles<'_> {
    ProcessLockFiles { folder: &context.home.data, lock: "background.lock", holder: "background.json" }
}

/// Takes the lock; `None` if another process has it.
pub(super) fn take(context: &Context) -> Result<Option<BackgroundLock>, Failure> {
    Ok(blocking(|| files(context).take())?.map(BackgroundLock))
}

/// Returns whether a process has the lock, also while it only starts.
pub(super) fn is_held(context: &Context) -> bool {
    blocking(|| files(context).is_held())
}

/// Returns the process that has the lock.
pub(super) fn running(context: &Context) -> Option<BackgroundHolder> {
    if is_held(context) { blocking(|| files(context).read_holder()) } else { None }
}
