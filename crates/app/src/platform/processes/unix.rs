//! A process group, as POSIX has it: asked to end by SIGTERM, ended by SIGKILL.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

/// How long a program may take to put its things away.
const GRACE: Duration = Duration::from_secs(1);
/// How often the group is checked meanwhile: the system does not report the end of a group.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// A program and all that it has started. Absent when the program has ended and was taken leave of.
pub(super) struct Group(Option<Pid>);

/// Has `command` start in a group of its own.
pub(super) fn apart(command: &mut Command) {
    command.process_group(0);
}

impl Group {
    pub(super) fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw))
    }

    pub(super) fn ask_to_end(&self) {
        self.send(Signal::SIGTERM);
    }

    pub(super) fn end_now(&self) {
        self.send(Signal::SIGKILL);
    }

    /// Waits for its end, and brings it about when that takes too long.
    pub(super) async fn end(self, mut child: Child) {
        if !self.is_gone_in_time(&mut child).await {
            self.end_now();
            // Nothing is left to be told when even this fails.
            self.is_gone_in_time(&mut child).await;
        }
    }

    async fn is_gone_in_time(&self, child: &mut Child) -> bool {
        let began = Instant::now();
        while self.is_there(child) {
            if began.elapsed() > GRACE {
                return false;
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
        true
    }

    fn is_there(&self, child: &mut Child) -> bool {
        // A program that has ended is counted until it is taken leave of.
        let ended = matches!(child.try_wait(), Ok(Some(_)));
        !ended || self.0.is_some_and(|group| killpg(group, None).is_ok())
    }

    fn send(&self, signal: Signal) {
        if let Some(group) = self.0 {
            // Gone meanwhile: that is what was wanted.
            let _ = killpg(group, signal);
        }
    }
}
