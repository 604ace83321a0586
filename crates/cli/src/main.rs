//! `usher`: the command line on the same core as the window.
//!
//! Parse, one call to the core, print, exit status. Nothing here knows the protocol.

mod args;
mod browser;
mod doctor;
mod documents;
mod login;
mod logout;
mod models;
mod output;
mod sentences;
mod status;
mod test;
mod times;
mod usage;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;
use usher_app::{App, Environment, LogTo, SystemClock, start_logging};
use usher_domain::{ErrorCode, Exit, Failure};

use crate::args::{Arguments, Command};
use crate::browser::SystemBrowser;
use crate::output::Output;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return output::misused(&error),
    };
    let output = Output::new(arguments.json);
    let result = start(&arguments).and_then(|app| {
        // The doctor says them among all the rest.
        let notes =
            if matches!(arguments.command, Command::Doctor) { Vec::new() } else { app.settings_notes() };
        for note in notes {
            output.warning(format!("{}, {note}", app.settings_path().display()));
        }
        run(&arguments, &Arc::new(app), output)
    });
    let exit = result.unwrap_or_else(|failure| output.failure(&failure));
    ExitCode::from(exit.code())
}

fn start(arguments: &Arguments) -> Result<App, Failure> {
    let environment = Environment::read()?;
    start_logging(&environment.log, &LogTo::Stderr)?;
    if let Some(other) = arguments.provider.as_deref().filter(|id| *id != "chatgpt") {
        let cause = format!("this version has the provider chatgpt only, not {other}");
        return Err(Failure::new(ErrorCode::BadUsage, cause));
    }
    App::new(environment, Arc::new(SystemClock), Arc::new(SystemBrowser))
}

fn run(arguments: &Arguments, app: &Arc<App>, output: Output) -> Result<Exit, Failure> {
    // Commands that never touch the network answer in milliseconds, so one thread is enough for all.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(ErrorCode::StoreUnavailable, format!("no runtime: {error}")))?;
    let result = runtime.block_on(async {
        args::check_account(arguments, app).await?;
        let exit = match &arguments.command {
            Command::Login(way) => login::run(app, way, output).await,
            Command::Status => status::run(app, output).await,
            Command::Models { refresh } => models::list(app, *refresh, output).await,
            Command::Use { model, effort, small } => {
                models::choose(app, model.as_deref(), effort.as_deref(), small.as_deref(), output).await
            }
            Command::Usage => usage::run(app, output).await,
            Command::Test => test::run(app, output).await,
            Command::Logout { yes } => logout::run(app, *yes, output).await,
            Command::Doctor => doctor::run(app, output).await,
        };
        // Not after other failures: a locked keyring would be waited for twice.
        let store_is_open = match &exit {
            Ok(_) => true,
            Err(failure) => failure.code == ErrorCode::SignInRequired,
        };
        if store_is_open
            && arguments.command.may_use_network()
            && let Err(failure) = app.settle_revocations_at_start().await
        {
            output::say(&failure);
        }
        app.settled().await;
        exit
    });
    // A keyring that never answers would hold a waiting shutdown for ever.
    runtime.shutdown_background();
    result
}
