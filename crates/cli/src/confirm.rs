//! Questions that a person answers with yes or no.

use std::io::{BufRead as _, BufReader, IsTerminal as _, Write as _};

use usher_domain::{ErrorCode, Failure};
use usher_text::messages as m;

use crate::language::language;
use crate::questions::means_yes;

/// Returns whether there is a person to ask.
pub(crate) fn is_interactive() -> bool {
    std::io::stdin().is_terminal()
}

/// Refuses a command that has to ask where nobody can answer.
pub(crate) fn require_terminal() -> Result<(), Failure> {
    if is_interactive() {
        return Ok(());
    }
    Err(Failure::new(ErrorCode::BadUsage, "there is no terminal to confirm on; add --yes"))
}

/// Returns the failure of a command whose question was answered with no.
pub(crate) fn declined() -> Failure {
    Failure::new(ErrorCode::Cancelled, "nothing was changed")
}

/// Asks `question` on the terminal, with the answers after it: `Connect Codex? [y/N]`. Everything but a yes is a no.
pub(crate) fn is_confirmed(question: &str) -> Result<bool, Failure> {
    require_terminal()?;
    let mut input = std::io::stdin();
    let unreadable = |error: std::io::Error| Failure::new(ErrorCode::BadUsage, error.to_string());
    let mut err = std::io::stderr();
    // In one piece: whoever waits for the question sees the answers, too.
    let question = format!("{question} {} ", m::question_yes_no(language()));
    err.write_all(question.as_bytes()).map_err(unreadable)?;
    err.flush().map_err(unreadable)?;
    let mut line = String::new();
    BufReader::new(&mut input).read_line(&mut line).map_err(unreadable)?;
    Ok(means_yes(&line))
}
