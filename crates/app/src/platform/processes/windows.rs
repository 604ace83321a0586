//! Windows has no signal that a program without a window would hear: it and all that it has started are ended at once,
//! by the system's own `taskkill`.

use std::process::Stdio;

use tokio::process::{Child, Command};

/// Opens no console, which would flash up over the window (`CREATE_NO_WINDOW`).
const NO_WINDOW: u32 = 0x0800_0000;

/// A program and all that it has started. Absent when the program has ended.
pub(super) struct Group(Option<u32>);

/// The system knows by itself who started whom.
pub(super) fn apart(_: &mut Command) {}

impl Group {
    pub(super) fn of(child: &Child) -> Self {
        Self(child.id())
    }

    /// There is no asking.
    pub(super) fn ask_to_end(&self) {}

    pub(super) fn end_now(&self) {
        if let Some(mut taskkill) = self.taskkill() {
            // What cannot be started leaves the program running, and nobody is left to be told.
            let _ = taskkill.spawn();
        }
    }

    /// Ends it and waits for its end.
    pub(super) async fn end(self, mut child: Child) {
        let ended = match self.taskkill() {
            Some(mut taskkill) => taskkill.status().await.is_ok_and(|status| status.success()),
            None => true,
        };
        if !ended {
            // At least the program itself; one that has just ended is not there to be ended.
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
