//! `usher`: the command line on the same core as the window.
//!
//! Each command parses its arguments, calls one use case, prints the result and returns an exit status. Nothing here
//! knows the protocol.

mod args;
mod browser;
mod commands;
mod confirm;
mod language;
mod new_passphrase;
mod output;
mod questions;
mod signals;
mod stdin;
mod terminal_state;

use std::num::NonZero;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::available_parallelism;

use clap::Parser as _;
use usher_app::{App, Environment, Home, LogTo, SystemClock, SystemProcesses, limit_heaps, start_logging};
use usher_domain::{ErrorCode, ExitStatus, Failure};

use crate::args::{Arguments, Command};
use crate::browser::SystemBrowser;
use crate::output::messages::Subject;
use crate::output::{Exit, Output};

fn main() -> ExitCode {
    language::use_system_language();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return output::print_usage_error(&error),
    };
    let output = Output::new(arguments.json, Subject::of(arguments.provider.as_ref()));
    if let Command::Terminal(command) = &arguments.command {
        // A shell runs them when it starts, also where the settings are broken.
        let exit = commands::run_for_terminal(command, output);
        return output::exit_status(exit.unwrap_or_else(|failure| output.failure(&failure)));
    }
    let result = start(&arguments).and_then(|app| {
        // The doctor reports the notes itself.
        let notes = if matches!(arguments.command, Command::Doctor { .. }) {
            Vec::new()
        } else {
            app.settings_warnings()
        };
        for note in notes {
            output.warning(note);
        }
        run_beside_icon(&arguments, &Arc::new(app), output)
    });
    let exit = result.unwrap_or_else(|failure| output.failure(&failure).into());
    output::exit_status(exit)
}

fn start(arguments: &Arguments) -> Result<App, Failure> {
    let environment = Environment::read()?;
    let log = if arguments.command.gives_terminal_away() {
        LogTo::Folder(Home::at(environment.home.as_deref())?.logs)
    } else {
        LogTo::Stderr
    };
    start_logging(&environment.log, &log)?;
    // The others print the address as well.
    let has_default = !matches!(arguments.command, Command::Settings(_)) || environment.session.has_browser();
    let browser = SystemBrowser { variable: environment.browser.clone(), has_default };
    let processes = Arc::new(SystemProcesses::default());
    let app = App::new(environment, Arc::new(SystemClock), Arc::new(browser), processes)?;
    language::use_chosen_language(&app);
    Ok(app)
}

/// Fails if so few files may be open that the runtime cannot start: it panics instead of reporting that.
#[cfg(unix)]
fn check_open_files() -> Result<(), Failure> {
    use std::os::fd::AsFd as _;
    /// The process's and the system's limit.
    const TOO_MANY_OPEN_FILES: [i32; 2] = [24, 23];
    /// More than a command without the network uses.
    const NEEDED: usize = 8;
    let handles: Result<Vec<_>, _> =
        (0..NEEDED).map(|_| std::io::stderr().as_fd().try_clone_to_owned()).collect();
    match handles {
        Err(error) if error.raw_os_error().is_some_and(|code| TOO_MANY_OPEN_FILES.contains(&code)) => {
            let cause = format!("{error}; raise the limit of open files, for example with `ulimit -n 256`");
            Err(Failure::new(ErrorCode::StoreUnavailable, cause))
        }
        // A standard error that is closed is no reason.
        _ => Ok(()),
    }
}

/// Runs the command. A signal ends one that makes requests, but never a refresh that was sent: the caller waits until that is
/// saved (siwc §7.4). The others wait for signals themselves, or are ended by the system.
async fn run_until_stopped(arguments: &Arguments, app: &Arc<App>, output: Output) -> Result<Exit, Failure> {
    if !arguments.command.ends_in_order() {
        return commands::run(arguments, app, output).await;
    }
    tokio::select! {
        exit = commands::run(arguments, app, output) => exit,
        () = signals::termination() => {
            Err(Failure::new(ErrorCode::Cancelled, "stopped by a signal"))
        }
    }
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
fn check_open_files() -> Result<(), Failure> {
    Ok(())
}

/// Runs the command. On macOS and Windows the icon of the background process belongs to the main thread, which then waits for
/// the events of the system; over SSH there is no desktop to show it on.
fn run_beside_icon(arguments: &Arguments, app: &Arc<App>, output: Output) -> Result<Exit, Failure> {
    #[cfg(not(target_os = "linux"))]
    if arguments.command.has_icon() && !app.session().ssh {
        return usher_tray::beside_main_thread(|| run(arguments, app, output));
    }
    run(arguments, app, output)
}

fn run(arguments: &Arguments, app: &Arc<App>, output: Output) -> Result<Exit, Failure> {
    check_open_files()?;
    let mut builder = if arguments.command.serves() {
        limit_heaps(available_parallelism().unwrap_or(NonZero::<usize>::MIN));
        tokio::runtime::Builder::new_multi_thread()
    } else {
        // Commands that never touch the network answer in milliseconds, so one thread is enough for all.
        tokio::runtime::Builder::new_current_thread()
    };
    let runtime = builder
        .enable_all()
        .build()
        .map_err(|error| Failure::new(ErrorCode::Internal, format!("no runtime: {error}")))?;
    let result = runtime.block_on(async {
        let exit = run_until_stopped(arguments, app, output).await;
        // Not after other failures: that would wait for a locked keyring twice, and report it twice.
        let store_is_open = match &exit {
            Ok(exit) => matches!(exit, Exit::Own(ExitStatus::Success | ExitStatus::SignInRequired)),
            Err(failure) => failure.code == ErrorCode::SignInRequired,
        };
        if store_is_open
            && arguments.command.may_use_network()
            && let Err(failure) = app.accounts.process_pending_revocations_at_start().await
        {
            output.print_failure(&failure);
        }
        app.wait_idle().await;
        match exit {
            Err(failure) if arguments.command.uses_provider() => {
                let target = arguments.target();
                let output = output.for_target(app, &target).await;
                Ok(match commands::sign_in_again_hint(app, &target, output.subject, failure.code).await {
                    Some(hint) => output.failure_with_hint(&failure, &hint).into(),
                    None => output.failure(&failure).into(),
                })
            }
            exit => exit,
        }
    });
    // A blocking shutdown would hang for as long as a keyring does not respond.
    runtime.shutdown_background();
    result
}
