//! `usher service`: the gateway as a service of the user.

use serde::Serialize;
use usher_app::view::{ServiceFile, ServiceManager, ServiceView};
use usher_app::{App, ServiceOutcome};
use usher_domain::{ErrorCode, ExitStatus, Failure};
use usher_text::messages as m;

use crate::args::ServiceCommand;
use crate::confirm::{declined, is_confirmed};
use crate::language::language;
use crate::output::Output;
use crate::output::columns::labeled;

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
                return Ok(report(&outcome, m::service_removed(language()), output));
            }
            let service = app.service.status().await?;
            output.document(&ServiceDocument { service: &service, commands: &[] });
            output.text(m::service_none(language()));
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
    let path = plan.path.display();
    output.text(if plan.replaces {
        m::service_replaces(language(), path)
    } else {
        m::service_writes(language(), path)
    });
    output.lines(plan.content.lines().map(|line| format!("  {line}").trim_end().to_owned()));
    if !yes && !is_confirmed(m::service_ask_install(language()))? {
        return Err(declined());
    }
    let outcome = app.service.install(plan).await?;
    Ok(report(&outcome, m::service_installed(language()), output))
}

/// Prints what was done, and what is left to the person.
fn report(outcome: &ServiceOutcome, done: &str, output: Output) -> ExitStatus {
    let ServiceOutcome { service, commands, failure } = outcome;
    if let Some(why) = failure {
        let failure = Failure::new(ErrorCode::ServiceFailed, why.clone());
        let hint = m::service_hint_run(language(), commands.join(" && "));
        return output.failure_with_hint(&failure, &hint);
    }
    output.document(&ServiceDocument { service, commands });
    output.text(done);
    if !commands.is_empty() {
        let what = match service.manager {
            ServiceManager::Systemd => m::service_no_systemctl,
            ServiceManager::Launchd => m::service_inform_launchd,
        };
        output.text(what(language()));
        output.lines(commands.iter().map(|command| format!("  {command}")));
    }
    if service.file == ServiceFile::Own && service.manager == ServiceManager::Systemd {
        output.hint(m::service_hint_linger(language()));
    }
    ExitStatus::Success
}

fn lines(service: &ServiceView) -> Vec<String> {
    let file = match (service.file, service.current) {
        (ServiceFile::Missing, _) => m::service_not_installed,
        (ServiceFile::Foreign, _) => m::service_foreign,
        (ServiceFile::Own, true) => m::service_is_installed,
        (ServiceFile::Own, false) => m::service_outdated,
    };
    let mut lines = vec![labeled(m::label_service, file(language())), labeled(m::label_file, &service.path)];
    // The words of the service manager.
    lines.extend(service.enabled.as_ref().map(|word| labeled(m::label_at_login, word)));
    lines.extend(service.active.as_ref().map(|word| labeled(m::label_now, word)));
    let gateway = service.gateway.as_deref().unwrap_or(m::service_gateway_off(language()));
    lines.push(labeled(m::label_gateway, gateway));
    lines
}
