//! Pieces of JSON that are carried from one document into another without being taken apart.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// A string, borrowed from the document unless it has escapes.
///
/// `Option<Cow<str>>` would always copy: serde borrows a `Cow` only where it stands by itself.
///
/// JSON can escape half of a surrogate pair (RFC 8259 §8.2), and programs that cut an emoji in two send that. No text
/// can hold it, so it becomes U+FFFD, and the rest of the text stays.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text<'a>(pub Cow<'a, str>);

impl Text<'_> {
    /// Returns the same text, owned.
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

            fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
                let text = std::str::from_utf8(bytes).map_err(|_| E::custom("not UTF-8"))?;
                Ok(text.into())
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                without_surrogates(bytes).map(Into::into).ok_or_else(|| E::custom("not UTF-8"))
            }
        }

        // The parser rejects lone surrogates in strings, and passes them as bytes.
        deserializer.deserialize_bytes(Borrowing)
    }
}

/// Decodes UTF-8 in which surrogates may be encoded like other characters; `None` if it is not that.
fn without_surrogates(mut bytes: &[u8]) -> Option<String> {
    let mut text = String::with_capacity(bytes.len());
    loop {
        let error = match std::str::from_utf8(bytes) {
            Ok(rest) => {
                text.push_str(rest);
                return Some(text);
            }
            Err(error) => error,
        };
        let (valid, rest) = bytes.split_at(error.valid_up_to());
        text.push_str(std::str::from_utf8(valid).ok()?);
        let [0xED, 0xA0..=0xBF, 0x80..=0xBF, rest @ ..] = rest else { return None };
        text.push(char::REPLACEMENT_CHARACTER);
        bytes = rest;
    }
}

/// A string for another document: either JSON of this document, quotes and escapes included, or text.
///
/// Most of a long conversation is such strings; decoding them only to encode them again would cost more than
/// everything else.
#[derive(Debug, Clone)]
pub(crate) enum JsonString<'a> {
    /// A JSON string, as it is in its document.
    Raw(&'a RawValue),
    /// Text that is not encoded yet.
    Text(Cow<'a, str>),
}

impl<'a> JsonString<'a> {
    /// Returns whether the string is empty.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Raw(raw) => raw.get() == r#""""#,
            Self::Text(text) => text.is_empty(),
        }
    }

    /// Returns the decoded text.
    pub(crate) fn decode(&self) -> Text<'a> {
        match self {
            // Whoever made it has seen the quotes; the parser of the document checked the rest.
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

/// Any JSON value, byte for byte as in its document, or encoded here.
#[derive(Clone)]
pub enum Raw<'a> {
    /// A part of a document.
    Borrowed(&'a RawValue),
    /// A value that was encoded here.
    Owned(Box<RawValue>),
    /// Written here, and long.
    JsonString(String),
}

impl<'a> Raw<'a> {
    /// Encodes `value` as JSON.
    pub fn from_value(value: &impl Serialize) -> Raw<'static> {
        Raw::Owned(
            serde_json::value::to_raw_value(value)
                .expect("text, numbers and lists with string keys can be encoded"),
        )
    }

    /// Encodes `value` as JSON of about `expected` bytes.
    ///
    /// Growing the buffer for a long conversation step by step takes as long as encoding it.
    pub(crate) fn from_large_value(value: &impl Serialize, expected: usize) -> Raw<'static> {
        let mut json = Vec::with_capacity(expected);
        write(value, &mut json);
        Raw::JsonString(String::from_utf8(json).expect("JSON is text"))
    }

    /// Returns the JSON.
    pub fn get(&self) -> &str {
        match self {
            Self::Borrowed(raw) => raw.get(),
            Self::Owned(raw) => raw.get(),
            Self::JsonString(json) => json,
        }
    }

    /// Returns the JSON as a borrowed value.
    pub(crate) fn as_value(&self) -> &RawValue {
        match self {
            Self::Borrowed(raw) => raw,
            Self::Owned(raw) => raw,
            Self::JsonString(json) => serde_json::from_str(json).expect("it was encoded as JSON"),
        }
    }

    /// Returns the bytes of the JSON without a copy.
    pub(crate) fn into_bytes(self) -> Cow<'a, [u8]> {
        match self {
            Self::Borrowed(raw) => Cow::Borrowed(raw.get().as_bytes()),
            Self::Owned(raw) => Cow::Owned(Box::<str>::from(raw).into_string().into_bytes()),
            Self::JsonString(json) => Cow::Owned(json.into_bytes()),
        }
    }

    /// Decodes the JSON as `T`, which may borrow from it; `None` if it is of another type.
    pub fn read<'b, T: Deserialize<'b>>(&'b self) -> Option<T> {
        serde_json::from_str(self.get()).ok()
    }

    /// Returns the same value, owned.
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
    serde_json::to_writer(out, value).expect("text, numbers and lists can be encoded, and a vector grows");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_escapes_is_borrowed() {
        let read = |json| serde_json::from_str::<Option<Text<'_>>>(json).unwrap().unwrap().0;
        assert!(matches!(read(r#""plain""#), Cow::Borrowed("plain")));
        assert!(matches!(read(r#""a\nb""#), Cow::Owned(text) if text == "a\nb"));
    }

    #[test]
    fn lone_surrogate_is_replaced() {
        let read = |json: &str| serde_json::from_str::<Text<'_>>(json).map(|text| text.to_string());
        for (json, text) in [
            (r#""a\ud83db""#, "a\u{fffd}b"),
            (r#""\ude00\n""#, "\u{fffd}\n"),
            (r#""\ud83d\ude00""#, "\u{1f600}"),
            (r#""\ud83d\ud83d\ude00é""#, "\u{fffd}\u{1f600}é"),
        ] {
            assert_eq!(read(json).unwrap(), text, "{json}");
            let raw: &RawValue = serde_json::from_str(json).unwrap();
            assert_eq!(&*JsonString::Raw(raw).decode(), text, "{json}");
        }
        assert!(serde_json::from_slice::<Text<'_>>(b"\"\xff\"").is_err());
        assert!(serde_json::from_slice::<Text<'_>>(b"\"\\n\xff\"").is_err());
        assert!(read("5").is_err());
    }

    #[test]
    fn raw_value_keeps_every_byte() {
        let json = r#"{"b" :1.0, "a":[ ]}"#;
        let raw: Raw<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&raw).unwrap(), json);
        assert_eq!(raw.into_owned().get(), json);
    }
}
