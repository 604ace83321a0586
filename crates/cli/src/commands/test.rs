//! `usher test`: prints each stage as it finishes.

use std::sync::Arc;

use usher_app::view::{AccountView, CredentialPlace, Stage, StageFinding, StageView, TestEvent};
use usher_app::{App, CHATGPT, Target};
use usher_domain::{ExitStatus, Failure};

use super::status::to_failure;
use crate::output::{Output, json::TestDocument, messages::Subject, time_format};
use crate::signals;

pub(crate) async fn run(app: &App, target: &Target, output: Output) -> Result<ExitStatus, Failure> {
    let failed = report(app, target, output).await;
    Ok(failed.map_or(ExitStatus::Success, |failure| failure.code.exit_status()))
}

/// Runs a test and prints each stage. Returns why one failed, which is printed too. Ctrl-C stops it.
pub(crate) async fn report(app: &App, target: &Target, output: Output) -> Option<Failure> {
    let printer = output.for_target(app, target).await;
    let on_event = Arc::new(move |event: TestEvent| {
        if let TestEvent::Finished { result } = event {
            printer.text(line(&result, printer.subject));
        }
    });
    let test = app.tests.run_test(target, on_event);
    tokio::pin!(test);
    let tested = tokio::select! {
        tested = &mut test => tested,
        () = signals::termination() => {
            app.tests.stop_test();
            test.await
        }
    };
    let output = match &tested.provider {
        Some(provider) if *provider != CHATGPT => output.for_provider(provider),
        _ => output.for_target(app, target).await,
    };
    if let Some(account) = &tested.account {
        output.text(tested_account(account));
    }
    output.document(&TestDocument::new(&tested, output.subject));
    let failed = tested.report.stages.iter().find_map(|stage| stage.failure.as_ref()).map(to_failure);
    if let Some(failure) = &failed {
        output.print_failure(failure);
    }
    failed
}

/// Names the tested account, because another one may be in use by now.
fn tested_account(account: &AccountView) -> String {
    let email = account.email.as_deref().unwrap_or("an account without e-mail");
    format!("Tested {}: {email}, {}.", account.name, account.plan_name)
}

/// The shortest time that is shown; less than that says nothing about the connection.
const MIN_SHOWN_MS: u64 = 100;

fn line(result: &StageView, subject: Subject) -> String {
    let name = match result.stage {
        Stage::Credential => "Credential",
        Stage::Token if matches!(subject, Subject::Key | Subject::Service) => "Key",
        Stage::Token => "Token",
        Stage::Models => "Models",
        Stage::Answer => "Answer",
    };
    let mark = match (result.ok, &result.finding) {
        (Some(true), Some(StageFinding::KeyUntried)) => "-",
        (Some(true), _) => "ok",
        _ => "failed",
    };
    let shown_ms = result.ms.filter(|&ms| ms >= MIN_SHOWN_MS);
    let duration = shown_ms.map(|ms| format!("{ms} ms")).unwrap_or_default();
    let found = result.finding.as_ref().map(finding).unwrap_or_default();
    format!("{name:<11}{mark:<7}{duration:>8}  {found}").trim_end().to_owned()
}

fn finding(finding: &StageFinding) -> String {
    match finding {
        StageFinding::Credential { place } => match place {
            CredentialPlace::Keyring => "found in the keyring",
            CredentialPlace::File => "found in the encrypted file",
            CredentialPlace::Environment => "found in the environment",
            CredentialPlace::CodexCli => "found with the Codex CLI",
            CredentialPlace::NotNeeded => "none needed",
        }
        .into(),
        StageFinding::Token { expires_at, renews } => {
            let until =
                expires_at.map(|end| format!(" until {}", time_format::moment(end))).unwrap_or_default();
            if *renews { "renews by itself".into() } else { format!("valid{until}; Usher cannot renew it") }
        }
        StageFinding::Key => "the key was accepted".into(),
        StageFinding::KeyUntried => "checked with the models and the answer".into(),
        StageFinding::NoKey => "none needed".into(),
        StageFinding::Models { count, model } => format!("{count} models, including {model}"),
        StageFinding::Answer { model, text } => format!("{model} answered \"{text}\""),
    }
}
