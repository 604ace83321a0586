//! One file for each command: it calls one use case, prints the result and returns an exit status.

mod accounts;
mod activity;
mod background;
mod desktop;
mod doctor;
mod gateway;
mod models;
mod outcomes;
mod preferences;
mod providers;
mod settings;
mod setup;
mod status;
mod terminal;
mod test;
mod tools;
mod transfer;
mod usage;

use std::sync::Arc;

use usher_app::view::GatewayRunner;
use usher_app::{App, GatewayOptions};
use usher_domain::{ExitStatus, Failure};

pub(crate) use self::accounts::sign_in_again_hint;
use self::accounts::{import, login, logout};
use self::gateway::{env, lock, pass, run as run_program, serve, service};
pub(crate) use self::terminal::run as run_for_terminal;
use crate::args::{
    AccountsCommand, Arguments, Command, PreferencesCommand, ProgramName, ProvidersCommand, ToolsCommand,
};
use crate::output::{Exit, Output};

/// Runs the command that `arguments` name, and returns how this process is to exit.
pub(crate) async fn run(arguments: &Arguments, app: &Arc<App>, output: Output) -> Result<Exit, Failure> {
    let target = &arguments.target();
    let ended: Result<ExitStatus, Failure> = match &arguments.command {
        Command::Login(arguments) => login::run(app, arguments, target, output).await,
        Command::Status => status::run(app, target, output).await,
        Command::Models { refresh, all, add, forget } => {
            let change = models::Change { add: add.as_deref(), forget: forget.as_deref() };
            models::list(app, target, change, models::Shown { refresh: *refresh, all: *all }, output).await
        }
        Command::Use(arguments) => models::choose(app, target, arguments, output).await,
        Command::Usage => usage::run(app, target, output).await,
        Command::Activity(arguments) => activity::run(app, arguments, output).await,
        Command::Test => test::run(app, target, output).await,
        Command::Logout { use_instead, yes } => {
            logout::run(app, target, use_instead.as_deref(), *yes, output).await
        }
        Command::Providers { command } => {
            providers::run(app, command.as_ref().unwrap_or(&ProvidersCommand::List), target, output).await
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
        Command::Terminal(command) => terminal::run(command, output),
        Command::Pass { command } => pass::run(app, command, target, output).await,
        Command::Lock => lock::lock(app, output),
        Command::Unlock => lock::unlock(app, output),
        Command::Env { tool, pass } => env::run(app, tool.setup(), pass.as_deref(), output).await,
        Command::Tools { copies, command } => {
            let list = if *copies { &ToolsCommand::Copies } else { &ToolsCommand::List };
            tools::run(app, command.as_ref().unwrap_or(list), target, output).await
        }
        Command::Doctor { export, repair, yes } => {
            let wanted = doctor::Wanted { export: *export, repair: *repair, yes: *yes };
            doctor::run(app, wanted, output).await
        }
        Command::Background(arguments) => background::run(app, arguments, output).await,
        Command::Preferences { command } => {
            preferences::run(app, command.as_ref().unwrap_or(&PreferencesCommand::List), output).await
        }
        Command::Transfer { command } => transfer::run(app, command, output).await,
        Command::Settings(arguments) => settings::run(app, arguments, output).await,
        Command::Setup(arguments) => setup::run(app, arguments, target, output).await,
        Command::Service { command } => service::run(app, command, output).await,
        Command::Run(arguments) => return run_program::run(app, arguments, target, output).await,
    };
    ended.map(Exit::from)
}

/// Starts what a process that stays does besides its own work: it watches the home, retries pending revocations, renews
/// accounts that are not used, and runs the gateway by the settings. `on_change` is called after each change of the home.
fn run_beside(app: &Arc<App>, by: GatewayRunner, on_change: impl Fn() + Send + Sync + 'static) {
    watch_home(app, on_change);
    keep_accounts(app);
    let serving = Arc::clone(app);
    tokio::spawn(async move { serving.gateway.run_forever(by).await });
}

/// Calls `on_change` after each change of the home.
fn watch_home(app: &Arc<App>, on_change: impl Fn() + Send + Sync + 'static) {
    let watching = Arc::clone(app);
    tokio::spawn(async move { watching.watcher.watch(on_change).await });
}

/// Retries pending revocations, and renews accounts that are not used. All processes of a home can do this.
fn keep_accounts(app: &Arc<App>) {
    let (revoking, renewing) = (Arc::clone(app), Arc::clone(app));
    tokio::spawn(async move { revoking.accounts.process_revocations_forever().await });
    tokio::spawn(async move { renewing.accounts.renew_unused_forever().await });
}
