//! The rule for text that others wrote: what is shown of it is read, and nothing of it is obeyed.
//!
//! A server, a file of another program or a file name can hold escape sequences, line ends and marks that turn the
//! direction of reading. A terminal obeys them: it clears itself, changes its title, or shows one name for another.
//! Text is cleaned where it comes in, by [`sanitize_line`] for what is only read and by refusing it with [`is_printable_within`]
//! where it is sent back as it is. [`sanitize_for_terminal`] is the last look before it leaves.

use std::borrow::Cow;

/// Most characters of a name that a person gives: an account's or a service's.
pub const MAX_NAME_CHARS: usize = 60;

/// Whether a terminal or a window would do something at `one` instead of showing it: control characters (also those
/// of C1, which begin sequences as ESC does), ends of lines and paragraphs, the marks of the bidirectional algorithm
/// (UAX #9 §2) and marks that have no width, by which two names look like one.
///
/// The joiners U+200C and U+200D are no such marks: Persian and many an emoji are not written without them.
pub fn is_control_or_format(one: char) -> bool {
    one.is_control()
        || matches!(one,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{2028}' | '\u{2029}'
            | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// `text` as one line of at most `most` characters. What would be obeyed becomes a space.
pub fn sanitize_line(text: &str, most: usize) -> String {
    let words = text
        .split(|one: char| one.is_whitespace() || is_control_or_format(one))
        .filter(|word| !word.is_empty());
    let mut line = String::new();
    for (place, one) in words.flat_map(|word| [" ", word]).skip(1).flat_map(str::chars).enumerate() {
        if place == most {
            line.push('…');
            break;
        }
        line.push(one);
    }
    line
}

/// Whether `text` is not empty, has at most `most` characters and none that would be obeyed: for ids, which are sent
/// back and cannot be cut or cleaned.
pub fn is_printable_within(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.chars().nth(most).is_none() && !text.chars().any(is_control_or_format)
}

/// `text` with its lines, and with a mark for everything else that would be obeyed: for the way out.
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
    fn what_is_shown_is_one_line_that_nothing_obeys() {
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
    fn an_id_is_taken_whole_or_not_at_all() {
        assert!(is_printable_within("org/model:free", 200) && is_printable_within("日本", 2));
        for odd in ["", " ", "a\nb", "a\u{1b}b", "rtl\u{202e}evil", "long"] {
            assert!(!is_printable_within(odd, 3), "{odd:?}");
        }
    }

    #[test]
    fn what_leaves_keeps_its_lines() {
        assert_eq!(sanitize_for_terminal("a\n  b"), "a\n  b");
        assert_eq!(sanitize_for_terminal("a\u{1b}[2Jb\r\u{202e}"), "a\u{fffd}[2Jb\u{fffd}\u{fffd}");
    }

    proptest! {
        #[test]
        fn whatever_comes_nothing_is_obeyed(text in any::<String>(), most in 0..80_usize) {
            let line = sanitize_line(&text, most);
            prop_assert!(!line.chars().any(is_control_or_format), "{line:?}");
            prop_assert!(line.chars().count() <= most + 1, "{line:?}");
            prop_assert!(!sanitize_for_terminal(&text).chars().any(|one| one != '\n' && is_control_or_format(one)));
        }
    }
}
