//! `usher doctor`: checks ports, network and settings.

use serde::Serialize;
use usher_app::App;
use usher_app::view::{Check, DoctorReport, Verdict};
use usher_domain::{ExitStatus, Failure};

use crate::output::Output;

#[derive(Serialize)]
struct DoctorDocument<'a> {
    #[serde(flatten)]
    checkup: &'a DoctorReport,
    /// The file that was written, with `--export`.
    exported: Option<String>,
}

pub(crate) async fn run(app: &App, export: bool, output: Output) -> Result<ExitStatus, Failure> {
    let checkup = app.doctor.run().await;
    output.lines(lines(&checkup.checks, output));
    // Written first, because the one document names the file.
    let file = if export { Some(app.doctor.export(&checkup).await?.display().to_string()) } else { None };
    if let Some(file) = &file {
        output.text(format!("Written, without names, addresses and secrets, to {file}"));
    }
    output.document(&DoctorDocument { checkup: &checkup, exported: file });
    let bad = checkup.checks.iter().any(|check| check.verdict == Verdict::Bad);
    Ok(if bad { ExitStatus::Failed } else { ExitStatus::Success })
}

/// Returns a line for each check, and under it the next step.
fn lines(checks: &[Check], output: Output) -> Vec<String> {
    let width = checks.iter().map(|check| check.check.len()).max().unwrap_or_default() + 2;
    let mut lines = Vec::new();
    for check in checks {
        let mark = match check.verdict {
            Verdict::Good => "ok",
            Verdict::Note => "note",
            Verdict::Bad => "bad",
        };
        lines.push(format!("{:<width$}{mark:<6}{}", check.check, check.found));
        if let Some(code) = check.code.filter(|_| check.verdict != Verdict::Good) {
            let subject =
                check.provider.as_ref().map_or(output, |provider| output.for_provider(provider)).subject;
            lines.push(format!("{:indent$}{}", "", subject.hint(code), indent = width + 6));
        }
    }
    lines
}
