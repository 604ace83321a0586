//! Parsers for fields of other programs' files: tokens, times and text.

use std::fmt;

use jiff::Timestamp;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};
use usher_domain::{AccessToken, Secret, UnixTime, is_printable_within};

use crate::tokens::claims::MAX_CLAIM_CHARS;

/// From here on a number is milliseconds: as seconds it would be in the year 5138.
const FIRST_MILLISECONDS: i64 = 100_000_000_000;

/// Deserializes a token (for `deserialize_with`). A blank one counts as missing.
pub(super) fn secret<'de, Kind, D: Deserializer<'de>>(from: D) -> Result<Option<Secret<Kind>>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(text.filter(|text| !text.trim().is_empty()).map(Secret::new))
}

/// The access token of a program, which some leave empty until they need it.
pub(super) struct AccessField(pub(super) Option<AccessToken>);

impl<'de> Deserialize<'de> for AccessField {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        secret(from).map(Self)
    }
}

/// Parses an RFC 3339 time; an invalid one is unknown.
pub(super) fn rfc3339(text: Option<&str>) -> Option<UnixTime> {
    text?.parse::<Timestamp>().ok().map(|time| UnixTime(time.as_second()))
}

/// Parses a time: a number since 1970, or an RFC 3339 text. Some programs write 0 for "unknown".
///
/// Versions of these programs differ in the form; no time in seconds is as large as one in milliseconds.
pub(super) fn time(value: Option<&Value>) -> Option<UnixTime> {
    match value? {
        Value::Number(number) => since_1970(number),
        Value::String(text) => rfc3339(Some(text)).or_else(|| since_1970(&text.parse().ok()?)),
        _ => None,
    }
}

fn since_1970(number: &Number) -> Option<UnixTime> {
    let number = integer(number)?;
    let seconds = if number >= FIRST_MILLISECONDS { number / 1000 } else { number };
    (seconds > 0).then_some(UnixTime(seconds))
}

/// Whether a value is there that is not empty. Nothing of it is kept, because it may be a key.
#[derive(Default)]
pub(super) struct Presence(pub(super) bool);

impl<'de> Deserialize<'de> for Presence {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(PresenceVisitor).map(Self)
    }
}

struct PresenceVisitor;

impl<'de> Visitor<'de> for PresenceVisitor {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<bool, E> {
        Ok(!text.trim().is_empty())
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_bool<E>(self, value: bool) -> Result<bool, E> {
        Ok(value)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<bool, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(true)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(true)
    }
}

// A cast from a float saturates; such a time is invalid anyway, and harmless.
#[expect(clippy::cast_possible_truncation, reason = "saturates")]
fn integer(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| number.as_f64().map(|float| float as i64))
}

/// Returns `text` if it is short and printable, because it is shown to people.
pub(super) fn printable(text: Option<String>) -> Option<String> {
    text.filter(|text| is_printable_within(text, MAX_CLAIM_CHARS))
}

/// Parses an account id. Some programs write an organization id instead, which is not an account (protocol §1.3).
pub(super) fn account_id(text: Option<String>) -> Option<String> {
    printable(text).filter(|id| !id.starts_with("org-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_all_formats_are_parsed() {
        assert_eq!(rfc3339(Some("2026-11-20T10:00:00.123456789Z")), Some(UnixTime(1_795_168_800)));
        assert_eq!(rfc3339(Some("2026-11-20T18:00:00+08:00")), Some(UnixTime(1_795_168_800)));
        assert_eq!(rfc3339(Some("yesterday")), None);
        let time = |text: &str| time(Some(&serde_json::from_str(text).unwrap()));
        for text in
            ["1795168800123", "1795168800", "1795168800.5", "\"1795168800\"", "\"2026-11-20T10:00:00Z\""]
        {
            assert_eq!(time(text), Some(UnixTime(1_795_168_800)), "{text}");
        }
        for none in ["0", "-1", "\"\"", "\"yesterday\"", "null", "[1795168800]"] {
            assert_eq!(time(none), None, "{none}");
        }
    }

    #[test]
    fn empty_values_are_not_present() {
        let is_present = |text: &str| serde_json::from_str::<Presence>(text).unwrap().0;
        for value in ["\"sk-1\"", "{\"a\":[1]}", "[]", "7", "-7", "0.5", "true"] {
            assert!(is_present(value), "{value}");
        }
        for none in ["\"\"", "\" \"", "null", "false"] {
            assert!(!is_present(none), "{none}");
        }
    }

    #[test]
    fn text_with_control_characters_is_dropped() {
        assert_eq!(printable(Some("ada@example.com".into())).as_deref(), Some("ada@example.com"));
        for odd in ["", "  ", "a\u{1b}[2Jb", "a\u{202e}b", &"a".repeat(321)] {
            assert_eq!(printable(Some(odd.into())), None, "{odd:?}");
        }
        assert_eq!(account_id(Some("org-1".into())), None);
    }
}
