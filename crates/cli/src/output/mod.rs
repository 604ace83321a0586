//! Printing: text and JSON documents to stdout, errors to stderr.
//!
//! With `--json` an error is also a document on stdout (contract §2, contract §6).

pub(crate) mod columns;
pub(crate) mod json;
pub(crate) mod messages;
pub(crate) mod role_choice;
mod shell_quote;
pub(crate) mod time_format;
mod wrong_usage;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use usher_app::view::{AccountView, FailureView};
use usher_app::{App, CHATGPT, Target};
use usher_domain::{
    ErrorCode, ExitStatus, Failure, ProviderId, SignInRoute, SpendLimitScope, is_control_or_format, redact,
    sanitize_for_terminal, sanitize_line,
};

use usher_text::{Language, cause, messages as m};

use self::json::ErrorDocument;
use self::messages::Subject;
pub(crate) use self::shell_quote::shell_quoted;
use self::wrong_usage::{error_and_hint, sentence};
use crate::language::{Text, language};

/// The longest text about a wrong argument, in characters.
const MAX_MESSAGE_CHARS: usize = 300;

/// How this process exits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// As a command of its own.
    Own(ExitStatus),
    /// As the program did that it ran.
    Program(i32),
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        Self::Own(status)
    }
}

/// Prints for people, or with `--json` for programs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
    /// The subject of error messages.
    pub(crate) subject: Subject,
}

impl Output {
    pub(crate) fn new(json: bool, subject: Subject) -> Self {
        Self { json, subject }
    }

    /// Returns an output about the provider that `target` selects.
    ///
    /// Called only after a failure, because finding the provider reads the settings.
    pub(crate) async fn for_target(self, app: &App, target: &Target) -> Self {
        // If the provider cannot be found, the subject stays as it is.
        let Ok(provider) = app.connector.resolve_provider(target).await else { return self };
        let output = self.for_provider(&provider);
        match app.accounts.route_of(target).await {
            Ok(route) if provider == CHATGPT => output.for_route(route),
            _ => output,
        }
    }

    /// Returns an output about an account that came by `route`.
    pub(crate) fn for_route(self, route: SignInRoute) -> Self {
        match route {
            SignInRoute::CodexClient => self,
            SignInRoute::PlanUsage => Self { subject: Subject::PlanUsage, ..self },
        }
    }

    /// Returns an output about `provider`.
    pub(crate) fn for_provider(self, provider: &ProviderId) -> Self {
        Self { subject: Subject::of(Some(provider)), ..self }
    }

    /// Returns an output about the gateway.
    pub(crate) fn for_gateway(self) -> Self {
        Self { subject: Subject::Gateway, ..self }
    }

    /// Returns whether programs read it, which answer no questions.
    pub(crate) fn is_for_programs(self) -> bool {
        self.json
    }

    /// Prints one line for people.
    pub(crate) fn text(self, line: impl AsRef<str>) {
        if !self.json {
            to_stdout(&sanitize_for_terminal(line.as_ref()));
        }
    }

    /// Prints several lines for people.
    pub(crate) fn lines(self, lines: impl IntoIterator<Item = String>) {
        for line in lines {
            self.text(line);
        }
    }

    /// Prints a warning for people. Programs find it in the output of `doctor`.
    pub(crate) fn warning(self, line: impl AsRef<str>) {
        if !self.json {
            to_stderr(&m::label_warning(language(), line.as_ref()));
        }
    }

    /// Prints the next step to stderr for people, so that stdout holds only the result.
    pub(crate) fn hint(self, line: impl AsRef<str>) {
        if !self.json {
            to_stderr(&m::label_hint(language(), line.as_ref()));
        }
    }

    /// Prints one line unchanged, also with `--json`.
    #[expect(clippy::unused_self, reason = "everything is printed through `Output`")]
    pub(crate) fn raw_line(self, line: &str) {
        to_stdout(line);
    }

    /// Prints one JSON document or event for programs.
    pub(crate) fn document(self, document: &impl Serialize) {
        if self.json {
            let text = serde_json::to_string(document)
                .expect("structs of text and numbers have no key that JSON lacks");
            to_stdout(&escape_control_characters(&text));
        }
    }

    /// Prints a failure and returns its exit status.
    pub(crate) fn failure(self, failure: &Failure) -> ExitStatus {
        self.print_failure(failure);
        self.document(&ErrorDocument::new(failure, self.subject));
        failure.code.exit_status()
    }

