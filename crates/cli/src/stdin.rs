//! Reads secrets from standard input.
//!
//! Not from arguments: other programs can see those, and they stay in the shell history.

use std::io::{BufRead, IsTerminal as _};

use usher_domain::{ErrorCode, Failure, Passphrase, Secret, is_control_or_format};
use usher_text::{Language, messages as m};
use zeroize::Zeroizing;

use crate::language::{Text, language};
use crate::terminal_state::TerminalState;

/// The longest secret, in bytes. Each is sent in a header, and servers accept no longer ones.
const MAX_SECRET_BYTES: usize = 8 * 1024;

/// Reads the first line of standard input and trims it. A terminal does not show what is typed.
pub(crate) fn secret<Kind>(what: Text) -> Result<Secret<Kind>, Failure> {
    let unreadable =
        |error: std::io::Error| Failure::new(ErrorCode::BadUsage, format!("standard input: {error}"));
    let line = if std::io::stdin().is_terminal() {
        hidden_line(what).map_err(unreadable)?
    } else {
        first_line(std::io::stdin().lock()).map_err(unreadable)?
    };
    checked(what, &line)
}

/// Reads a line on a terminal, which does not show it.
///
/// Read key by key: a terminal that collects lines cuts them after 1,024 characters on some systems, and a token can be
/// longer.
pub(crate) fn hidden_line(what: Text) -> std::io::Result<Zeroizing<String>> {
    ask_hidden(&m::question_paste_hidden(language(), what(language())))
}

/// Asks on a terminal. What is typed is hidden before the question is shown: a quick paste would be visible otherwise.
fn ask_hidden(question: &str) -> std::io::Result<Zeroizing<String>> {
    let terminal = TerminalState::read();
    terminal.hide_typed();
    let typed = rpassword::prompt_password(format!("{question} "));
    terminal.restore(false);
    typed.map(Zeroizing::new)
}

/// Reads a passphrase: the first line as it is, without its end. A terminal shows `prompt`, and not what is typed.
pub(crate) fn passphrase(prompt: Text) -> Result<Passphrase, Failure> {
    let unreadable =
        |error: std::io::Error| Failure::new(ErrorCode::BadUsage, format!("standard input: {error}"));
    let line = if std::io::stdin().is_terminal() {
        ask_hidden(prompt(language())).map_err(unreadable)?
    } else {
        first_line(std::io::stdin().lock()).map_err(unreadable)?
    };
    if line.len() > MAX_SECRET_BYTES {
        let cause = format!("the passphrase is longer than {MAX_SECRET_BYTES} bytes");
        return Err(Failure::new(ErrorCode::BadUsage, cause));
    }
    // Shells put a byte order mark before piped text.
    Ok(Passphrase::new(line.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n'])))
}

/// Reads the first line, or enough of it to see that it is too long.
fn first_line(from: impl BufRead) -> std::io::Result<Zeroizing<String>> {
    let most = MAX_SECRET_BYTES + 1;
    // Allocated at full size: a string that grows leaves copies of the secret in freed memory.
    let mut line = Zeroizing::new(String::with_capacity(most));
    from.take(most as u64).read_line(&mut line)?;
    Ok(line)
}

/// Returns the secret that a line has. One that is empty or too long is rejected.
///
/// It is never truncated: half a key would be saved and fail later.
pub(crate) fn checked<Kind>(what: Text, line: &str) -> Result<Secret<Kind>, Failure> {
    // Shells put a byte order mark before piped text, and copied text may have invisible characters at its ends.
    let around = |one: char| one.is_whitespace() || is_control_or_format(one);
    let why = match line.trim_matches(around) {
        "" => "it was empty".to_owned(),
        text if text.len().max(line.trim_end_matches(['\r', '\n']).len()) > MAX_SECRET_BYTES => {
            format!("it is longer than {MAX_SECRET_BYTES} characters")
        }
        text => return Ok(Secret::new(text)),
    };
    Err(Failure::new(
        ErrorCode::BadUsage,
        format!("cannot read {} from standard input: {why}", what(Language::English)),
    ))
}

#[cfg(test)]
mod tests {
    use usher_domain::ApiKey;

    use super::*;

    #[test]
    fn secret_line_too_long_is_rejected() {
        let read = |text: &str| {
            let line = first_line(text.as_bytes()).unwrap();
            let key: Result<ApiKey, _> = checked(m::secret_api_key, &line);
            key.map(|key| key.expose().to_owned()).map_err(|failure| failure.cause)
        };
        let longest = "k".repeat(MAX_SECRET_BYTES);
        assert_eq!(read("  key \r\nsecond"), Ok("key".into()));
        assert_eq!(read("\u{feff}key\u{200b}\r\n"), Ok("key".into()));
        assert_eq!(read(&longest), Ok(longest.clone()));
        assert_eq!(read(&format!("{longest}\n")), Ok(longest.clone()));
        for long in [format!("{longest}k"), format!("{longest}k\n"), format!("{longest}    k")] {
            assert!(read(&long).unwrap_err().contains("longer than"), "{}", long.len());
        }
        for nothing in ["", "\n", "  \nkey", "\u{feff}\n"] {
            assert!(read(nothing).unwrap_err().contains("it was empty"), "{nothing:?}");
        }
    }
}
