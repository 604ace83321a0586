//! What is printed where: documents and text to stdout, errors to stderr, and with `--json` an error
//! document to stdout as well (contract sections 2 and 6).

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use usher_app::{App, Target};
use usher_domain::{ErrorCode, Exit, Failure, ProviderId, harmless, is_obeyed};

use crate::documents::ErrorDocument;
use crate::sentences::About;

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
        let meant = app.provider_meant(target).await;
        meant.map_or(self, |provider| self.about(&provider))
    }

    /// The same, about `provider`.
    pub(crate) fn about(self, provider: &ProviderId) -> Self {
        Self { about: About::of(Some(provider)), ..self }
    }

    /// One line for people.
    pub(crate) fn text(self, line: impl AsRef<str>) {
        if !self.json {
            to_stdout(&harmless(line.as_ref()));
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

    /// One document, or one event, for programs.
    pub(crate) fn document(self, document: &impl Serialize) {
        if self.json {
            let text = serde_json::to_string(document)
                .expect("structs of text and numbers have no key that JSON lacks");
            to_stdout(&escaped(&text));
        }
    }

    /// A failure: on stderr for people, on stdout for programs. Gives the exit status for it.
    pub(crate) fn failure(self, failure: &Failure) -> Exit {
        self.say(failure);
        self.document(&ErrorDocument::new(failure, self.about));
        failure.code.exit()
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
    // Printing help to a closed pipe is nobody's failure.
    let _ = error.print();
    if error.exit_code() == 0 {
        return ExitCode::SUCCESS;
    }
    if std::env::args_os().any(|argument| argument == "--json") {
        let failure = Failure::new(ErrorCode::BadUsage, error.kind().to_string());
        Output::new(true, About::Plan).document(&ErrorDocument::new(&failure, About::Plan));
    }
    ExitCode::from(Exit::WrongUsage.code())
}

fn to_stdout(line: &str) {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        // The reader has what it wanted, as `head` does.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => to_stderr(&format!("error: the output could not be written: {error}")),
        Ok(()) => {}
    }
}

fn to_stderr(line: &str) {
    // There is nowhere left to say that stderr is closed.
    let _ = writeln!(std::io::stderr().lock(), "{}", harmless(line));
}

/// `json` with the characters escaped that a terminal would obey: the same document, in other letters. JSON has them
/// inside strings only, and leaves those of C1 and the marks of direction as they are.
fn escaped(json: &str) -> Cow<'_, str> {
    if !json.chars().any(is_obeyed) {
        return Cow::Borrowed(json);
    }
    json.chars()
        .fold(String::new(), |mut text, one| {
            if is_obeyed(one) {
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
        assert!(!out.chars().any(usher_domain::is_obeyed), "{out}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&out).unwrap(), document);
    }
}
