//! Other programs, started through the shell plugin's Rust side. The page has no right to it: what may be run is the
//! core's to say.

use std::sync::OnceLock;

use tauri::AppHandle;
use tauri_plugin_shell::ShellExt as _;
use tauri_plugin_shell::process::{CommandChild, CommandEvent, TerminatedPayload};
use usher_domain::ports::{BoxFuture, OnLine, ProcessRunner};
use usher_domain::{ErrorCode, Failure};

/// Starts programs by the search path, once the app runs.
#[derive(Default)]
pub(crate) struct ShellProcesses {
    app: OnceLock<AppHandle>,
}

impl ShellProcesses {
    /// The core is made before the app that it runs in.
    pub(crate) fn runs_in(&self, app: &AppHandle) {
        // Said once, at the start.
        let _ = self.app.set(app.clone());
    }
}

impl ProcessRunner for ShellProcesses {
    fn run(&self, program: &str, arguments: &[&str], on_line: OnLine) -> BoxFuture<'_, Result<i32, Failure>> {
        let command = self.app.get().map(|app| app.shell().command(program).args(arguments));
        let name = program.to_owned();
        Box::pin(async move {
            let early = || Failure::new(ErrorCode::UpstreamError, "the window is not open yet");
            let spawned = command.ok_or_else(early)?.spawn();
            let (mut events, child) = spawned.map_err(|error| not_started(&name, &error))?;
            let _running = Running(Some(child));
            while let Some(event) = events.recv().await {
                match event {
                    CommandEvent::Stdout(line) | CommandEvent::Stderr(line) => {
                        on_line(String::from_utf8_lossy(&line).trim_end().to_owned());
                    }
                    CommandEvent::Error(why) => tracing::warn!(why, "a program's words cannot be read"),
                    // Ended by a signal: no status of its own.
                    CommandEvent::Terminated(TerminatedPayload { code, .. }) => return Ok(code.unwrap_or(-1)),
                    _ => {}
                }
            }
            Err(Failure::new(ErrorCode::UpstreamError, format!("{name} was lost sight of")))
        })
    }
}

/// Ends the program when nobody waits for it any more; one that has ended is not there to be ended.
struct Running(Option<CommandChild>);

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = self.0.take() {
            let _ = child.kill();
        }
    }
}

fn not_started(name: &str, error: &tauri_plugin_shell::Error) -> Failure {
    match error {
        tauri_plugin_shell::Error::Io(io) if io.kind() == std::io::ErrorKind::NotFound => {
            Failure::new(ErrorCode::ProgramMissing, format!("there is no {name} on the search path"))
        }
        other => Failure::new(ErrorCode::UpstreamError, format!("{name} could not be run: {other}")),
    }
}
