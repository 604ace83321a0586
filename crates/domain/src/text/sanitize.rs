//! Sanitizing of text that others wrote, before a terminal or a window shows it.
//!
//! A server, a file of another program or a file name can hold escape sequences, line ends and marks that change the
//! direction of reading. A terminal acts on them: it clears itself, changes its title, or shows one name for another.
//! Text is cleaned where it comes in: by [`sanitize_line`] where it is only shown, and by rejecting it with
//! [`is_printable_within`] where it is sent back unchanged. [`sanitize_for_terminal`] is the last check before output.

use std::borrow::Cow;
use std::fmt::Write as _;

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
        || is_invisible(one)
}

/// Returns whether `one` looks like nothing or like a space, so that two names with and without it look alike.
///
/// Soft hyphen, fillers and blanks of several scripts, selectors of a variant of the character before, and tags.
fn is_invisible(one: char) -> bool {
    matches!(one,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Returns whether `one` selects between the two forms of the symbol `before`, as in most emoji of one color.
fn selects_emoji(before: Option<char>, one: char) -> bool {
    let is_symbol = |before: char| {
        matches!(before,
            '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{27ff}'
                | '\u{2900}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
                | '\u{1f000}'..='\u{1faff}')
    };
    matches!(one, '\u{fe0e}' | '\u{fe0f}') && before.is_some_and(is_symbol)
}

/// Returns the characters of `text`, each with whether something hides in it.
fn with_hidden(text: &str) -> impl Iterator<Item = (char, bool)> {
    let mut before = None;
    text.chars().map(move |one| {
        let before = before.replace(one);
        (one, is_control_or_format(one) && !selects_emoji(before, one))
    })
}

/// Returns `text` as one line of at most `max` characters, with control and format characters as spaces, and invisible
/// ones by their numbers, such as `<U+00AD>`: a space more or less would not be seen.
pub fn sanitize_line(text: &str, max: usize) -> String {
    let mut clean = String::new();
    for (one, is_hidden) in with_hidden(text) {
        match one {
            one if is_hidden && is_invisible(one) => {
                write!(clean, "<U+{:04X}>", u32::from(one)).expect("writing to a String never fails");
            }
            _ if is_hidden => clean.push(' '),
            one => clean.push(one),
        }
    }
    let words = clean.split_whitespace();
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
    !text.trim().is_empty()
        && text.chars().nth(max).is_none()
        && !with_hidden(text).any(|(_, is_hidden)| is_hidden)
}

/// Returns `text` with its line breaks, and U+FFFD for every other control or format character.
pub fn sanitize_for_terminal(text: &str) -> Cow<'_, str> {
    let is_kept = |one: char, is_hidden: bool| one == '\n' || !is_hidden;
    if with_hidden(text).all(|(one, is_hidden)| is_kept(one, is_hidden)) {
        return Cow::Borrowed(text);
    }
    let shown = |(one, is_hidden)| if is_kept(one, is_hidden) { one } else { char::REPLACEMENT_CHARACTER };
    with_hidden(text).map(shown).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sanitize_line_returns_one_printable_line() {
        let rows = [
            ("gpt-6.2-sol", "gpt-6.2-sol"),
            ("  Ada's  GPU \t", "Ada's GPU"),
            ("m\u{1b}[2J\u{1b}]0;pwned\u{7}x", "m [2J ]0;pwned x"),
            ("a\r\nb\u{2028}c", "a b c"),
            ("c1\u{9b}2Jx", "c1 2Jx"),
            ("rtl\u{202e}evil\u{2066}", "rtl evil"),
            ("ada\u{200b}@x", "ada @x"),
            ("日本 می\u{200c}خواهم", "日本 می\u{200c}خواهم"),
            ("\u{1b}\u{7}", ""),
            ("ada\u{ad}", "ada<U+00AD>"),
            ("a\u{180e}b\u{2800}c\u{3164}", "a<U+180E>b<U+2800>c<U+3164>"),
            ("a\u{e0041}\u{e007f}", "a<U+E0041><U+E007F>"),
            ("a\u{fe0f}b\u{e0100}", "a<U+FE0F>b<U+E0100>"),
            ("love \u{2764}\u{fe0f}", "love \u{2764}\u{fe0f}"),
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
        for odd in [
            "",
            " ",
            "a\nb",
            "a\u{1b}b",
            "rtl\u{202e}evil",
            "long",
            "a\u{ad}",
            "\u{2800}",
            "\u{3164}",
            "a\u{e0041}",
        ] {
            assert!(!is_printable_within(odd, 3), "{odd:?}");
        }
    }

    #[test]
    fn sanitize_for_terminal_keeps_line_breaks() {
        assert_eq!(sanitize_for_terminal("a\n  b"), "a\n  b");
        assert_eq!(
            sanitize_for_terminal("\u{2764}\u{fe0f} a\u{fe0f}\u{ad}"),
            "\u{2764}\u{fe0f} a\u{fffd}\u{fffd}"
        );
        assert_eq!(sanitize_for_terminal("a\u{1b}[2Jb\r\u{202e}"), "a\u{fffd}[2Jb\u{fffd}\u{fffd}");
    }

    proptest! {
        #[test]
        fn sanitized_text_has_no_control_characters(text in any::<String>(), max in 0..80_usize) {
            let line = sanitize_line(&text, max);
            prop_assert!(!with_hidden(&line).any(|(_, is_hidden)| is_hidden), "{line:?}");
            prop_assert!(line.chars().count() <= max + 1, "{line:?}");
            let shown = sanitize_for_terminal(&text);
            prop_assert!(!with_hidden(&shown).any(|(one, is_hidden)| one != '\n' && is_hidden));
        }
    }
}