    /// Prints a failure with a `hint` of its own, for people. Returns its exit status.
    pub(crate) fn failure_with_hint(self, failure: &Failure, hint: &str) -> ExitStatus {
        self.print_failure_with_hint(failure, hint);
        self.document(&ErrorDocument::new(failure, self.subject));
        failure.code.exit_status()
    }

    /// Prints a failure with a `message` and a `hint` that replace those of its code, in the language of people and, for
    /// programs, in English. Returns its exit status.
    pub(crate) fn failure_with_message(
        self,
        failure: &Failure,
        message: impl Fn(Language) -> String,
        hint: Text,
    ) -> ExitStatus {
        print_labeled(m::label_error, message(language()));
        print_labeled(m::label_hint, hint(language()));
        let english = Language::English;
        self.document(&ErrorDocument::with_message(failure, message(english), hint(english)));
        failure.code.exit_status()
    }

    /// Prints a failure for people only, for commands whose own document carries the error code.
    pub(crate) fn print_failure(self, failure: &Failure) {
        self.print_error(failure);
        let own = own_message(failure).and_then(|cause| error_and_hint(&cause).1);
        let hint = own.as_deref().unwrap_or(self.subject.hint(language(), failure.code));
        print_labeled(m::label_hint, hint);
    }

    /// Prints a failure with a `hint` of its own, for people only.
    pub(crate) fn print_failure_with_hint(self, failure: &Failure, hint: &str) {
        self.print_error(failure);
        print_labeled(m::label_hint, hint);
    }

    fn print_error(self, failure: &Failure) {
        if let Some(cause) = own_message(failure) {
            print_labeled(m::label_error, error_and_hint(&cause).0);
            return;
        }
        print_labeled(m::label_error, self.subject.message(language(), failure.code));
        let repeats =
            failure.code == ErrorCode::SignInRequired && failure.cause.starts_with("nobody is signed in");
        if !failure.cause.is_empty() && !repeats {
            print_labeled(m::label_cause, shown_cause(&failure.cause));
        }
        if let Some(at) = failure.retry_at {
            to_stderr(&m::label_retry(language(), time_format::moment(at)));
        }
    }

    /// Prints the cause of a failure as its message, with a `hint`, for people only.
    pub(crate) fn print_cause_with_hint(self, failure: &Failure, hint: &str) {
        match cause(language(), &failure.cause) {
            Some(cause) => print_labeled(m::label_error, sentence(&cause)),
            None if language() == Language::English => {
                print_labeled(m::label_error, sentence(&failure.cause));
            }
            None => self.print_error(failure),
        }
        print_labeled(m::label_hint, hint);
    }
}

/// Returns the cause where it says what is wrong, so that a general message in front of it would add nothing. One that has no
/// translation needs that message.
fn own_message(failure: &Failure) -> Option<String> {
    if failure.code != ErrorCode::BadUsage || failure.cause.is_empty() {
        return None;
    }
    let is_english = language() == Language::English;
    cause(language(), &failure.cause).or_else(|| is_english.then(|| failure.cause.clone()))
}

/// Returns a cause in the language of people, or as it is written where it has no translation.
pub(crate) fn shown_cause(english: &str) -> String {
    cause(language(), english).unwrap_or_else(|| english.to_owned())
}

/// Returns why, in the middle of a sentence: the cause, or what happened where the cause has no translation.
pub(crate) fn reason(failure: &FailureView) -> String {
    cause(language(), &failure.cause).unwrap_or_else(|| match language() {
        Language::English => failure.cause.clone(),
        other => m::error_title(other, failure.code).trim_end_matches(['.', '。']).to_owned(),
    })
}

/// Returns what a spend limit is called.
pub(crate) fn limit_name(scope: SpendLimitScope) -> &'static str {
    let name = match scope {
        SpendLimitScope::Member => m::limit_name_member,
        SpendLimitScope::Role => m::limit_name_role,
        SpendLimitScope::GroupDefault => m::limit_name_group_default,
        SpendLimitScope::WorkspaceDefault => m::limit_name_workspace_default,
        SpendLimitScope::GroupShared => m::limit_name_group_shared,
        SpendLimitScope::WorkspaceShared => m::limit_name_workspace_shared,
    };
    name(language())
}

/// Returns an account for people: `Personal: ada@example.com, ChatGPT Plus`.
pub(crate) fn account_summary(account: &AccountView) -> String {
    let email = account.email.as_deref().unwrap_or(m::no_email(language()));
    m::account_summary(language(), &account.name, email, &account.plan_name)
}

/// Prints a line that begins with what it is: `error: …`.
fn print_labeled<Text>(label: fn(Language, Text) -> String, text: Text) {
    to_stderr(&label(language(), text));
}

