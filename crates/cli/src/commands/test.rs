//! `usher test`: prints each stage as it finishes.

use std::sync::Arc;

use usher_app::view::{AccountView, CredentialPlace, Stage, StageFinding, StageView, TestEvent};
use usher_app::{App, CHATGPT, Target};
use usher_domain::{ExitStatus, Failure};
use usher_text::messages as m;

use super::status::to_failure;
use crate::language::{Text, language};
use crate::output::columns::{padded, widest};
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
    let email = account.email.as_deref().unwrap_or(m::account_without_email(language()));
    let account = m::account_summary(language(), &account.name, email, &account.plan_name);
    m::test_tested(language(), account)
}

/// The names of the stages and their results: each line is printed as its stage ends, in columns for the widest.
const NAMES: [Text; 5] = [
    m::test_stage_credential,
    m::test_stage_key,
    m::test_stage_token,
    m::test_stage_models,
    m::test_stage_answer,
];
const MARKS: [Text; 2] = [m::test_ok, m::test_failed];

/// The shortest time that is shown; less than that says nothing about the connection.
const MIN_SHOWN_MS: u64 = 100;

fn line(result: &StageView, subject: Subject) -> String {
    let name = match result.stage {
        Stage::Credential => m::test_stage_credential,
        Stage::Token if matches!(subject, Subject::Key | Subject::Service) => m::test_stage_key,
        Stage::Token => m::test_stage_token,
        Stage::Models => m::test_stage_models,
        Stage::Answer => m::test_stage_answer,
    };
    let mark = match (result.ok, &result.finding) {
        (Some(true), Some(StageFinding::KeyUntried)) => "-",
        (Some(true), _) => m::test_ok(language()),
        _ => m::test_failed(language()),
    };
    let shown_ms = result.ms.filter(|&ms| ms >= MIN_SHOWN_MS);
    let duration = shown_ms.map(|ms| format!("{ms} ms")).unwrap_or_default();
    let found = result.finding.as_ref().map(finding).unwrap_or_default();
    let name = padded(name(language()), widest(NAMES.map(|name| name(language()))) + 1);
    let mark = padded(mark, widest(MARKS.map(|mark| mark(language()))) + 1);
    format!("{name}{mark}{duration:>8}  {found}").trim_end().to_owned()
}

fn finding(finding: &StageFinding) -> String {
    match finding {
        StageFinding::Credential { place } => place_text(*place)(language()).into(),
        StageFinding::Token { renews: true, .. } => m::status_renews(language()).into(),
        StageFinding::Token { expires_at: Some(end), .. } => {
            m::test_valid_until(language(), time_format::moment(*end))
        }
        StageFinding::Token { expires_at: None, .. } => m::test_valid(language()).into(),
        StageFinding::Key => m::test_key_accepted(language()).into(),
        StageFinding::KeyUntried => m::test_key_untried(language()).into(),
        StageFinding::NoKey => m::test_none_needed(language()).into(),
        StageFinding::Models { count, model } => m::test_models(language(), u64::from(*count), model),
        StageFinding::Answer { model, text } => m::test_answered(language(), model, text),
    }
}

fn place_text(place: CredentialPlace) -> Text {
    match place {
        CredentialPlace::Keyring => m::test_found_keyring,
        CredentialPlace::File => m::test_found_file,
        CredentialPlace::Environment => m::test_found_environment,
        CredentialPlace::CodexCli => m::test_found_codex,
        CredentialPlace::NotNeeded => m::test_none_needed,
    }
}
