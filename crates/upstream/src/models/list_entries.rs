//! What both kinds of model list have in common: entries are parsed one by one, and their texts are sanitized.

use std::collections::HashSet;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use usher_domain::{is_printable_within, sanitize_line};

const MAX_NAME_LENGTH: usize = 200;
/// A paragraph. A longer text is no description, and would fill the screen and the cache.
const MAX_DESCRIPTION_LENGTH: usize = 2_000;
const MAX_EFFORT_LENGTH: usize = 40;

/// Parses the entries, and returns those that are `wanted`; a broken one is left out.
pub(crate) fn parse_entries<T: DeserializeOwned>(data: Vec<Value>, wanted: impl Fn(&T) -> bool) -> Vec<T> {
    let mut broken = 0_usize;
    let read = |entry| {
        let entry = serde_json::from_value::<T>(entry);
        broken += usize::from(entry.is_err());
        entry.ok().filter(&wanted)
    };
    let entries = data.into_iter().filter_map(read).collect();
    if broken > 0 {
        // One line, however many: it may appear between the lines that a command prints.
        tracing::warn!(broken, "entries of the model list cannot be read");
    }
    entries
}

/// Leaves out every entry whose id came before: a merged list may have one twice.
pub(crate) fn remove_repeated<T>(entries: &mut Vec<T>, id: impl Fn(&T) -> &str) {
    let mut seen = HashSet::new();
    entries.retain(|entry| seen.insert(id(entry).to_owned()));
}

/// Deserializes a list; `null` is an empty one, as servers written in Go send it.
pub(crate) fn list_or_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
}

/// Deserializes an optional field; a value of another type counts as none, so that it costs no more than itself.
pub(crate) fn if_valid<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).ok())
}

/// Deserializes an optional whole number, also one that is written as `8192.0`.
pub(crate) fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    // Above this a float has no exact whole numbers, and no model a window.
    let float = || value.as_f64().filter(|number| number.fract() == 0.0 && (0.0..1e15).contains(number));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and within bounds")]
    Ok(value.as_u64().or_else(|| float().map(|number| number as u64)))
}

/// Deserializes an optional list of texts; what is no text in it is left out.
pub(crate) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let Value::Array(list) = Value::deserialize(deserializer)? else { return Ok(None) };
    let text = |value| match value {
        Value::String(text) => Some(text),
        _ => None,
    };
    Ok(Some(list.into_iter().filter_map(text).collect()))
}

/// Sanitizes a display name; `None` where there is none.
pub(crate) fn sanitize_name(text: Option<String>) -> Option<String> {
    text.map(|text| sanitize_line(&text, MAX_NAME_LENGTH)).filter(|name| !name.is_empty())
}

/// Sanitizes the description of a model or an effort; empty where there is none.
pub(crate) fn sanitize_description(text: Option<String>) -> String {
    text.map(|text| sanitize_line(&text, MAX_DESCRIPTION_LENGTH)).unwrap_or_default()
}

/// Returns whether `effort` can be an effort: it is sent back as it is.
pub(crate) fn is_valid_effort(effort: &str) -> bool {
    is_printable_within(effort, MAX_EFFORT_LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_any_length_are_bounded() {
        let long = || Some("x".repeat(3_000));
        let length = |text: String| text.chars().count();
        // One more than the limit: the ellipsis.
        assert_eq!(sanitize_name(long()).map(length), Some(201));
        assert_eq!(length(sanitize_description(long())), 2_001);
        assert!(is_valid_effort(&"x".repeat(40)) && !is_valid_effort(&"x".repeat(41)));
    }
}
