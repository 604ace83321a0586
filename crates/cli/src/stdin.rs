//! Secrets come by standard input: arguments are seen by every program of the computer, and stay in the history.

use std::io::{BufRead, IsTerminal as _};

use usher_domain::{ErrorCode, Failure, Secret};
use zeroize::Zeroizing;

/// Longer ones are no secrets but files. Servers take no longer header either, and each of these is sent in one.
const LONGEST: usize = 8 * 1024;

/// The first line of standard input, without spaces around it. At a terminal it is not shown as it is typed or pasted.
pub(crate) fn secret<Kind>(what: &str) -> Result<Secret<Kind>, Failure> {
    let unreadable =
        |error: std::io::Error| Failure::new(ErrorCode::BadUsage, format!("standard input: {error}"));
    let line = if std::io::stdin().is_terminal() {
        // Read key by key: a terminal that collects lines cuts them after 1,024 characters on some systems, and a token
        // can be longer.
        let asked = rpassword::prompt_password(format!("Paste {what} and press Enter; it is not shown: "));
        Zeroizing::new(asked.map_err(unreadable)?)
    } else {
        first_line(std::io::stdin().lock()).map_err(unreadable)?
    };
    checked(what, &line).map(Secret::new)
}

/// The first line, or so much of it that one can tell that it is too long.
fn first_line(from: impl BufRead) -> std::io::Result<Zeroizing<String>> {
    let most = LONGEST + 1;
    // At its full size from the start: a text that grows leaves pieces of itself behind.
    let mut line = Zeroizing::new(String::with_capacity(most));
    from.take(most as u64).read_line(&mut line)?;
    Ok(line)
}

/// What is too long is refused, never cut: half a key would be kept and fail later.
fn checked<'a>(what: &str, line: &'a str) -> Result<&'a str, Failure> {
    let why = match line.trim() {
        "" => "nothing came".to_owned(),
        text if text.len().max(line.trim_end_matches(['\r', '\n']).len()) > LONGEST => {
            format!("what came is longer than {LONGEST} characters")
        }
        text => return Ok(text),
    };
    Err(Failure::new(ErrorCode::BadUsage, format!("{what} was to come by standard input, and {why}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_whole_or_not_at_all() {
        let read = |text: &str| {
            let line = first_line(text.as_bytes()).unwrap();
            checked("the key", &line).map(str::to_owned).map_err(|failure| failure.cause)
        };
        let longest = "k".repeat(LONGEST);
        assert_eq!(read("  key \r\nsecond"), Ok("key".into()));
        assert_eq!(read(&longest), Ok(longest.clone()));
        assert_eq!(read(&format!("{longest}\n")), Ok(longest.clone()));
        for long in [format!("{longest}k"), format!("{longest}k\n"), format!("{longest}    k")] {
            assert!(read(&long).unwrap_err().contains("longer than"), "{}", long.len());
        }
        for nothing in ["", "\n", "  \nkey"] {
            assert!(read(nothing).unwrap_err().contains("nothing came"), "{nothing:?}");
        }
    }
}
