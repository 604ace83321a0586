//! `usher doctor`: checks ports, network and settings.

use serde::Serialize;
use usher_app::view::{Check, DoctorReport, Verdict};
use usher_app::{App, Repair};
use usher_domain::{ExitStatus, Failure, sanitize_for_terminal};
use usher_text::messages as m;

use crate::confirm::is_confirmed;
use crate::language::{Text, language};
use crate::output::columns::{padded, widest};
use crate::output::{Output, shown_cause};

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
        output.text(m::doctor_exported(language(), file));
    }
    output.document(&DoctorDocument { checkup: &checkup, exported: file, repaired });
    let bad = checkup.checks.iter().any(|check| check.verdict == Verdict::Bad);
    Ok(if bad { ExitStatus::Failed } else { ExitStatus::Success })
}

/// Mends what can be mended, each after a yes.
async fn repair(app: &App, yes: bool, output: Output) -> Result<Vec<String>, Failure> {
    let mut done = Vec::new();
    for repair in app.doctor.repairs().await? {
        if yes || is_confirmed(&question(&repair))? {
            done.extend(app.doctor.repair(&repair).await?);
        }
    }
    if done.is_empty() {
        output.text(m::doctor_nothing_repaired(language()));
    }
    output.lines(done.iter().map(|line| m::doctor_repaired(language(), shown_cause(line))));
    Ok(done)
}

/// Returns the question before a repair: what is wrong, and what would be done.
pub(crate) fn question(repair: &Repair) -> String {
    let question = match repair {
        Repair::MakePrivate { paths } => {
            let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
            m::doctor_ask_private(language(), paths.join(", "))
        }
        Repair::AcceptOlderCopy => m::doctor_ask_older_copy(language()).to_owned(),
        Repair::WriteKeyBack { file } => m::doctor_ask_write_key(language(), file.display()),
        Repair::SetStoreAside { failure, files } => {
            let files = files.iter().map(|file| file.display().to_string());
            let files = files.reduce(|first, second| m::two_things(language(), first, second));
            m::doctor_ask_set_aside(language(), shown_cause(&failure.cause), files.unwrap_or_default())
        }
    };
    sanitize_for_terminal(&question).into_owned()
}

/// Returns a line for each check, and under it the next step.
pub(super) fn lines(checks: &[Check], output: Output) -> Vec<String> {
    let width = widest(checks.iter().map(|check| check.check.as_str())) + 2;
    let marks: [Text; 3] = [m::doctor_ok, m::doctor_note, m::doctor_bad];
    let mark_width = widest(marks.map(|mark| mark(language()))) + 2;
    let mut lines = Vec::new();
    for check in checks {
        let mark = match check.verdict {
            Verdict::Good => m::doctor_ok,
            Verdict::Note => m::doctor_note,
            Verdict::Bad => m::doctor_bad,
        };
        let (name, mark) = (padded(&check.check, width), padded(mark(language()), mark_width));
        lines.push(format!("{name}{mark}{}", shown_cause(&check.found)));
        if let Some(code) = check.code.filter(|_| check.verdict != Verdict::Good) {
            let subject =
                check.provider.as_ref().map_or(output, |provider| output.for_provider(provider)).subject;
            lines.push(format!(
                "{:indent$}{}",
                "",
                subject.hint(language(), code),
                indent = width + mark_width
            ));
        }
    }
    lines
}
