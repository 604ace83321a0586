//! Values that are written into a file of a tool, and the values that a file has.

/// A value of any format.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A string.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A boolean.
    Flag(bool),
    /// A list.
    List(Vec<Value>),
    /// A table, an object or a mapping, in the order in which it is written.
    Table(Vec<(String, Value)>),
    /// Anything else that a file has, by its text: a float, a date, null, an alias. Never written.
    Other(String),
}

impl Value {
    /// Creates a string.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Creates a table.
    pub fn table<const N: usize>(entries: [(&str, Self); N]) -> Self {
        Self::Table(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// Returns whether both mean the same. The order of a table's entries means nothing.
    pub(crate) fn means(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Table(one), Self::Table(two)) => {
                one.len() == two.len()
                    && one.iter().all(|(key, value)| {
                        let mut same = two.iter().filter(|(name, _)| name == key);
                        // A key that a file has twice is never taken for the same as anything.
                        matches!((same.next(), same.next()), (Some((_, other)), None) if value.means(other))
                    })
            }
            (Self::List(one), Self::List(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.means(two))
            }
            _ => self == other,
        }
    }

    /// Returns whether there is nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::List(items) => items.is_empty(),
            Self::Table(entries) => entries.is_empty(),
            _ => false,
        }
    }
}
