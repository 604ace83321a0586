//! How others write down what their files hold: tokens, times, and words that are shown.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Number;
use usher_domain::{Secret, UnixTime, is_printable_within};

use crate::tokens::claims::MAX_CLAIM_CHARS;

/// For `deserialize_with`: a token, put into its type at once. An empty one is none.
pub(super) fn secret<'de, Kind, D: Deserializer<'de>>(from: D) -> Result<Option<Secret<Kind>>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(text.filter(|text| !text.is_empty()).map(Secret::new))
}

/// A time as RFC 3339 writes it; one that cannot be read is not known.
pub(super) fn rfc3339(text: Option<&str>) -> Option<UnixTime> {
    text?.parse::<Timestamp>().ok().map(|time| UnixTime(time.as_second()))
}

/// Seconds since 1970. None of these programs was there at the beginning, so 0 is how some write "unknown".
pub(super) fn seconds(number: Option<&Number>) -> Option<UnixTime> {
    whole(number?).filter(|seconds| *seconds > 0).map(UnixTime)
}

/// The same in milliseconds.
pub(super) fn milliseconds(number: Option<&Number>) -> Option<UnixTime> {
    whole(number?).map(|milliseconds| milliseconds / 1000).filter(|seconds| *seconds > 0).map(UnixTime)
}

// A cast from a float saturates; such a time is nonsense anyway, and harmless.
#[expect(clippy::cast_possible_truncation, reason = "saturates")]
fn whole(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| number.as_f64().map(|float| float as i64))
}

/// Words of somebody else's file that are to be shown: short, and nothing that a terminal would obey.
pub(super) fn shown(text: Option<String>) -> Option<String> {
    text.filter(|text| is_printable_within(text, MAX_CLAIM_CHARS))
}

/// An account id as these files have it. Some programs put an organisation there when they find nothing
/// better, and that is no account (protocol §1.3).
pub(super) fn account_id(text: Option<String>) -> Option<String> {
    shown(text).filter(|id| !id.starts_with("org-"))
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
        assert_eq!(shown(Some("ada@example.com".into())).as_deref(), Some("ada@example.com"));
        for odd in ["", "  ", "a\u{1b}[2Jb", "a\u{202e}b", &"a".repeat(321)] {
            assert_eq!(shown(Some(odd.into())), None, "{odd:?}");
        }
        assert_eq!(account_id(Some("org-1".into())), None);
    }
}
