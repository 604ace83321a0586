//! Stop everything: locks all passes of the home until somebody unlocks them.

use std::sync::Arc;

use usher_domain::{ErrorCode, Failure, UnixTime};

use crate::context::{Context, blocking};

/// Locks all passes, and unlocks them.
///
/// While they are locked the gateway refuses every request with a pass, whichever process runs it, and cuts what it is
/// answering within a second. Usher's own requests go on. A restart changes nothing.
pub struct PassLock {
    context: Arc<Context>,
}

impl PassLock {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// Locks all passes. Fails with [`ErrorCode::StoreUnavailable`] when that cannot be written; nothing is locked then.
    pub fn lock(&self) -> Result<(), Failure> {
        blocking(|| self.context.pass_lock.by_person.create())?;
        self.context.changed();
        Ok(())
    }

    /// Locks all passes while the screen is locked, or lifts that lock. One that the person made stays.
    pub fn set_locked_with_screen(&self, locked: bool) -> Result<(), Failure> {
        let lock = &self.context.pass_lock.with_screen;
        if blocking(|| lock.since()).is_some() == locked {
            return Ok(());
        }
        blocking(|| if locked { lock.create() } else { lock.remove() })?;
        self.context.changed();
        Ok(())
    }

    /// Unlocks all passes, also those that are locked with the screen. Fails with [`ErrorCode::StoreUnavailable`] when they stay locked.
    pub fn unlock(&self) -> Result<(), Failure> {
        blocking(|| {
            self.context.pass_lock.by_person.remove()?;
            self.context.pass_lock.with_screen.remove()
        })?;
        self.context.changed();
        Ok(())
    }

    /// Returns since when all passes are locked; `None` if they are not.
    pub fn locked_since(&self) -> Option<UnixTime> {
        blocking(|| self.context.pass_lock.since())
    }
}

/// Returns why requests with any pass are refused while all are locked.
pub(crate) fn locked() -> Failure {
    Failure::new(ErrorCode::Locked, "everything was stopped: all passes are locked")
}

/// Fails while all passes are locked.
pub(crate) fn check_unlocked(context: &Context) -> Result<(), Failure> {
    if blocking(|| context.pass_lock.since()).is_some() { Err(locked()) } else { Ok(()) }
}
