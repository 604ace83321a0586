//! A JSON object whose members are changed by name while every other byte stays the same.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::raw::{Raw, Text, write};
use crate::error::BadRequest;

/// A value of at least this many bytes becomes a chunk of its own: one more chunk costs less than a copy of it.
const LONG_VALUE: usize = 16 * 1024;

/// Most members of an object.
///
/// Each name is compared with those before it, which keeps their order and is fast for real requests; for a million
/// members it would take an hour.
const MAX_MEMBERS: usize = 1000;

/// The members of one JSON object, in their order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RawObject<'a> {
    members: Vec<(Text<'a>, Raw<'a>)>,
}

impl<'a> RawObject<'a> {
    /// Parses `body` as an object.
    ///
    /// Duplicate names: the last value wins, and only that one is forwarded. If both were, the other side could
    /// read the other one (request smuggling).
    pub fn parse(body: &'a [u8]) -> Result<Self, BadRequest> {
        serde_json::from_slice(body).map_err(|error| {
            // The parser's message could repeat content.
            let (line, column) = (error.line(), error.column());
            let what = if error.is_data() {
                "is not a JSON object with at most 1000 members"
            } else {
                "is not JSON"
            };
            BadRequest::new(format!("the body {what} (line {line}, column {column})"))
        })
    }

    /// Returns the value of `name` as it is.
    pub fn raw(&self, name: &str) -> Option<&Raw<'a>> {
        self.members.iter().find(|(known, _)| **known == *name).map(|(_, value)| value)
    }

    /// Returns the value of `name` as `T`; `None` if it is missing, of another type, or `null`.
    pub fn get<'b, T: Deserialize<'b>>(&'b self, name: &str) -> Option<T> {
        self.raw(name)?.read::<Option<T>>()?
    }

    /// Iterates over all members.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Raw<'a>)> {
        self.members.iter().map(|(name, value)| (&**name, value))
    }

    /// Iterates over the names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    /// Sets `name` to `value`, in place or at the end.
    pub fn set(&mut self, name: &'a str, value: Raw<'a>) {
        match self.members.iter_mut().find(|(known, _)| **known == *name) {
            Some((_, place)) => *place = value,
            None => self.members.push((name.into(), value)),
        }
    }

    /// Removes `name` and returns whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.members.len();
        self.members.retain(|(known, _)| **known != *name);
        self.members.len() < before
    }

    /// Encodes `rest` as an object whose field `name` holds `value`, which is most of `request` in another format.
    pub(crate) fn with_large_field(
        rest: &impl Serialize,
        name: &'static str,
        value: &impl Serialize,
        request: &RawObject<'_>,
    ) -> Self {
        let rest = Raw::from_value(rest);
        let rest: RawObject<'_> = rest.read().expect("a struct is encoded as an object");
        let own = |(name, value): (Text<'_>, Raw<'_>)| (name.into_owned(), value.into_owned());
        let mut members = Self { members: rest.members.into_iter().map(own).collect() };
        let length: usize = request.iter().map(|(_, value)| value.get().len()).sum();
        members.set(name, Raw::from_large_value(value, length + length / 4));
        members
    }

    /// Encodes the object: each value byte for byte, without whitespace between members.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("text and JSON can be encoded")
    }

    /// Encodes the object as chunks, without copying long values.
    pub fn into_chunks(self) -> Vec<Cow<'a, [u8]>> {
        let (mut chunks, mut short) = (Vec::with_capacity(3), Vec::with_capacity(1024));
        let mut before = b'{';
        for (name, value) in self.members {
            short.push(std::mem::replace(&mut before, b','));
            write(&name, &mut short);
            short.push(b':');
            if value.get().len() < LONG_VALUE {
                short.extend_from_slice(value.get().as_bytes());
            } else {
                chunks.push(Cow::Owned(std::mem::take(&mut short)));
                chunks.push(value.into_bytes());
            }
        }
        if before == b'{' {
            short.push(before);
        }
        short.push(b'}');
        chunks.push(Cow::Owned(short));
        chunks
    }
}

impl Serialize for RawObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.members.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for RawObject<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = RawObject<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: Vec<(Text<'de>, Raw<'de>)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
                    match members.iter().position(|(known, _)| *known == name) {
                        Some(place) => members[place].1 = Raw::Borrowed(value),
                        None if members.len() == MAX_MEMBERS => {
                            return Err(A::Error::custom("too many members"));
                        }
                        None => members.push((name, Raw::Borrowed(value))),
                    }
                }
                Ok(RawObject { members })
            }
        }

        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unchanged_members_keep_every_byte() {
        let body = br#"{"model":"a","input":[ {"x" :1.50, "y":"\u00e9"} ],"n":1e2}"#;
        let mut members = RawObject::parse(body).unwrap();
        assert_eq!(members.to_bytes(), body);
        members.set("model", Raw::from_value(&"b"));
        members.set("store", Raw::from_value(&false));
        assert!(members.remove("n"));
        assert!(!members.remove("n"));
        let expected = br#"{"model":"b","input":[ {"x" :1.50, "y":"\u00e9"} ],"store":false}"#;
        assert_eq!(members.to_bytes(), expected);
    }

    #[test]
    fn into_chunks_yields_object_without_copying_long_values() {
        let long = format!("[{}0]", "0,".repeat(LONG_VALUE));
        for body in ["{}".to_owned(), r#"{"a":1}"#.to_owned(), format!(r#"{{"a":1,"b":{long},"c":{long}}}"#)]
        {
            let mut members = RawObject::parse(body.as_bytes()).unwrap();
            assert_eq!(members.clone().into_chunks().concat(), members.to_bytes());
            members.set("d", Raw::from_value(&"x".repeat(LONG_VALUE)));
            assert_eq!(members.clone().into_chunks().concat(), members.to_bytes());
            let within = body.as_bytes().as_ptr_range();
            let theirs = members.into_chunks().into_iter().filter(|chunk| within.contains(&chunk.as_ptr()));
            assert_eq!(theirs.count(), body.matches(&long).count());
        }
    }

    #[test]
    fn duplicate_name_last_value_wins() {
        let members = RawObject::parse(br#"{"model":"a","mod\u0065l":"b"}"#).unwrap();
        assert_eq!(members.get::<String>("model").as_deref(), Some("b"));
        assert_eq!(members.to_bytes(), br#"{"model":"b"}"#);
    }

    #[test]
    fn parse_of_non_object_fails_without_repeating_content() {
        for body in [&b"[1]"[..], b"{\"secret\":", b"\"secret\"", b"", b"{} secret"] {
            let refused = RawObject::parse(body).unwrap_err();
            assert!(!refused.message.contains("secret"), "{refused}");
        }
    }

    #[test]
    fn parse_of_million_members_fails() {
        let members = |count: usize| (0..count).map(|at| format!("\"{at}\":0")).collect::<Vec<_>>().join(",");
        assert!(RawObject::parse(format!("{{{}}}", members(MAX_MEMBERS)).as_bytes()).is_ok());
        let refused = RawObject::parse(format!("{{{}}}", members(1_000_000)).as_bytes()).unwrap_err();
        assert!(refused.message.contains("1000 members"), "{refused}");
    }

    #[test]
    fn get_of_null_returns_none() {
        let members = RawObject::parse(br#"{"a":null,"b":7}"#).unwrap();
        assert_eq!((members.get::<u8>("a"), members.get::<u8>("b")), (None, Some(7)));
        assert_eq!(members.get::<String>("b"), None);
    }
}
