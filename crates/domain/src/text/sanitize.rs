//! Sanitizing of text that others wrote, before a terminal or a window shows it.
//!
//! A server, a file of another program or a file name can hold escape sequences, line ends and marks that change the
//! direction of reading. A terminal acts on them: it clears itself, changes its title, or shows one name for another.
//! Text is cleaned where it comes in: by [`sanitize_line`] where it is only shown, and by rejecting it with
//! [`is_printable_within`] where it is sent back unchanged. [`sanitize_for_terminal`] is the last check before output.

use std::borrow::Cow;

/// The longest name that a user gives to an account, a service or a pass, in characters.
pub const MAX_NAME_CHARS: usize = 60;

/// Returns whether a terminal or a window would act on `one` instead of showing it.
///
/// These are control characters (also those of C1, which begin sequences as ESC does), line and paragraph separators,
/// the marks of the bidirectional algorithm (UAX #9 §2) and marks without width, by which two names look like one. The
/// joiners U+200C and U+200D are not among them: Persian and many emoji need them.
pub fn is_control_or_format(one: char) -> bool {
    one.is_control()
        || matches!(one,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{2028}' | '\u{2029}'
            | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// Returns `text` as one line of at most `max` characters, with control and format characters as spaces.
pub fn sanitize_line(text: &str, max: usize) -> String {
    let words = text
        .split(|one: char| one.is_whitespace() || is_control_or_format(one))
        .filter(|word| !word.is_empty());
    let mut line = String::new();
    for (place, one) in words.flat_map(|word| [" ", word]).skip(1).flat_map(str::chars).enumerate() {
        if place == max {
            line.push('…');
            break;
        }
        line.push(one);
    }
    line
}

/// Returns whether `text` is not empty, has at most `max` characters and no control or format character.
///
/// For ids, which are sent back to the server and so can be neither truncated nor cleaned.
pub fn is_printable_within(text: &str, max: usize) -> bool {
    !text.trim().is_empty() && text.chars().nth(max).is_none() && !text.chars().any(is_control_or_format)
}

/// Returns `text` with its line breaks, and U+FFFD for every other control or format character.
pub fn sanitize_for_terminal(text: &str) -> Cow<'_, str> {
    let is_kept = |one: char| one == '\n' || !is_control_or_format(one);
    if text.chars().all(is_kept) {
        return Cow::Borrowed(text);
    }
    text.chars().map(|one| if is_kept(one) { one } else { char::REPLACEMENT_CHARACTER }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sanitize_line_returns_one_printable_line() {
        let rows = [
            ("gpt-6.1-sol", "gpt-6.1-sol"),
            ("  Ada's  GPU \t", "Ada's GPU"),
            ("m\u{1b}[2J\u{1b}]0;pwned\u{7}x", "m [2J ]0;pwned x"),
            ("a\r\nb\u{2028}c", "a b c"),
            ("c1\u{9b}2Jx", "c1 2Jx"),
            ("rtl\u{202e}evil\u{2066}", "rtl evil"),
            ("ada\u{200b}@x", "ada @x"),
            ("日本 می\u{200c}خواهم", "日本 می\u{200c}خواهم"),
            ("\u{1b}\u{7}", ""),
        ];
        for (text, expected) in rows {
            assert_eq!(sanitize_line(text, 100), expected, "{text:?}");
        }
        assert_eq!(sanitize_line("word word", 6), "word w…");
        assert_eq!(sanitize_line("word", 4), "word");
    }

    #[test]
    fn is_printable_within_rejects_control_and_long_text() {
        assert!(is_printable_within("org/model:free", 200) && is_printable_within("日本", 2));
        for odd in ["", " ", "a\nb", "a\u{1b}b", "rtl\u{202e}evil", "long"] {
            assert!(!is_printable_within(odd, 3), "{odd:?}");
        }
    }

    #[test]
    fn sanitize_for_terminal_keeps_line_breaks() {
        assert_eq!(sanitize_for_terminal("a\n  b"), "a\n  b");
        assert_eq!(sanitize_for_terminal("a\u{1b}[2Jb\r\u{202e}"), "a\u{fffd}[2Jb\u{fffd}\u{fffd}");
    }

    proptest! {
        #[test]
        fn sanitized_text_has_no_control_characters(text in any::<String>(), max in 0..80_usize) {
            let line = sanitize_line(&text, max);
            prop_assert!(!line.chars().any(is_control_or_format), "{line:?}");
            prop_assert!(line.chars().count() <= max + 1, "{line:?}");
            prop_assert!(!sanitize_for_terminal(&text).chars().any(|one| one != '\n' && is_control_or_format(one)));
        }
    }
}
