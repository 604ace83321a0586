//! Questions of a wizard: with arrow keys, or as plain lines for screen readers and simple terminals.
//!
//! Each can be cancelled: with Esc, Ctrl-C, the end of the input, or a signal that ends the program.

mod arrow_keys;
mod plain_lines;

use std::fmt;
use std::io::IsTerminal as _;

use usher_domain::{ErrorCode, Failure, Secret, is_control_or_format, sanitize_for_terminal};
use usher_text::messages as m;
use zeroize::Zeroizing;

use crate::language::{Text, language};
use crate::signals;
use crate::stdin;
use crate::terminal_state::TerminalState;

/// Why a wizard ends before its last step.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The person cancelled it.
    Cancelled,
    /// A use case failed.
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// One of several answers.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    /// The line in the list.
    label: String,
    /// What is shown once it is chosen.
    answer: String,
}

impl Choice {
    pub(crate) fn new(label: &str) -> Self {
        Self::with_answer(label, label)
    }

    pub(crate) fn with_answer(label: &str, answer: &str) -> Self {
        let clean = |text| sanitize_for_terminal(text).into_owned();
        Self { label: clean(label), answer: clean(answer) }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.label)
    }
}

/// Returns whether somebody can be asked and sees the question.
pub(crate) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Asks on the terminal.
pub(crate) struct Questions {
    plain: bool,
    before: TerminalState,
}

impl Questions {
    /// Asks with arrow keys, unless `plain` lines are wanted or nobody sees what is drawn.
    pub(crate) fn new(plain: bool) -> Self {
        Self { plain: plain || !std::io::stderr().is_terminal(), before: TerminalState::read() }
    }

    /// Returns how a person stops the wizard.
    pub(crate) fn how_to_stop(&self) -> &'static str {
        let how = if self.plain { m::question_stop_plain } else { m::question_help_text };
        how(language())
    }

    /// Asks for one of `choices`; `start` is taken where the person only presses Enter.
    pub(crate) async fn select(
        &self,
        question: &str,
        choices: Vec<Choice>,
        start: usize,
    ) -> Result<usize, Stop> {
        let (question, plain) = (clean(question), self.plain);
        self.ask(move || {
            if plain {
                plain_lines::select(&question, &choices, start)
            } else {
                arrow_keys::select(&question, choices, start)
            }
        })
        .await
    }

    /// Asks for any number of `choices`; all of them are taken where the person only presses Enter.
    pub(crate) async fn select_any(&self, question: &str, choices: Vec<Choice>) -> Result<Vec<usize>, Stop> {
        let (question, plain) = (clean(question), self.plain);
        self.ask(move || {
            if plain {
                plain_lines::select_any(&question, &choices)
            } else {
                arrow_keys::select_any(&question, choices)
            }
        })
        .await
    }

    /// Asks for a yes or no; `default` is taken where the person only presses Enter.
    pub(crate) async fn confirm(&self, question: &str, default: bool) -> Result<bool, Stop> {
        let (question, plain) = (clean(question), self.plain);
        self.ask(move || {
            if plain {
                plain_lines::confirm(&question, default)
            } else {
                arrow_keys::confirm(&question, default)
            }
        })
        .await
    }

    /// Asks for a line of text, which may be empty.
    pub(crate) async fn text(&self, question: &str) -> Result<String, Stop> {
        let (question, plain) = (clean(question), self.plain);
        self.ask(move || if plain { plain_lines::text(&question) } else { arrow_keys::text(&question) }).await
    }

    /// Asks for a secret, which is not shown. `None` is an empty line; the failure is of one that is too long.
    pub(crate) async fn secret<Kind>(
        &self,
        what: Text,
    ) -> Result<Option<Result<Secret<Kind>, Failure>>, Stop> {
        let plain = self.plain;
        let line: Zeroizing<String> = self
            .ask(move || if plain { plain_lines::secret(what) } else { arrow_keys::secret(what) })
            .await?;
        let is_empty = line.chars().all(|one| one.is_whitespace() || is_control_or_format(one));
        Ok((!is_empty).then(|| stdin::checked(what, &line)))
    }

    /// Waits for `work`, which a person may cancel: it must leave nothing half done where it is dropped.
    pub(crate) async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Result<T, Stop> {
        tokio::select! {
            done = work => Ok(done),
            () = signals::termination() => Err(Stop::Cancelled),
        }
    }

    /// Discards what was typed before, so that it does not answer the next question.
    pub(crate) fn discard_typed(&self) {
        self.before.discard_typed();
    }

    /// Asks on a thread of its own, because reading from a terminal blocks, and a sign-in may run meanwhile.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce() -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Stop> {
        // Caught before the question is drawn: a signal while it is drawn must not leave the terminal as it is then.
        let stopped = signals::termination();
        let asked = tokio::task::spawn_blocking(question);
        tokio::select! {
            answer = asked => answer.unwrap_or_else(|error| {
                Err(Failure::new(ErrorCode::Internal, format!("a question failed: {error}")).into())
            }),
            () = stopped => {
                // The thread still waits for a key, and ends with the process.
                self.before.restore(!self.plain);
                Err(Stop::Cancelled)
            }
        }
    }
}

/// Returns whether an answer is a yes: by its English word or that of the language.
pub(crate) fn means_yes(answer: &str) -> bool {
    is_one_of(m::question_yes_words, answer)
}

fn means_no(answer: &str) -> bool {
    is_one_of(m::question_no_words, answer)
}

fn is_one_of(words: Text, answer: &str) -> bool {
    let answer = answer.trim().to_lowercase();
    words(language()).split(' ').any(|word| word == answer)
}

fn clean(question: &str) -> String {
    sanitize_for_terminal(question).into_owned()
}

/// Returns the end of a wizard whose question could not be asked.
fn unreadable(error: &std::io::Error) -> Stop {
    match error.kind() {
        std::io::ErrorKind::Interrupted | std::io::ErrorKind::UnexpectedEof => Stop::Cancelled,
        _ => Failure::new(ErrorCode::BadUsage, format!("the terminal: {error}")).into(),
    }
}
