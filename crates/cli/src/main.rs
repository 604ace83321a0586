//! `usher`: the command line on the same core as the window.
//!
//! Each command parses its arguments, calls one use case, prints the result and returns an exit status. Nothing here
//! knows the protocol.

mod accounts;
mod args;
mod browser;
mod doctor;
mod import;
mod json_output;
mod login;
mod logout;
mod messages;
mod models;
mod output;
mod pass;
mod providers;
mod serve;
mod signals;
mod status;
mod stdin;
mod test;
mod time_format;
mod usage;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;
use usher_app::{App, Environment, GatewayOptions, LogTo, SystemClock, SystemProcesses, start_logging};
use usher_domain::{ErrorCode, ExitStatus, Failure};

use crate::args::{AccountsCommand, Arguments, Command, ProgramName, ProvidersCommand};
use crate::browser::SystemBrowser;
use crate::messages::Subject;
use crate::output::Output;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return output::print_usage_error(&error),
    };
    let output = Output::new(arguments.json, Subject::of(arguments.provider.as_ref()));
    let result = start().and_then(|app| {
        // The doctor reports the notes itself.
        let notes = if matches!(arguments.command, Command::Doctor { .. }) {
            Vec::new()
        } else {
            app.settings_warnings()
        };
        for note in notes {
            output.warning(note);
        }
        run(&arguments, &Arc::new(app), output)
    });
    let exit = result.unwrap_or_else(|failure| output.failure(&failure));
    output::exit_status(exit)
}

fn start() -> Result<App, Failure> {
    let environment = Environment::read()?;
    start_logging(&environment.log, &LogTo::Stderr)?;
    App::new(
        environment,
        Arc::new(SystemClock),
        Arc::new(SystemBrowser),
        Arc::new(SystemProcesses::default()),
    )
}

fn run(arguments: &Arguments, app: &Arc<App>, output: Output) -> Result<ExitStatus, Failure> {
    let mut builder = if arguments.command.serves() {
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
        let exit = command(arguments, app, output).await;
        // Not after other failures: that would wait for a locked keyring twice.
        let store_is_open = match &exit {
            Ok(_) => true,
            Err(failure) => failure.code == ErrorCode::SignInRequired,
        };
        if store_is_open
            && arguments.command.may_use_network()
            && let Err(failure) = app.process_pending_revocations_at_start().await
        {
            output.print_failure(&failure);
        }
        app.wait_idle().await;
        match exit {
            Err(failure) if arguments.command.uses_provider() => {
                Ok(output.for_target(app, &arguments.target()).await.failure(&failure))
            }
            exit => exit,
        }
    });
    // A waiting shutdown would hang for as long as a keyring does not answer.
    runtime.shutdown_background();
    result
}

async fn command(arguments: &Arguments, app: &Arc<App>, output: Output) -> Result<ExitStatus, Failure> {
    let target = &arguments.target();
    match &arguments.command {
        Command::Login(way) => login::with(app, way, target, output).await,
        Command::Status => status::run(app, target, output).await,
        Command::Models { refresh, all, add, forget } => {
            let change = models::Change { add: add.as_deref(), forget: forget.as_deref() };
            models::list(app, target, change, models::Shown { refresh: *refresh, all: *all }, output).await
        }
        Command::Use { model, effort, small } => {
            models::choose(app, target, model.as_deref(), effort.as_deref(), small.as_deref(), output).await
        }
        Command::Usage => usage::run(app, target, output).await,
        Command::Test => test::run(app, target, output).await,
        Command::Logout { yes } => logout::with(app, target, *yes, output).await,
        Command::Providers { command } => {
            providers::run(app, command.as_ref().unwrap_or(&ProvidersCommand::List), output).await
        }
        Command::Accounts { command } => {
            accounts::run(app, command.as_ref().unwrap_or(&AccountsCommand::List), output).await
        }
        Command::Import { from, dry_run } => {
            import::run(app, from.map(ProgramName::id), *dry_run, output).await
        }
        Command::Serve { port, host } => {
            serve::run(app, GatewayOptions { host: *host, port: *port, ..GatewayOptions::default() }, output)
                .await
        }
        Command::Pass { command } => pass::run(app, command, target, output).await,
        Command::Doctor { export } => doctor::run(app, *export, output).await,
    }
}