/// Prints clap's error, help or version. Help and version exit with success.
pub(crate) fn print_usage_error(error: &clap::Error) -> ExitCode {
    let printed = error.print();
    if error.exit_code() == 0 {
        record_write(printed);
        return exit_status(ExitStatus::Success);
    }
    // What follows is for the program of `usher run`.
    let mut own = std::env::args_os().take_while(|argument| argument != "--");
    if own.any(|argument| argument == "--json") {
        let failure = Failure::new(ErrorCode::BadUsage, first_paragraph_of(error));
        Output::new(true, Subject::Plan).document(&ErrorDocument::new(&failure, Subject::Plan));
    }
    exit_status(ExitStatus::UsageError)
}

/// Returns the first paragraph of clap's error, which names the argument and what is wrong with it.
fn first_paragraph_of(error: &clap::Error) -> String {
    let text = error.to_string();
    let first_paragraph = text.split("\n\n").next().unwrap_or_default();
    // Somebody may have given a key as an argument, and JSON output is kept in logs.
    sanitize_line(&redact(first_paragraph.trim_start_matches("error: ")), MAX_MESSAGE_CHARS)
}

/// Set once the reader of stdout has closed it, like `head`. The command still runs to its end: a sign-in must not stop
/// half way because a script reads only the first line.
static STDOUT_CLOSED: AtomicBool = AtomicBool::new(false);
/// Set once a write to stdout failed. Static, because stdout belongs to the whole process.
static WRITE_FAILED: AtomicBool = AtomicBool::new(false);

/// Returns the exit code of the process: success becomes failure if the output could not be written.
pub(crate) fn exit_status(exit: impl Into<Exit>) -> ExitCode {
    let exit = match exit.into() {
        Exit::Own(exit) => exit,
        Exit::Program(code) => match u8::try_from(code) {
            Ok(code) => return ExitCode::from(code),
            // Codes of Windows have 32 bits. By now everything that has to end in order has ended.
            Err(_) => std::process::exit(code),
        },
    };
    let incomplete = exit == ExitStatus::Success && WRITE_FAILED.load(Ordering::Relaxed);
    ExitCode::from(if incomplete { ExitStatus::Failed } else { exit }.code())
}

fn to_stdout(line: &str) {
    if STDOUT_CLOSED.load(Ordering::Relaxed) || WRITE_FAILED.load(Ordering::Relaxed) {
        return;
    }
    let mut out = std::io::stdout().lock();
    record_write(writeln!(out, "{line}").and_then(|()| out.flush()));
}

/// Records a failed write and reports it on stderr, except when the reader closed the pipe.
fn record_write(written: std::io::Result<()>) {
    match written {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => STDOUT_CLOSED.store(true, Ordering::Relaxed),
        Err(error) => {
            WRITE_FAILED.store(true, Ordering::Relaxed);
            print_labeled(m::label_error, m::output_not_written(language()));
            print_labeled(m::label_cause, &error);
            print_labeled(m::label_hint, m::output_not_written_hint(language()));
        }
    }
}

fn to_stderr(line: &str) {
    // If stderr is closed, there is nowhere left to report it.
    let _ = writeln!(std::io::stderr().lock(), "{}", sanitize_for_terminal(line));
}

/// Escapes the characters of `json` that control a terminal; the document stays the same.
///
/// JSON allows C1 controls and bidirectional marks unescaped inside strings.
fn escape_control_characters(json: &str) -> Cow<'_, str> {
    if !json.chars().any(is_control_or_format) {
        return Cow::Borrowed(json);
    }
    json.chars()
        .fold(String::new(), |mut text, one| {
            if is_control_or_format(one) {
                // Beyond the Basic Multilingual Plane there are two units.
                for unit in one.encode_utf16(&mut [0; 2]) {
                    write!(text, "\\u{unit:04x}").expect("writing to a String never fails");
                }
            } else {
                text.push(one);
            }
            text
        })
        .into()
}

#[cfg(test)]
mod tests {
    use super::escape_control_characters;

    #[test]
    fn control_characters_escaped_leave_document_unchanged() {
        let document =
            serde_json::json!({"a": "c1 \u{9b}2J, rtl \u{202e}evil, esc \u{1b}[2J, tag \u{e0041}, end\n"});
        let text = document.to_string();
        let out = escape_control_characters(&text);
        assert!(!out.chars().any(usher_domain::is_control_or_format), "{out}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&out).unwrap(), document);
    }
}
