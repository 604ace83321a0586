//! `usher service`: the gateway as a service of the user.

use serde::Serialize;
use usher_app::view::{ServiceFile, ServiceManager, ServiceView};
use usher_app::{App, ServiceOutcome};
use usher_domain::{ErrorCode, ExitStatus, Failure};

use crate::args::ServiceCommand;
use crate::confirm::confirmed;
use crate::output::Output;

#[derive(Serialize)]
struct ServiceDocument<'a> {
    service: &'a ServiceView,
    /// Commands that the person has to run.
    commands: &'a [String],
}

pub(crate) async fn run(app: &App, command: &ServiceCommand, output: Output) -> Result<ExitStatus, Failure> {
    match command {
        ServiceCommand::Install { yes } => install(app, *yes, output).await,
        ServiceCommand::Remove => {
            if let Some(outcome) = app.service.remove().await? {
                return Ok(report(&outcome, "The service is removed.", output));
            }
            let service = app.service.status().await?;
            output.document(&ServiceDocument { service: &service, commands: &[] });
            output.text("There is no service, so nothing was changed.");
            Ok(ExitStatus::Success)
        }
        ServiceCommand::Status => {
            let service = app.service.status().await?;
            output.document(&ServiceDocument { service: &service, commands: &[] });
            output.lines(lines(&service));
            Ok(ExitStatus::Success)
        }
    }
}

async fn install(app: &App, yes: bool, output: Output) -> Result<ExitStatus, Failure> {
    let plan = app.service.plan()?;
    let verb = if plan.replaces { "Replaces" } else { "Writes" };
    output.text(format!("{verb} {}:", plan.path.display()));
    output.lines(plan.content.lines().map(|line| format!("  {line}").trim_end().to_owned()));
    if !yes && !confirmed("Install this service? [y/N] ")? {
        return Err(Failure::new(ErrorCode::Cancelled, "nothing was changed"));
    }
    let outcome = app.service.install(plan).await?;
    Ok(report(&outcome, "The service is installed.", output))
}

/// Prints what was done, and what is left to the person.
fn report(outcome: &ServiceOutcome, done: &str, output: Output) -> ExitStatus {
    let ServiceOutcome { service, commands, failure } = outcome;
    if let Some(why) = failure {
        let failure = Failure::new(ErrorCode::ServiceFailed, why.clone());
        let hint = format!("Run: {}", commands.join(" && "));
        return output.failure_with_hint(&failure, &hint);
    }
    output.document(&ServiceDocument { service, commands });
    output.text(done);
    if !commands.is_empty() {
        let what = match service.manager {
            ServiceManager::Systemd => "There is no systemctl here. To tell systemd about it, run:",
            ServiceManager::Launchd => "To tell launchd about it, run:",
        };
        output.text(what);
        output.lines(commands.iter().map(|command| format!("  {command}")));
    }
    if service.file == ServiceFile::Own && service.manager == ServiceManager::Systemd {
        output.hint("it runs while you are logged in; to run it without a login: `loginctl enable-linger`");
    }
    ExitStatus::Success
}

fn lines(service: &ServiceView) -> Vec<String> {
    let file = match (service.file, service.current) {
        (ServiceFile::Missing, _) => "not installed",
        (ServiceFile::Foreign, _) => "not written by Usher",
        (ServiceFile::Own, true) => "installed",
        (ServiceFile::Own, false) => {
            "installed by another version, place or home; `usher service install` renews it"
        }
    };
    let mut lines = vec![format!("Service    {file}"), format!("File       {}", service.path)];
    lines.extend(service.enabled.as_ref().map(|word| format!("At login   {word}")));
    lines.extend(service.active.as_ref().map(|word| format!("Now        {word}")));
    lines.push(format!("Gateway    {}", service.gateway.as_deref().unwrap_or("off")));
    lines
}
