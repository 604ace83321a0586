//! `usher test`: each stage as it happens.

use std::sync::Arc;

use usher_app::view::{CredentialPlace, Stage, StageFinding, StageView, TestEvent};
use usher_app::{App, Target};
use usher_domain::{Exit, Failure};

use crate::documents::TestDocument;
use crate::output::Output;
use crate::status::failure_of;
use crate::times;

pub(crate) async fn run(app: &App, target: &Target, output: Output) -> Result<Exit, Failure> {
    let printer = output;
    let on_event = Arc::new(move |event: TestEvent| {
        if let TestEvent::Finished { result } = event {
            printer.text(line(&result));
        }
    });
    let test = app.run_test(target, on_event);
    tokio::pin!(test);
    let report = tokio::select! {
        report = &mut test => report,
        _ = tokio::signal::ctrl_c() => {
            app.stop_test();
            test.await
        }
    };
    let output = if report.ok { output } else { output.about_what_is_meant(app, target).await };
    output.document(&TestDocument::new(&report, output.about));
    match report.stages.iter().find_map(|stage| stage.failure.as_ref()) {
        Some(failure) => {
            output.say(&failure_of(failure));
            Ok(failure.code.exit())
        }
        None => Ok(Exit::Done),
    }
}

fn line(result: &StageView) -> String {
    let name = match result.stage {
        Stage::Credential => "Credential",
        Stage::Token => "Token",
        Stage::Models => "Models",
        Stage::Answer => "Answer",
    };
    let mark = if result.ok == Some(true) { "ok" } else { "failed" };
    let took = result.ms.map(|ms| format!("{ms} ms")).unwrap_or_default();
    let found = result.finding.as_ref().map(finding).unwrap_or_default();
    format!("{name:<11}{mark:<7}{took:>8}  {found}").trim_end().to_owned()
}

fn finding(finding: &StageFinding) -> String {
    match finding {
        StageFinding::Credential { place } => match place {
            CredentialPlace::Keyring => "found in the keyring",
            CredentialPlace::File => "found in the sealed file",
            CredentialPlace::Environment => "found in the environment",
            CredentialPlace::CodexCli => "found with the Codex CLI",
            CredentialPlace::NotNeeded => "none needed",
        }
        .into(),
        StageFinding::Token { expires_at: Some(end) } => {
            format!("valid until {}, renews by itself", times::moment(*end))
        }
        StageFinding::Token { expires_at: None } => "valid, renews by itself".into(),
        StageFinding::Key => "the key was accepted".into(),
        StageFinding::KeyUntried => "there is a key; whether it is accepted could not be seen".into(),
        StageFinding::NoKey => "none needed".into(),
        StageFinding::Models { count, model } => format!("{count} models, including {model}"),
        StageFinding::Answer { model, text } => format!("{model} answered \"{text}\""),
    }
}
