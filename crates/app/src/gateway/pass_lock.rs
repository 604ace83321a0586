//! Stop everything: locks all passes of the home until somebody unlocks them.

use std::fs::File;
use std::sync::Arc;

use parking_lot::Mutex;
use usher_domain::{ErrorCode, Failure, UnixTime};

use crate::context::{Context, blocking};

/// Locks all passes, and unlocks them.
///
/// While they are locked the gateway refuses every request with a pass, whichever process runs it, and cuts what it is
/// answering within a second. Usher's own requests go on. A restart changes nothing.
pub struct PassLock {
    context: Arc<Context>,
    /// Held while this process sees a locked screen.
    screen: Mutex<Option<File>>,
}

impl PassLock {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { context, screen: Mutex::default() }
    }

    /// Locks all passes. Fails with [`ErrorCode::StoreUnavailable`] when that cannot be written; nothing is locked then.
    pub fn lock(&self) -> Result<(), Failure> {
        blocking(|| self.context.pass_lock.by_person.create())?;
        self.context.changed();
        Ok(())
    }

    /// Locks all passes while the screen is locked, or lifts that lock. One that the person made stays, and that of another
    /// process as long as that one sees a locked screen.
    pub fn set_locked_with_screen(&self, locked: bool) -> Result<(), Failure> {
        let has_changed =
            blocking(|| if locked { self.lock_with_screen() } else { self.lift_lock_with_screen() })?;
        if has_changed {
            self.context.changed();
        }
        Ok(())
    }

    /// Locks all passes with the screen. Returns whether they were not.
    fn lock_with_screen(&self) -> Result<bool, Failure> {
        let files = &self.context.pass_lock;
        // Before there is a lock that another process could lift. Without it the passes are locked all the same.
        let screen = files.screen.take_shared();
        let is_new = files.with_screen.since().is_none();
        files.with_screen.create()?;
        match screen {
            Ok(screen) => *self.screen.lock() = Some(screen),
            Err(failure) => {
                tracing::warn!(cause = %failure, "another process may lift the lock with the screen");
            }
        }
        Ok(is_new)
    }

    /// Lifts the lock with the screen, unless another process sees a locked screen: then that one does it. Returns whether it
    /// was lifted.
    fn lift_lock_with_screen(&self) -> Result<bool, Failure> {
        let files = &self.context.pass_lock;
        *self.screen.lock() = None;
        if files.with_screen.since().is_none() {
            return Ok(false);
        }
        let _alone = match files.screen.take_alone() {
            Ok(None) => return Ok(false),
            Ok(alone) => alone,
            // Then nobody knows of other processes, and passes that stay locked are worse.
            Err(failure) => {
                tracing::warn!(cause = %failure, "whether another process sees a locked screen is not known");
                None
            }
        };
        files.with_screen.remove()?;
        Ok(true)
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use usher_domain::ports::Browser;

    use super::*;
    use crate::{App, Environment, SystemClock, SystemProcesses};

    struct NoBrowser;

    impl Browser for NoBrowser {
        fn open(&self, _: &url::Url) -> Result<(), Failure> {
            Ok(())
        }
    }

    /// The lock as another process of the home has it.
    fn process_in(home: &Path) -> PassLock {
        let environment = Environment::from(|name| match name {
            "USHER_HOME" | "HOME" => Some(home.as_os_str().to_owned()),
            "USHER_SECRETS" => Some("file".into()),
            _ => None,
        });
        let processes = Arc::new(SystemProcesses::default());
        let app = App::new(environment.unwrap(), Arc::new(SystemClock), Arc::new(NoBrowser), processes);
        app.unwrap().pass_lock
    }

    #[test]
    fn lock_with_the_screen_is_lifted_by_the_last_process_that_sees_a_locked_one() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other, without_screen] = [(); 3].map(|()| process_in(folder.path()));
        one.set_locked_with_screen(true).unwrap();
        other.set_locked_with_screen(true).unwrap();
        for process in [&without_screen, &one] {
            process.set_locked_with_screen(false).unwrap();
            assert!(other.locked_since().is_some());
        }
        other.set_locked_with_screen(false).unwrap();
        assert_eq!(one.locked_since(), None);
    }

    #[test]
    fn lock_with_the_screen_of_a_process_that_is_gone_is_lifted_by_another_one() {
        let folder = tempfile::tempdir().unwrap();
        process_in(folder.path()).set_locked_with_screen(true).unwrap();
        let other = process_in(folder.path());
        assert!(other.locked_since().is_some());
        other.set_locked_with_screen(false).unwrap();
        assert_eq!(other.locked_since(), None);
    }

    /// Such as one that another user owns.
    #[test]
    fn file_that_cannot_be_opened_keeps_nothing_locked() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("screen.lock")).unwrap();
        let process = process_in(folder.path());
        process.set_locked_with_screen(true).unwrap();
        assert!(process.locked_since().is_some());
        process.set_locked_with_screen(false).unwrap();
        assert_eq!(process.locked_since(), None);
    }

    /// What the person allowed while the screen is locked.
    #[test]
    fn unlocked_passes_are_locked_again_with_the_next_locked_screen() {
        let folder = tempfile::tempdir().unwrap();
        let process = process_in(folder.path());
        for _ in 0..2 {
            process.set_locked_with_screen(true).unwrap();
            assert!(process.locked_since().is_some());
            process.unlock().unwrap();
            process.set_locked_with_screen(false).unwrap();
            assert_eq!(process.locked_since(), None);
        }
    }
}
