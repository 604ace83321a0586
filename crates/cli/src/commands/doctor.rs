//! `usher doctor`: checks ports, network and settings.

use serde::Serialize;
use usher_app::view::{Check, DoctorReport, Verdict};
use usher_app::{App, Repair};
use usher_domain::{ExitStatus, Failure, sanitize_for_terminal};

use crate::confirm::confirmed;
use crate::output::Output;

#[derive(Serialize)]
struct DoctorDocument<'a> {
    #[serde(flatten)]
    checkup: &'a DoctorReport,
    /// The file that was written, with `--export`.
    exported: Option<String>,
    /// What was mended, with `--repair`.
    #[serde(skip_serializing_if = "Option::is_none")]
    repaired: Option<Vec<String>>,
}

/// The flags of the command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) export: bool,
    pub(crate) repair: bool,
    pub(crate) yes: bool,
}

pub(crate) async fn run(app: &App, wanted: Wanted, output: Output) -> Result<ExitStatus, Failure> {
    let repaired = if wanted.repair { Some(repair(app, wanted.yes, output).await?) } else { None };
    let checkup = app.doctor.run().await;
    output.lines(lines(&checkup.checks, output));
    // Written first, because the one document names the file.
    let file =
        if wanted.export { Some(app.doctor.export(&checkup).await?.display().to_string()) } else { None };
    if let Some(file) = &file {
        output.text(format!("Written, without names, addresses and secrets, to {file}"));
    }
    output.document(&DoctorDocument { checkup: &checkup, exported: file, repaired });
    let bad = checkup.checks.iter().any(|check| check.verdict == Verdict::Bad);
    Ok(if bad { ExitStatus::Failed } else { ExitStatus::Success })
}

/// Mends what can be mended, each after a yes.
async fn repair(app: &App, yes: bool, output: Output) -> Result<Vec<String>, Failure> {
    let mut done = Vec::new();
    for repair in app.doctor.repairs().await? {
        if yes || confirmed(&question(&repair))? {
            done.extend(app.doctor.repair(&repair).await?);
        }
    }
    if done.is_empty() {
        output.text("Nothing was repaired.");
    }
    output.lines(done.iter().map(|line| format!("Repaired: {line}")));
    Ok(done)
}

/// Returns the question before a repair: what is wrong, and what would be done.
pub(crate) fn question(repair: &Repair) -> String {
    match repair {
        Repair::MakePrivate { paths } => {
            let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
            let question = format!("Others may read or change {}.\nOnly you? [y/N] ", paths.join(", "));
            sanitize_for_terminal(&question).into_owned()
        }
        Repair::AcceptOlderCopy => {
            "An older copy of secrets.usher was put back. Accounts and passes that you had \
            removed may be in it again.\nKeep it as it is? [y/N] "
                .into()
        }
        Repair::WriteKeyBack { file } => {
            let question =
                format!("{} was changed or removed.\nWrite the key there again? [y/N] ", file.display());
            sanitize_for_terminal(&question).into_owned()
        }
        Repair::SetStoreAside { failure, files } => {
            let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
            let question = format!(
                "{}\nStart again without it? Everybody then has to sign in. Usher keeps {} under another name. [y/N] ",
                failure.cause,
                files.join(" and ")
            );
            sanitize_for_terminal(&question).into_owned()
        }
    }
}

/// Returns a line for each check, and under it the next step.
pub(super) fn lines(checks: &[Check], output: Output) -> Vec<String> {
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
