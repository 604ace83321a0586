//! The values of the registry by which Windows starts a program at login. Pure.

use usher_domain::{ErrorCode, Failure};

/// The longest command line that Windows takes from the key `Run`, in units of UTF-16.
const MAX_COMMAND_LINE: usize = 260;

/// The value of an entry that is on: a number, and the time at which it was switched off.
#[cfg(windows)]
pub(super) const ON: [u8; 12] = [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// Returns whether a value of `StartupApproved` switches its entry off: its first byte is odd.
pub(super) fn is_switched_off(value: &[u8]) -> bool {
    value.first().is_some_and(|first| first % 2 == 1)
}

/// Returns words as the command line that `CommandLineToArgvW` takes apart into the same words. Fails for one that Windows would
/// not start.
pub(super) fn command_line(words: &[&str]) -> Result<String, Failure> {
    let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
    let line = quoted.join(" ");
    if line.encode_utf16().count() > MAX_COMMAND_LINE {
        let cause = format!("Windows starts no command of more than {MAX_COMMAND_LINE} characters: {line}");
        return Err(Failure::new(ErrorCode::BadUsage, cause));
    }
    Ok(line)
}

fn quote(word: &str) -> String {
    let mut quoted = String::from("\"");
    let mut backslashes = 0;
    for one in word.chars() {
        match one {
            '\\' => backslashes += 1,
            // Backslashes count only before a quotation mark, and then each is written twice.
            '"' => {
                quoted.push_str(&"\\".repeat(backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        quoted.push(one);
    }
    quoted.push_str(&"\\".repeat(backslashes));
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_spaces_quotes_and_backslashes_stay_words() {
        let words = [r"C:\Program Files\Usher\usher-desktop.exe", "--hidden", "--home", r"D:\a b\"];
        let line = command_line(&words).unwrap();
        assert_eq!(line, r#""C:\Program Files\Usher\usher-desktop.exe" "--hidden" "--home" "D:\a b\\""#);
        assert_eq!(quote(r#"a\"b"#), r#""a\\\"b""#);
    }

    #[test]
    fn command_that_is_too_long_for_windows_is_refused() {
        let folder = "a".repeat(MAX_COMMAND_LINE - 2);
        assert_eq!(command_line(&[&folder]).unwrap().len(), MAX_COMMAND_LINE);
        assert_eq!(command_line(&[&folder, "b"]).unwrap_err().code, ErrorCode::BadUsage);
    }

    #[test]
    fn entry_that_was_switched_off_in_windows_is_off() {
        for (value, is_off) in
            [(&[2_u8, 0, 0][..], false), (&[3, 0, 0], true), (&[6], false), (&[7], true), (&[], false)]
        {
            assert_eq!(is_switched_off(value), is_off, "{value:?}");
        }
    }
}
