//! Questions that a person answers with yes or no.

use std::io::{BufRead as _, BufReader, IsTerminal as _, Write as _};

use usher_domain::{ErrorCode, Failure};

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

/// Asks `question` on the terminal. Everything but a yes is a no.
pub(crate) fn confirmed(question: &str) -> Result<bool, Failure> {
    require_terminal()?;
    let mut input = std::io::stdin();
    let unreadable = |error: std::io::Error| Failure::new(ErrorCode::BadUsage, error.to_string());
    let mut err = std::io::stderr();
    write!(err, "{question}").map_err(unreadable)?;
    err.flush().map_err(unreadable)?;
    let mut line = String::new();
    BufReader::new(&mut input).read_line(&mut line).map_err(unreadable)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}
