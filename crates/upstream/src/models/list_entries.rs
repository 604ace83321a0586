//! What both kinds of model list have in common: entries are read one by one, and their words are made fit to show.

use serde::de::DeserializeOwned;
use serde_json::Value;
use usher_domain::{is_printable_within, sanitize_line};

const MAX_NAME_LENGTH: usize = 200;
/// A paragraph. What is longer is no description, and would fill the screen and the cache.
const MAX_DESCRIPTION_LENGTH: usize = 2_000;
const MAX_EFFORT_LENGTH: usize = 40;

/// The entries that can be read and that are `wanted`; a broken one costs itself only.
pub(crate) fn entries<T: DeserializeOwned>(data: Vec<Value>, wanted: impl Fn(&T) -> bool) -> Vec<T> {
    let mut broken = 0_usize;
    let read = |entry| {
        let entry = serde_json::from_value::<T>(entry);
        broken += usize::from(entry.is_err());
        entry.ok().filter(&wanted)
    };
    let entries = data.into_iter().filter_map(read).collect();
    if broken > 0 {
        // One line, however many: it may stand between the lines of a command.
        tracing::warn!(broken, "entries of the model list cannot be read");
    }
    entries
}

/// A name for people, where there is one.
pub(crate) fn name(text: Option<String>) -> Option<String> {
    text.map(|text| sanitize_line(&text, MAX_NAME_LENGTH)).filter(|name| !name.is_empty())
}

/// What is said of a model or an effort; empty where nothing is.
pub(crate) fn description(text: Option<String>) -> String {
    text.map(|text| sanitize_line(&text, MAX_DESCRIPTION_LENGTH)).unwrap_or_default()
}

/// Whether `word` can be an effort: it is sent back as it is.
pub(crate) fn is_valid_effort(word: &str) -> bool {
    is_printable_within(word, MAX_EFFORT_LENGTH)
}
