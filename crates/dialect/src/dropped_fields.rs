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
