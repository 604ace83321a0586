//! `usher doctor`: what could stand in the way.

use usher_app::App;
use usher_app::view::Verdict;
use usher_domain::{Exit, Failure};

use crate::output::Output;

pub(crate) async fn run(app: &App, export: bool, output: Output) -> Result<Exit, Failure> {
    let checkup = app.doctor().await;
    output.document(&checkup);
    let width = checkup.checks.iter().map(|check| check.check.len()).max().unwrap_or_default() + 2;
    for check in &checkup.checks {
        let mark = match check.verdict {
            Verdict::Good => "ok",
            Verdict::Note => "note",
            Verdict::Bad => "bad",
        };
        output.text(format!("{:<width$}{mark:<6}{}", check.check, check.found));
        if let Some(code) = check.code.filter(|_| check.verdict != Verdict::Good) {
            output.text(format!("{:indent$}{}", "", output.about.hint(code), indent = width + 6));
        }
    }
    if export {
        let file = app.export_diagnostics(&checkup).await?;
        output.text(format!("Written, without names, addresses and secrets, to {}", file.display()));
    }
    let bad = checkup.checks.iter().any(|check| check.verdict == Verdict::Bad);
    Ok(if bad { Exit::Failed } else { Exit::Done })
}
