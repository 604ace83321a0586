//! Joins the halves of a character that a service splits over two deltas.
//!
//! A character beyond U+FFFF is a pair of surrogates in JSON escapes. Services that count UTF-16 units may end a delta
//! after the first half and begin the next one with the second.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::json::Text;

/// The length of an escape such as `\ud83d`.
const ESCAPE_LENGTH: usize = 6;

/// The first half of a character whose second half is yet to come, as its escape; empty if there is none.
#[derive(Debug, Default)]
pub(crate) struct HalfCharacter(String);

impl HalfCharacter {
    /// Returns the string `raw`, after the half that came before and without the half that it ends with; `None` if it is
    /// not a string.
    pub(crate) fn join<'a>(&mut self, raw: &'a RawValue) -> Option<Text<'a>> {
        let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
        let complete = inner.len() - half_length(inner);
        if (self.0.is_empty() && complete == inner.len()) || inner.is_empty() {
            return serde_json::from_str(raw.get()).ok();
        }
        let joined = format!("\"{}{}\"", self.0, &inner[..complete]);
        inner[complete..].clone_into(&mut self.0);
        let text: Text<'_> = serde_json::from_str(&joined).ok()?;
        Some(Text(Cow::Owned(text.0.into_owned())))
    }

    /// Returns what stands for a half whose other half never came.
    pub(crate) fn take_rest(&mut self) -> Option<&'static str> {
        let missing = !std::mem::take(&mut self.0).is_empty();
        missing.then_some("\u{fffd}")
    }
}

/// Returns the length of the first half of a character at the end of an encoded string, or 0.
fn half_length(inner: &str) -> usize {
    let Some((before, escape)) =
        inner.len().checked_sub(ESCAPE_LENGTH).and_then(|place| inner.split_at_checked(place))
    else {
        return 0;
    };
    let digits = escape.strip_prefix("\\u").and_then(|digits| u16::from_str_radix(digits, 16).ok());
    let is_first_half = digits.is_some_and(|unit| (0xD800..0xDC00).contains(&unit));
    // An even number of backslashes before it: they escape each other, not the one that begins it.
    let backslashes = before.len() - before.trim_end_matches('\\').len();
    if is_first_half && backslashes % 2 == 0 { ESCAPE_LENGTH } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(deltas: &[&str]) -> String {
        let mut half = HalfCharacter::default();
        let texts: Vec<String> = deltas
            .iter()
            .map(|delta| {
                let raw: &RawValue = serde_json::from_str(delta).unwrap();
                half.join(raw).unwrap().to_string()
            })
            .collect();
        texts.concat() + half.take_rest().unwrap_or_default()
    }

    #[test]
    fn halves_are_joined_and_lone_ones_replaced() {
        for (deltas, text) in [
            (&[r#""a\ud83d""#, r#""\ude00b""#][..], "a\u{1f600}b"),
            (&[r#""a\uD83D""#, r#""""#, r#""\uDE00""#], "a\u{1f600}"),
            (&[r#""\ud83d""#, r#""\ude00\ud83d""#, r#""\ude01""#], "\u{1f600}\u{1f601}"),
            (&[r#""a\ud83d""#, r#""b""#], "a\u{fffd}b"),
            (&[r#""a\ud83d""#], "a\u{fffd}"),
            (&[r#""a""#, r#""\ude00""#], "a\u{fffd}"),
            (&[r#""\\ud83d""#, r#""b""#], "\\ud83db"),
            (&[r#""\ud83d\ude00""#, r#""é""#], "\u{1f600}é"),
        ] {
            assert_eq!(joined(deltas), text, "{deltas:?}");
        }
    }

    #[test]
    fn other_values_are_no_text() {
        let raw: &RawValue = serde_json::from_str(r#"{"a":"\ud83d"}"#).unwrap();
        assert!(HalfCharacter::default().join(raw).is_none());
    }
}
