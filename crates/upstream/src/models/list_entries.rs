//! What both kinds of model list have in common: entries are parsed one by one, and their texts are sanitized.

use serde::de::DeserializeOwned;
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
