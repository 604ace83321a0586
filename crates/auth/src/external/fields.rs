//! Parsers for fields of other programs' files: tokens, times and text.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Number;
use usher_domain::{Secret, UnixTime, is_printable_within};

use crate::tokens::claims::MAX_CLAIM_CHARS;

/// Deserializes a token (for `deserialize_with`). An empty one counts as missing.
pub(super) fn secret<'de, Kind, D: Deserializer<'de>>(from: D) -> Result<Option<Secret<Kind>>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(text.filter(|text| !text.is_empty()).map(Secret::new))
}

/// Parses an RFC 3339 time; an invalid one is unknown.
pub(super) fn rfc3339(text: Option<&str>) -> Option<UnixTime> {
    text?.parse::<Timestamp>().ok().map(|time| UnixTime(time.as_second()))
}

/// Parses seconds since 1970. Some programs write 0 for "unknown".
pub(super) fn seconds(number: Option<&Number>) -> Option<UnixTime> {
    integer(number?).filter(|seconds| *seconds > 0).map(UnixTime)
}

/// Parses milliseconds since 1970.
pub(super) fn milliseconds(number: Option<&Number>) -> Option<UnixTime> {
    integer(number?).map(|milliseconds| milliseconds / 1000).filter(|seconds| *seconds > 0).map(UnixTime)
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
        let number = |text: &str| serde_json::from_str::<Number>(text).unwrap();
        assert_eq!(milliseconds(Some(&number("1795168800123"))), Some(UnixTime(1_795_168_800)));
        assert_eq!(seconds(Some(&number("1795168800.5"))), Some(UnixTime(1_795_168_800)));
        assert_eq!(seconds(Some(&number("0"))), None);
        assert_eq!(milliseconds(Some(&number("-1"))), None);
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
