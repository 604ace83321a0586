//! The names of the request fields that a translation cannot carry.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::json::object::Object;

/// Most characters of a caller's name that are repeated; a longer one is not a field of any API.
const MAX_NAME_LENGTH: usize = 64;

/// Most names that are listed with a prefix, whatever the caller sends: they go into an HTTP header.
const MAX_NAMES: usize = 64;

/// The names of the dropped fields, for the `x-usher-dropped` header.
#[derive(Debug, Default)]
pub(crate) struct DroppedFields(BTreeSet<Cow<'static, str>>);

impl DroppedFields {
    /// Adds a name of ours.
    pub(crate) fn add(&mut self, name: &'static str) {
        self.0.insert(Cow::Borrowed(name));
    }

    /// Adds a name that the caller chose, or `unknown` if it cannot stand in a header.
    pub(crate) fn add_caller_name(&mut self, name: &str) {
        let name = if is_header_safe(name) { Cow::Owned(name.to_owned()) } else { Cow::Borrowed("unknown") };
        self.0.insert(name);
    }

    /// Adds a name that the caller chose after `prefix`, or `?` after it if the name cannot stand in a header.
    pub(crate) fn add_with_prefix(&mut self, prefix: &str, name: &str) {
        if self.0.len() < MAX_NAMES {
            let name = if is_header_safe(name) { name } else { "?" };
            self.0.insert(format!("{prefix}{name}").into());
        }
    }

    /// Adds all fields that are left in `object`.
    pub(crate) fn add_remaining(&mut self, prefix: &str, object: Object<'_>) {
        for name in object.into_remaining_names() {
            self.add_with_prefix(prefix, &name);
        }
    }

    /// Returns the names, sorted and without duplicates.
    pub(crate) fn into_names(self) -> Vec<Cow<'static, str>> {
        self.0.into_iter().collect()
    }
}

fn is_header_safe(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= MAX_NAME_LENGTH
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caller_names_that_are_not_header_safe_are_replaced() {
        let mut dropped = DroppedFields::default();
        dropped.add_with_prefix("tools.", "a b\r\n");
        dropped.add_with_prefix("tools.", &"x".repeat(MAX_NAME_LENGTH + 1));
        dropped.add_with_prefix("tools.", "file_search");
        dropped.add_caller_name("");
        assert_eq!(dropped.into_names(), ["tools.?", "tools.file_search", "unknown"]);
    }

    #[test]
    fn names_with_prefix_are_limited() {
        let mut dropped = DroppedFields::default();
        for index in 0..2 * MAX_NAMES {
            dropped.add_with_prefix("", &index.to_string());
        }
        assert_eq!(dropped.into_names().len(), MAX_NAMES);
    }
}
