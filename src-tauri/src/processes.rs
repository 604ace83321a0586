//! Other programs, made by the shell plugin's Rust side and run by the core. The page has no right to it: what may be run
//! is the core's to say.

use std::process::Command;
use std::sync::OnceLock;

use tauri::AppHandle;
use tauri_plugin_shell::ShellExt as _;
use usher_app::SystemProcesses;
use usher_domain::ports::{BoxFuture, OnOutputLine, ProcessRunner};
use usher_domain::{ErrorCode, Failure};

use crate::drawing;

/// Starts programs by the search path, once the app runs.
#[derive(Default)]
pub(crate) struct ShellProcesses {
    app: OnceLock<AppHandle>,
    /// Runs them, and ends them with all that they have started, which the plugin does not.
    processes: SystemProcesses,
}

impl ShellProcesses {
    /// The core is made before the app that it runs in.
    pub(crate) fn runs_in(&self, app: &AppHandle) {
        // Set once, at the start.
        let _ = self.app.set(app.clone());
    }
}

impl ProcessRunner for ShellProcesses {
    fn run(
        &self,
        program: &str,
        arguments: &[&str],
        on_line: OnOutputLine,
    ) -> BoxFuture<'_, Result<i32, Failure>> {
        let Some(app) = self.app.get() else {
            let early = Failure::new(ErrorCode::UpstreamError, "the window is not open yet");
            return Box::pin(std::future::ready(Err(early)));
        };
        // On Windows it opens no console.
        let mut command = Command::from(app.shell().command(program).args(arguments));
        for name in drawing::own_variables() {
            command.env_remove(name);
        }
        self.processes.run_command(program, command, on_line)
    }

    fn wait_idle(&self) -> BoxFuture<'_, ()> {
        self.processes.wait_idle()
    }
}
