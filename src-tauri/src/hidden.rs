//! `usher-desktop --hidden`: no window, only the background process.

use std::ffi::OsStr;
use std::process::{Command, ExitCode};

use usher_app::BackgroundProgram;

/// Returns whether the program was started without a window.
pub(crate) fn is_wanted() -> bool {
    std::env::args_os().skip(1).any(|argument| argument == OsStr::new("--hidden"))
}

/// Returns the command, in the home of `--home PATH`: what the system starts at login has no variables of its own.
fn command() -> Command {
    let own = std::env::current_exe().ok();
    let mut command = BackgroundProgram::beside(own.as_deref()).command();
    let mut arguments = std::env::args_os().skip_while(|argument| argument != OsStr::new("--home"));
    if let Some(home) = arguments.nth(1) {
        command.env("USHER_HOME", home);
    }
    command
}

/// Becomes `usher background`, which has neither a window nor what a window needs.
#[cfg(unix)]
pub(crate) fn run() -> ExitCode {
    use std::os::unix::process::CommandExt as _;
    failed(&command().exec())
}

/// Starts `usher background`, and ends.
#[cfg(not(unix))]
pub(crate) fn run() -> ExitCode {
    match command().spawn() {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

#[expect(clippy::print_stderr, reason = "there is no window to say it in")]
fn failed(error: &std::io::Error) -> ExitCode {
    eprintln!("error: the background process could not be started\ncause: {error}");
    ExitCode::FAILURE
}
