//! What is printed where: documents and text to stdout, errors to stderr, and with `--json` an error
//! document to stdout as well (contract sections 2 and 6).

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use usher_app::{App, Target};
use usher_domain::{
    ErrorCode, ExitStatus, Failure, ProviderId, is_control_or_format, redact, sanitize_for_terminal,
    sanitize_line,
};

use crate::documents::ErrorDocument;
use crate::sentences::About;

/// Of what is wrong with an argument.
const LONGEST_SENTENCE: usize = 300;

/// Prints for people or for programs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
    /// Whom failures are about.
    pub(crate) about: About,
}

impl Output {
    pub(crate) fn new(json: bool, about: About) -> Self {
        Self { json, about }
    }

    /// The same, about the provider that `target` means. That is asked for only after something failed.
    pub(crate) async fn about_what_is_meant(self, app: &App, target: &Target) -> Self {
        // What cannot be told is spoken of as before.
        let meant = app.resolve_provider(target).await;
        meant.map_or(self, |provider| self.about(&provider))
    }

    /// The same, about `provider`.
    pub(crate) fn about(self, provider: &ProviderId) -> Self {
        Self { about: About::of(Some(provider)), ..self }
    }

    /// The same, about the gateway.
    pub(crate) fn about_the_gateway(self) -> Self {
        Self { about: About::Gateway, ..self }
    }

    /// One line for people.
    pub(crate) fn text(self, line: impl AsRef<str>) {
        if !self.json {
            to_stdout(&sanitize_for_terminal(line.as_ref()));
        }
    }

    /// Several lines for people.
    pub(crate) fn lines(self, lines: impl IntoIterator<Item = String>) {
        for line in lines {
            self.text(line);
        }
    }

    /// Something worth knowing that stops nothing, for people. Programs find it in what `doctor` says.
    pub(crate) fn warning(self, line: impl AsRef<str>) {
        if !self.json {
            to_stderr(&format!("warning: {}", line.as_ref()));
        }
    }

    /// The next step, for people, beside what a program may read.
    pub(crate) fn hint(self, line: impl AsRef<str>) {
        if !self.json {
            to_stderr(&format!("hint: {}", line.as_ref()));
        }
    }

    /// One line as it is, whoever reads it.
    #[expect(clippy::unused_self, reason = "all that is printed goes through here")]
    pub(crate) fn bare(self, line: &str) {
        to_stdout(line);
    }

    /// One document, or one event, for programs.
    pub(crate) fn document(self, document: &impl Serialize) {
        if self.json {
            let text = serde_json::to_string(document)
                .expect("structs of text and numbers have no key that JSON lacks");
            to_stdout(&escaped(&text));
        }
    }

    /// A failure: on stderr for people, on stdout for programs. Gives the exit status for it.
    pub(crate) fn failure(self, failure: &Failure) -> ExitStatus {
        self.say(failure);
        self.document(&ErrorDocument::new(failure, self.about));
        failure.code.exit_status()
    }

    /// A failure for people. On its own where another document carries the code for programs.
    pub(crate) fn say(self, failure: &Failure) {
        to_stderr(&format!("error: {}", self.about.what(failure.code)));
        if !failure.cause.is_empty() {
            to_stderr(&format!("cause: {}", failure.cause));
        }
        to_stderr(&format!("hint: {}", self.about.hint(failure.code)));
    }
}

/// Wrong usage, in clap's words; help and version are no failures.
pub(crate) fn misused(error: &clap::Error) -> ExitCode {
    let printed = error.print();
    if error.exit_code() == 0 {
        note(printed);
        return exit_status(ExitStatus::Success);
    }
    if std::env::args_os().any(|argument| argument == "--json") {
        let failure = Failure::new(ErrorCode::BadUsage, in_one_line(error));
        Output::new(true, About::Plan).document(&ErrorDocument::new(&failure, About::Plan));
    }
    exit_status(ExitStatus::UsageError)
}

/// What clap says, up to its hints: which argument it is, and what is wrong with it.
fn in_one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let said = text.split("\n\n").next().unwrap_or_default();
    // Somebody may have given a key as an argument, and documents are kept in logs.
    sanitize_line(&redact(said.trim_start_matches("error: ")), LONGEST_SENTENCE)
}

/// Nobody reads standard output any more, as when `head` has what it wanted. What was asked for is done all the same:
/// a sign-in must not stop half way because a script wanted the first line only.
static UNREAD: AtomicBool = AtomicBool::new(false);
/// Something could not be written. Of the process, as standard output itself is.
static UNWRITTEN: AtomicBool = AtomicBool::new(false);

/// The exit status of a command that ended with `exit`: what did not reach its reader is not done.
pub(crate) fn exit_status(exit: ExitStatus) -> ExitCode {
    let incomplete = exit == ExitStatus::Success && UNWRITTEN.load(Ordering::Relaxed);
    ExitCode::from(if incomplete { ExitStatus::Failed } else { exit }.code())
}

fn to_stdout(line: &str) {
    if UNREAD.load(Ordering::Relaxed) || UNWRITTEN.load(Ordering::Relaxed) {
        return;
    }
    let mut out = std::io::stdout().lock();
    note(writeln!(out, "{line}").and_then(|()| out.flush()));
}

/// Remembers why nothing more can be written, and says it where somebody may not know.
fn note(written: std::io::Result<()>) {
    match written {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => UNREAD.store(true, Ordering::Relaxed),
        Err(error) => {
            UNWRITTEN.store(true, Ordering::Relaxed);
            to_stderr(&format!("error: The output could not be written.\ncause: {error}"));
            to_stderr(
                "hint: Make room, or send the output elsewhere; what was asked for may be done all the same.",
            );
        }
    }
}

fn to_stderr(line: &str) {
    // There is nowhere left to say that stderr is closed.
    let _ = writeln!(std::io::stderr().lock(), "{}", sanitize_for_terminal(line));
}

/// `json` with the characters escaped that a terminal would obey: the same document, in other letters. JSON has them
/// inside strings only, and leaves those of C1 and the marks of direction as they are.
fn escaped(json: &str) -> Cow<'_, str> {
    if !json.chars().any(is_control_or_format) {
        return Cow::Borrowed(json);
    }
    json.chars()
        .fold(String::new(), |mut text, one| {
            if is_control_or_format(one) {
                // All of them are in the plane that four digits reach.
                write!(text, "\\u{:04x}", u32::from(one)).expect("a text takes what is written");
            } else {
                text.push(one);
            }
            text
        })
        .into()
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn an_escaped_document_is_the_same() {
        let document = serde_json::json!({"a": "c1 \u{9b}2J, rtl \u{202e}evil, esc \u{1b}[2J, end\n"});
        let text = document.to_string();
        let out = escaped(&text);
        assert!(!out.chars().any(usher_domain::is_control_or_format), "{out}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&out).unwrap(), document);
    }
}
