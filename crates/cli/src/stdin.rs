//! Secrets come by standard input: arguments are seen by every program of the computer, and stay in the history.

use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};

use usher_domain::{ErrorCode, Failure, Secret};
use zeroize::Zeroizing;

/// Longer ones are no secrets but files.
const LONGEST: u64 = 64 * 1024;

/// The first line of standard input, without spaces around it.
pub(crate) fn secret<Kind>(what: &str) -> Result<Secret<Kind>, Failure> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        // Nobody is asked when this fails; the line is read all the same.
        let _ = write!(std::io::stderr(), "Paste {what} and press Enter: ");
    }
    let mut line = Zeroizing::new(String::new());
    let read = stdin.lock().take(LONGEST).read_line(&mut line);
    read.map_err(|error| Failure::new(ErrorCode::BadUsage, format!("standard input: {error}")))?;
    match line.trim() {
        "" => Err(Failure::new(
            ErrorCode::BadUsage,
            format!("{what} was to come by standard input, and nothing came"),
        )),
        text => Ok(Secret::new(text)),
    }
}
