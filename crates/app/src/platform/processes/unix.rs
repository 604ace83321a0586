//! Process groups of POSIX, ended by SIGTERM and then by SIGKILL.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

/// Time that a program has to end after SIGTERM.
const GRACE_PERIOD: Duration = Duration::from_secs(1);
/// How often the group is checked: the system does not report the end of a group.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// A program and all that it has started; `None` when the program has ended and was reaped.
pub(super) struct ProcessGroup(Option<Pid>);

/// Makes `command` start in a group of its own.
pub(super) fn set_own_group(command: &mut Command) {
    command.process_group(0);
}

impl ProcessGroup {
    pub(super) fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw))
    }

    /// Requests the end of the group.
    pub(super) fn terminate(&self) {
        self.send(Signal::SIGTERM);
    }

    /// Ends the group at once.
    pub(super) fn kill(&self) {
        self.send(Signal::SIGKILL);
    }

    /// Waits for the end of the group, and kills it after the grace period.
    pub(super) async fn end(self, mut child: Child) {
        if !self.ends_in_time(&mut child).await {
            self.kill();
            // If even this fails, there is nothing else to do.
            self.ends_in_time(&mut child).await;
        }
    }

    async fn ends_in_time(&self, child: &mut Child) -> bool {
        let started = Instant::now();
        while self.exists(child) {
            if started.elapsed() > GRACE_PERIOD {
                return false;
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
        true
    }

    fn exists(&self, child: &mut Child) -> bool {
        // A program that has ended belongs to the group until it is reaped, which `try_wait` does.
        let ended = matches!(child.try_wait(), Ok(Some(_)));
        !ended || self.0.is_some_and(|group| killpg(group, None).is_ok())
    }

    fn send(&self, signal: Signal) {
        if let Some(group) = self.0 {
            // An error means that it has ended meanwhile.
            let _ = killpg(group, signal);
        }
    }
}
