//! What is printed where: documents and text to stdout, errors to stderr, and with `--json` an error
//! document to stdout as well (contract sections 2 and 6).

use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use usher_domain::{ErrorCode, Exit, Failure};

use crate::documents::ErrorDocument;
use crate::sentences;

/// Prints for people or for programs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// One line for people.
    pub(crate) fn text(self, line: impl AsRef<str>) {
        if !self.json {
            to_stdout(line.as_ref());
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
            to_stdout(
                &serde_json::to_string(document)
                    .expect("structs of text and numbers have no key that JSON lacks"),
            );
        }
    }

    /// A failure: on stderr for people, on stdout for programs. Gives the exit status for it.
    pub(crate) fn failure(self, failure: &Failure, hint: &'static str) -> Exit {
        say_with(failure, hint);
        self.document(&ErrorDocument::new(failure, hint));
        failure.code.exit()
    }
}

/// A failure for people. On its own where another document carries the code for programs.
pub(crate) fn say(failure: &Failure) {
    say_with(failure, sentences::hint(failure.code));
}

/// The same with the next step for a certain provider.
pub(crate) fn say_with(failure: &Failure, hint: &str) {
    to_stderr(&format!("error: {}", sentences::what(failure.code)));
    if !failure.cause.is_empty() {
        to_stderr(&format!("cause: {}", failure.cause));
    }
    to_stderr(&format!("hint: {hint}"));
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
        Output::new(true).document(&ErrorDocument::new(&failure, sentences::hint(failure.code)));
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
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
