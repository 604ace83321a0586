//! Pieces of JSON that are carried from one document into another without being taken apart.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// A string, borrowed from the document wherever it has no escapes. `Option<Cow<str>>` would always copy: serde
/// borrows a `Cow` only where it stands by itself.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text<'a>(pub Cow<'a, str>);

impl Text<'_> {
    /// The same, owning what it holds.
    pub fn into_owned(self) -> Text<'static> {
        Text(Cow::Owned(self.0.into_owned()))
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowing;

        impl<'de> Visitor<'de> for Borrowing {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(text.into())
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(text.to_owned().into())
            }

            fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
                Ok(text.into())
            }
        }

        deserializer.deserialize_str(Borrowing)
    }
}

/// A string that goes into another document: one of this document as it stands, quotes and escapes included, or one
/// that was made. Most of a long conversation is such strings, and taking one apart only to put it together again
/// costs more than all else.
#[derive(Debug, Clone)]
pub(crate) enum JsonString<'a> {
    /// As it stands: a JSON string.
    Raw(&'a RawValue),
    /// Made here.
    Text(Cow<'a, str>),
}

impl<'a> JsonString<'a> {
    /// Whether it says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Raw(raw) => raw.get() == r#""""#,
            Self::Text(text) => text.is_empty(),
        }
    }

    /// The text that it is.
    pub(crate) fn decode(&self) -> Text<'a> {
        match self {
            // Whoever made it has seen the quotes; what stands between them was checked as the document was read.
            Self::Raw(raw) => serde_json::from_str(raw.get()).unwrap_or_default(),
            Self::Text(text) => Text(text.clone()),
        }
    }
}

impl Serialize for JsonString<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Raw(raw) => raw.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

/// Any JSON value, byte for byte as it stands in its document, or as it was made.
#[derive(Clone)]
pub enum Raw<'a> {
    /// A part of a document.
    Borrowed(&'a RawValue),
    /// Made here.
    Owned(Box<RawValue>),
    /// Written here, and long.
    JsonString(String),
}

impl<'a> Raw<'a> {
    /// `value` as JSON.
    pub fn from_value(value: &impl Serialize) -> Raw<'static> {
        Raw::Owned(
            serde_json::value::to_raw_value(value)
                .expect("what is written here is text, numbers and lists, without keys that JSON lacks"),
        )
    }

    /// `value` as JSON of about so many bytes. To find the room for a long conversation bit by bit takes as long as to
    /// write it.
    pub(crate) fn from_large_value(value: &impl Serialize, expected: usize) -> Raw<'static> {
        let mut json = Vec::with_capacity(expected);
        write(value, &mut json);
        Raw::JsonString(String::from_utf8(json).expect("JSON is text"))
    }

    /// The JSON.
    pub fn get(&self) -> &str {
        match self {
            Self::Borrowed(raw) => raw.get(),
            Self::Owned(raw) => raw.get(),
            Self::JsonString(json) => json,
        }
    }

    /// The same, borrowed.
    pub(crate) fn as_value(&self) -> &RawValue {
        match self {
            Self::Borrowed(raw) => raw,
            Self::Owned(raw) => raw,
            Self::JsonString(json) => serde_json::from_str(json).expect("it was written as JSON"),
        }
    }

    /// Its bytes, without a copy.
    pub(crate) fn into_bytes(self) -> Cow<'a, [u8]> {
        match self {
            Self::Borrowed(raw) => Cow::Borrowed(raw.get().as_bytes()),
            Self::Owned(raw) => Cow::Owned(Box::<str>::from(raw).into_string().into_bytes()),
            Self::JsonString(json) => Cow::Owned(json.into_bytes()),
        }
    }

    /// The JSON read as `T`, which may borrow from it; nothing when it is of another kind.
    pub fn read<'b, T: Deserialize<'b>>(&'b self) -> Option<T> {
        serde_json::from_str(self.get()).ok()
    }

    /// The same, owning what it holds.
    pub fn into_owned(self) -> Raw<'static> {
        match self {
            Self::Borrowed(raw) => Raw::Owned(raw.to_owned()),
            Self::Owned(raw) => Raw::Owned(raw),
            Self::JsonString(json) => Raw::JsonString(json),
        }
    }
}

impl fmt::Debug for Raw<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.get())
    }
}

impl PartialEq for Raw<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_value().serialize(serializer)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&'de RawValue>::deserialize(deserializer).map(Raw::Borrowed)
    }
}

/// Writes `value` as JSON.
pub(crate) fn write(value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) {
    serde_json::to_writer(out, value)
        .expect("text, numbers and lists can be written, and a vector takes them");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_borrowed_unless_it_has_escapes() {
        let read = |json| serde_json::from_str::<Option<Text<'_>>>(json).unwrap().unwrap().0;
        assert!(matches!(read(r#""plain""#), Cow::Borrowed("plain")));
        assert!(matches!(read(r#""a\nb""#), Cow::Owned(text) if text == "a\nb"));
    }

    #[test]
    fn raw_keeps_every_byte() {
        let json = r#"{"b" :1.0, "a":[ ]}"#;
        let raw: Raw<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&raw).unwrap(), json);
        assert_eq!(raw.into_owned().get(), json);
    }
}
