//! The members of a JSON object, changed by name while every other byte stays as it came.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::raw::{Raw, Text, write};
use crate::error::BadRequest;

/// A value of so many bytes is a piece of its own when an object is sent: one more piece costs less than a copy of it.
const LONG_VALUE: usize = 16 * 1024;

/// Most members of an object. Each is compared with those before it, which keeps their order and costs nothing for as
/// many as there are; for a million it would take an hour.
const MAX_MEMBERS: usize = 1000;

/// The members of one object, in their order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RawObject<'a> {
    members: Vec<(Text<'a>, Raw<'a>)>,
}

impl<'a> RawObject<'a> {
    /// Reads the object that `body` is. Of a name that comes twice the last one counts, as it does for most parsers;
    /// were both passed on, the other side might take the other.
    pub fn parse(body: &'a [u8]) -> Result<Self, BadRequest> {
        serde_json::from_slice(body).map_err(|error| {
            // The parser's own words may repeat what stands there.
            let (line, column) = (error.line(), error.column());
            let what =
                if error.is_data() { "is not a JSON object of at most 1000 members" } else { "is not JSON" };
            BadRequest::new(format!("the body {what} (line {line}, column {column})"))
        })
    }

    /// The value of `name` as it stands.
    pub fn raw(&self, name: &str) -> Option<&Raw<'a>> {
        self.members.iter().find(|(known, _)| **known == *name).map(|(_, value)| value)
    }

    /// The value of `name` read as `T`; nothing when there is none, or one of another kind, or `null`.
    pub fn get<'b, T: Deserialize<'b>>(&'b self, name: &str) -> Option<T> {
        self.raw(name)?.read::<Option<T>>()?
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Raw<'a>)> {
        self.members.iter().map(|(name, value)| (&**name, value))
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    /// Puts `value` in the place of what `name` has, else at the end.
    pub fn set(&mut self, name: &'a str, value: Raw<'a>) {
        match self.members.iter_mut().find(|(known, _)| **known == *name) {
            Some((_, place)) => *place = value,
            None => self.members.push((name.into(), value)),
        }
    }

    /// Takes `name` out. True when it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.members.len();
        self.members.retain(|(known, _)| **known != *name);
        self.members.len() < before
    }

    /// What `rest` is written as, with `value` in the place of its field `name`: most of `request` in other words.
    pub(crate) fn with_large_field(
        rest: &impl Serialize,
        name: &'static str,
        value: &impl Serialize,
        request: &RawObject<'_>,
    ) -> Self {
        let rest = Raw::from_value(rest);
        let rest: RawObject<'_> = rest.read().expect("a struct is written as an object");
        let own = |(name, value): (Text<'_>, Raw<'_>)| (name.into_owned(), value.into_owned());
        let mut members = Self { members: rest.members.into_iter().map(own).collect() };
        let length: usize = request.iter().map(|(_, value)| value.get().len()).sum();
        members.set(name, Raw::from_large_value(value, length + length / 4));
        members
    }

    /// The object as JSON: each value byte for byte, without the blanks between members.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("text and JSON can be written, and memory takes them")
    }

    /// The same in pieces, none of which copies a long value.
    pub fn into_chunks(self) -> Vec<Cow<'a, [u8]>> {
        let (mut pieces, mut short) = (Vec::with_capacity(3), Vec::with_capacity(1024));
        let mut before = b'{';
        for (name, value) in self.members {
            short.push(std::mem::replace(&mut before, b','));
            write(&name, &mut short);
            short.push(b':');
            if value.get().len() < LONG_VALUE {
                short.extend_from_slice(value.get().as_bytes());
            } else {
                pieces.push(Cow::Owned(std::mem::take(&mut short)));
                pieces.push(value.into_bytes());
            }
        }
        if before == b'{' {
            short.push(before);
        }
        short.push(b'}');
        pieces.push(Cow::Owned(short));
        pieces
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
                let mut members: Vec<(Text<'de>, Raw<'de>)> = Vec::with_capacity(16);
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
    fn what_is_not_touched_keeps_every_byte() {
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
    fn pieces_are_the_object_and_long_values_are_not_copied() {
        let long = format!("[{}0]", "0,".repeat(LONG_VALUE));
        for body in ["{}".to_owned(), r#"{"a":1}"#.to_owned(), format!(r#"{{"a":1,"b":{long},"c":{long}}}"#)]
        {
            let mut members = RawObject::parse(body.as_bytes()).unwrap();
            assert_eq!(members.clone().into_chunks().concat(), members.to_bytes());
            members.set("d", Raw::from_value(&"x".repeat(LONG_VALUE)));
            assert_eq!(members.clone().into_chunks().concat(), members.to_bytes());
            let within = body.as_bytes().as_ptr_range();
            let theirs = members.into_chunks().into_iter().filter(|piece| within.contains(&piece.as_ptr()));
            assert_eq!(theirs.count(), body.matches(&long).count());
        }
    }

    #[test]
    fn of_a_name_that_comes_twice_the_last_counts() {
        let members = RawObject::parse(br#"{"model":"a","mod\u0065l":"b"}"#).unwrap();
        assert_eq!(members.get::<String>("model").as_deref(), Some("b"));
        assert_eq!(members.to_bytes(), br#"{"model":"b"}"#);
    }

    #[test]
    fn what_is_no_object_is_refused_without_being_repeated() {
        for body in [&b"[1]"[..], b"{\"secret\":", b"\"secret\"", b"", b"{} secret"] {
            let refused = RawObject::parse(body).unwrap_err();
            assert!(!refused.message.contains("secret"), "{refused}");
        }
    }

    #[test]
    fn an_object_of_a_million_members_is_refused_at_once() {
        let members = |count: usize| (0..count).map(|at| format!("\"{at}\":0")).collect::<Vec<_>>().join(",");
        assert!(RawObject::parse(format!("{{{}}}", members(MAX_MEMBERS)).as_bytes()).is_ok());
        let refused = RawObject::parse(format!("{{{}}}", members(1_000_000)).as_bytes()).unwrap_err();
        assert!(refused.message.contains("1000 members"), "{refused}");
    }

    #[test]
    fn null_is_nothing() {
        let members = RawObject::parse(br#"{"a":null,"b":7}"#).unwrap();
        assert_eq!((members.get::<u8>("a"), members.get::<u8>("b")), (None, Some(7)));
        assert_eq!(members.get::<String>("b"), None);
    }
}
