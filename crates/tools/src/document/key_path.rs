//! Where a value is in a file: the names of keys from the root to it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::document::value::Value;

/// One step from a value to a value in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Step {
    /// The value of a key.
    Key(String),
    /// The item of a list whose `field` is `is`.
    Item {
        /// The key that identifies an item.
        field: String,
        /// Its value in the item that is meant.
        is: String,
    },
}

/// The steps from the root of a file to a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyPath(Vec<Step>);

impl KeyPath {
    /// Creates the path of nested keys.
    pub fn keys<const N: usize>(keys: [&str; N]) -> Self {
        Self(keys.into_iter().map(|key| Step::Key(key.to_owned())).collect())
    }

    /// Returns the path of the item of this list whose `field` is `is`.
    #[must_use]
    pub fn item(mut self, field: &str, is: &str) -> Self {
        self.0.push(Step::Item { field: field.to_owned(), is: is.to_owned() });
        self
    }

    /// Returns the path of a key of this table.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.0.push(Step::Key(key.to_owned()));
        self
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Returns the paths of what the value is in, the innermost first. The root is not among them.
    pub(crate) fn parents(&self) -> impl Iterator<Item = Self> + '_ {
        (1..self.0.len()).rev().map(|length| Self(self.0[..length].to_vec()))
    }

    /// Returns the value of this path.
    pub(crate) fn find<'v>(&self, root: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(root, |value, step| step.find(value))
    }

    /// Returns `root` with `value` at this path. `None` where something on the way is no table and no list.
    pub(crate) fn put(&self, root: &Value, value: Option<&Value>) -> Option<Value> {
        put(&self.0, root, value)
    }
}

impl Step {
    pub(crate) fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        match (self, value) {
            (Self::Key(key), Value::Table(entries)) => {
                entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            (Self::Item { .. }, Value::List(items)) => items.iter().find(|item| self.is(item)),
            _ => None,
        }
    }

    fn is(&self, item: &Value) -> bool {
        match (self, item) {
            (Self::Item { field, is }, Value::Table(entries)) => {
                entries.iter().any(|(name, value)| name == field && *value == Value::Text(is.clone()))
            }
            _ => false,
        }
    }
}

fn put(steps: &[Step], root: &Value, value: Option<&Value>) -> Option<Value> {
    let Some((first, rest)) = steps.split_first() else { return value.cloned() };
    // A key of YAML without a value may become anything.
    let old = first.find(root).filter(|old| rest.is_empty() || **old != Value::Other("null".to_owned()));
    let empty = match rest.first() {
        Some(Step::Item { .. }) => Value::List(Vec::new()),
        _ => Value::Table(Vec::new()),
    };
    let new = if rest.is_empty() { value.cloned() } else { Some(put(rest, old.unwrap_or(&empty), value)?) };
    match (first, root) {
        (Step::Key(key), Value::Table(entries)) => {
            let mut entries = entries.clone();
            match (entries.iter().position(|(name, _)| name == key), new) {
                (Some(at), Some(new)) => entries[at].1 = new,
                (Some(at), None) => drop(entries.remove(at)),
                (None, Some(new)) => entries.push((key.clone(), new)),
                (None, None) => {}
            }
            Some(Value::Table(entries))
        }
        // A file of nothing is a list as well as a table.
        (Step::Item { .. }, Value::Table(entries)) if entries.is_empty() => {
            Some(Value::List(new.into_iter().collect()))
        }
        (Step::Item { .. }, Value::List(items)) => {
            let mut items = items.clone();
            match (items.iter().position(|item| first.is(item)), new) {
                (Some(at), Some(new)) => items[at] = new,
                (Some(at), None) => drop(items.remove(at)),
                (None, Some(new)) => items.push(new),
                (None, None) => {}
            }
            Some(Value::List(items))
        }
        _ => None,
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) => write!(f, "{}{key}", if index == 0 { "" } else { "." })?,
                Step::Item { is, .. } => write!(f, "[{is}]")?,
            }
        }
        Ok(())
    }
}
