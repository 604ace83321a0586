//! Asks for a new passphrase.

use usher_domain::{ErrorCode, Failure, Passphrase};
use usher_text::messages as m;

use crate::confirm::is_interactive;
use crate::stdin;

/// Reads a new passphrase: once from a pipe, twice from a person, who does not see what is typed.
pub(crate) fn new_passphrase(from_stdin: bool) -> Result<Passphrase, Failure> {
    if !is_interactive() {
        return if from_stdin {
            stdin::passphrase(m::secrets_ask_new)
        } else {
            Err(no_terminal_for_passphrase())
        };
    }
    let first = stdin::passphrase(m::secrets_ask_new)?;
    if first.matches(&stdin::passphrase(m::secrets_ask_again)?) {
        return Ok(first);
    }
    Err(Failure::new(ErrorCode::BadUsage, "the two passphrases differ; nothing was changed"))
}

/// Returns why no passphrase can be asked for.
pub(crate) fn no_terminal_for_passphrase() -> Failure {
    let cause = "there is no terminal to type the passphrase on; add --passphrase-stdin";
    Failure::new(ErrorCode::BadUsage, cause)
}
