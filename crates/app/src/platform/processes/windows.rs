//! Process trees of Windows, ended by `taskkill`.
//!
//! Windows has no signal that a program without a window receives, so the program and all that it has started are ended
//! at once.

use std::process::Stdio;

use tokio::process::{Child, Command};

/// Opens no console window (`CREATE_NO_WINDOW`), which would flash over ours.
const NO_WINDOW: u32 = 0x0800_0000;

/// A program and all that it has started; `None` when the program has ended.
pub(super) struct ProcessGroup(Option<u32>);

/// Does nothing: the system knows the parent of each process.
pub(super) fn set_own_group(_: &mut Command) {}

impl ProcessGroup {
    pub(super) fn of(child: &Child) -> Self {
        Self(child.id())
    }

    /// Does nothing: there is no signal for it.
    #[expect(clippy::unused_self, reason = "as on Unix")]
    pub(super) fn terminate(&self) {}

    /// Ends the tree, without waiting.
    pub(super) fn kill(&self) {
        if let Some(mut taskkill) = self.taskkill() {
            // If it cannot be started, the program runs on, and there is nothing else to do.
            let _ = taskkill.spawn();
        }
    }

    /// Ends the tree and waits for the end of the program.
    pub(super) async fn end(self, mut child: Child) {
        let ended = match self.taskkill() {
            Some(mut taskkill) => taskkill.status().await.is_ok_and(|status| status.success()),
            None => true,
        };
        if !ended {
            // At least the program itself; an error means that it has just ended.
            let _ = child.start_kill();
        }
        let _ = child.wait().await;
    }

    fn taskkill(&self) -> Option<Command> {
        let mut command = Command::new("taskkill");
        command.args(["/T", "/F", "/PID", &self.0?.to_string()]).creation_flags(NO_WINDOW);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Some(command)
    }
}
