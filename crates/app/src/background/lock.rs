//! The lock that allows one background process per home, and who holds it.

use std::io;

use serde::{Deserialize, Serialize};
use usher_auth::open_private_to_write;
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

/// Is there from the end of a process that somebody ended, by a command, the tray or a signal, until the next one starts. A
/// process that is killed leaves none.
const END_MARK: &str = "background.ended";

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

/// Writes down that this process, which has the lock, was ended on purpose.
pub(super) fn mark_end(context: &Context) -> io::Result<()> {
    open_private_to_write(&context.home.data.join(END_MARK)).map(drop)
}

/// Forgets how the process before this one ended.
pub(super) fn clear_end_mark(context: &Context) -> io::Result<()> {
    match std::fs::remove_file(context.home.data.join(END_MARK)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Returns whether the last process was ended on purpose, and none has started since.
pub(super) fn was_ended(context: &Context) -> bool {
    blocking(|| context.home.data.join(END_MARK).exists())
}
