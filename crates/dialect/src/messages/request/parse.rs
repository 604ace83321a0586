//! How what a request says is read: in one pass over lists in lists, with every text left as it stands.
//!
//! A request of a long session is texts in blocks in results in messages. Read the plain way, where a string is to stay
//! as it is and a list is to be taken apart, each level has to be passed over once to see which of them it is.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::types::{Block, Message, Source, TextOrList, Tool};
use crate::error::BadRequest;
use crate::json::path::JsonPath;
use crate::json::{JsonString, Raw, Text};

/// How many lists of blocks may stand in each other; the API has three. Each level takes some of the stack while it is
/// read, and a body has room for millions.
const DEEPEST: u8 = 8;

/// An object of the API, read field by field.
pub(crate) trait ParseFields<'a>: Default {
    /// Reads the value of the field `name`. One that is not carried is passed over: clients send fields of tomorrow, and
    /// those of the request itself that are lost are named by `DroppedFields`.
    fn field<A: MapAccess<'a>>(&mut self, name: &Text<'a>, value: Value<'_, 'a, A>) -> Result<(), A::Error>;
}

/// The value of a field that is read next.
pub(crate) struct Value<'m, 'a, A> {
    map: &'m mut A,
    reading: Reading<'a>,
}

impl<'a, A: MapAccess<'a>> Value<'_, 'a, A> {
    /// The value.
    pub(crate) fn read<T: Deserialize<'a>>(self) -> Result<T, A::Error> {
        self.map.next_value()
    }

    /// Passes over it.
    pub(crate) fn skip(self) -> Result<(), A::Error> {
        self.read::<IgnoredAny>().map(drop)
    }

    /// A text or a list, which is what `name` has.
    pub(crate) fn listed<T: ParseFields<'a>>(self, name: &Text<'a>) -> Result<TextOrList<'a, T>, A::Error> {
        match self.reading.deeper() {
            Some(reading) if self.reading.is_before_a_list(name) => {
                self.map.next_value_seed(Elements(reading, PhantomData)).map(TextOrList::List)
            }
            _ => self.reading.listed(self.map.next_value()?).map_err(Error::custom),
        }
    }
}

/// What is being read.
#[derive(Clone, Copy)]
struct Reading<'a> {
    /// All of it.
    document: &'a str,
    /// How many levels of lists may still come.
    left: u8,
}

impl<'a> Reading<'a> {
    fn deeper(self) -> Option<Self> {
        self.left.checked_sub(1).map(|left| Self { left, ..self })
    }

    /// Whether the value of the field `name` is a list. serde has no way to ask before it is read, but a name that is
    /// borrowed is a part of the document, and so its place is known. Of one with escapes it is not.
    fn is_before_a_list(self, name: &Text<'a>) -> bool {
        let Cow::Borrowed(name) = name.0 else { return false };
        let begin = name.as_ptr().addr().checked_sub(self.document.as_ptr().addr());
        let rest = begin.and_then(|begin| self.document.get(begin + name.len()..)?.strip_prefix('"'));
        let value = rest.and_then(|rest| rest.trim_ascii_start().strip_prefix(':'));
        value.is_some_and(|value| value.trim_ascii_start().starts_with('['))
    }

    fn listed<T: ParseFields<'a>>(self, raw: &'a RawValue) -> serde_json::Result<TextOrList<'a, T>> {
        Ok(match (raw.get().as_bytes(), self.deeper()) {
            (b"null", _) => TextOrList::Absent,
            ([b'"', ..], _) => TextOrList::Text(JsonString::Raw(raw)),
            ([b'[', ..], Some(reading)) => {
                let elements = Elements(Self { document: raw.get(), ..reading }, PhantomData);
                TextOrList::List(elements.deserialize(&mut serde_json::Deserializer::from_str(raw.get()))?)
            }
            _ => TextOrList::Other,
        })
    }
}

/// A list of objects.
struct Elements<'a, T>(Reading<'a>, PhantomData<T>);

impl<'a, T: ParseFields<'a>> DeserializeSeed<'a> for Elements<'a, T> {
    type Value = Vec<T>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'a, T: ParseFields<'a>> Visitor<'a> for Elements<'a, T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element_seed(Element(self.0, PhantomData))? {
            elements.push(element);
        }
        Ok(elements)
    }
}

/// An object.
struct Element<'a, T>(Reading<'a>, PhantomData<T>);

impl<'a, T: ParseFields<'a>> DeserializeSeed<'a> for Element<'a, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a, T: ParseFields<'a>> Visitor<'a> for Element<'a, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<T, A::Error> {
        let mut element = T::default();
        while let Some(name) = map.next_key::<Text<'a>>()? {
            element.field(&name, Value { map: &mut map, reading: self.0 })?;
        }
        Ok(element)
    }
}

const NOT_OF_THE_API: &str = "is not of the shape that the API has";

/// The object that `raw` is.
pub(crate) fn object<'a, T: ParseFields<'a>>(raw: &'a Raw<'_>, at: &JsonPath<'_>) -> Result<T, BadRequest> {
    read(raw.get()).map_err(|_| at.error_with_path(NOT_OF_THE_API))
}

/// `raw` read as a list or a text. When an element is not an object, the error names which.
pub(crate) fn listed<'a, T: ParseFields<'a>>(
    raw: Option<&'a Raw<'_>>,
    at: &JsonPath<'_>,
) -> Result<TextOrList<'a, T>, BadRequest> {
    let Some(raw) = raw.map(Raw::as_value) else { return Ok(TextOrList::Absent) };
    Reading { document: raw.get(), left: DEEPEST }.listed(raw).map_err(|_| {
        let elements: Vec<&'a RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
        let wrong = elements.iter().position(|element| read::<T>(element.get()).is_err());
        wrong.map_or_else(
            || at.error_with_path(NOT_OF_THE_API),
            |index| at.index(index).error_with_path(NOT_OF_THE_API),
        )
    })
}

fn read<'a, T: ParseFields<'a>>(document: &'a str) -> serde_json::Result<T> {
    let element = Element(Reading { document, left: DEEPEST }, PhantomData);
    element.deserialize(&mut serde_json::Deserializer::from_str(document))
}

impl<'a> ParseFields<'a> for Message<'a> {
    fn field<A: MapAccess<'a>>(&mut self, name: &Text<'a>, value: Value<'_, 'a, A>) -> Result<(), A::Error> {
        match &**name {
            "role" => self.role = value.read()?,
            "content" => self.content = value.listed(name)?,
            "output_config" => self.output_config = value.read()?,
            "clear_at" => self.clear_at = value.read()?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl<'a> ParseFields<'a> for Block<'a> {
    fn field<A: MapAccess<'a>>(&mut self, name: &Text<'a>, value: Value<'_, 'a, A>) -> Result<(), A::Error> {
        match &**name {
            "type" => self.kind = value.read()?,
            "text" => self.text = value.read()?,
            "source" => self.source = value.read()?,
            "title" => self.title = value.read()?,
            "context" => self.context = value.read()?,
            "id" => self.id = value.read()?,
            "name" => self.name = value.read()?,
            "input" => self.input = value.read()?,
            "tool_use_id" => self.tool_use_id = value.read()?,
            "content" => self.content = value.listed(name)?,
            "is_error" => self.is_error = value.read()?,
            "tool_name" => self.tool_name = value.read()?,
            "tool" => self.tool = value.read()?,
            "thinking" => self.thinking = value.read()?,
            "signature" => self.signature = value.read()?,
            "data" => self.data = value.read()?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl<'a> ParseFields<'a> for Source<'a> {
    fn field<A: MapAccess<'a>>(&mut self, name: &Text<'a>, value: Value<'_, 'a, A>) -> Result<(), A::Error> {
        match &**name {
            "type" => self.kind = value.read()?,
            "media_type" => self.media_type = value.read()?,
            "data" => self.data = value.read()?,
            "url" => self.url = value.read()?,
            "file_id" => self.file_id = value.read()?,
            "content" => self.content = value.listed(name)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl<'a> ParseFields<'a> for Tool<'a> {
    fn field<A: MapAccess<'a>>(&mut self, name: &Text<'a>, value: Value<'_, 'a, A>) -> Result<(), A::Error> {
        match &**name {
            "type" => self.kind = value.read()?,
            "name" => self.name = value.read()?,
            "description" => self.description = value.read()?,
            "input_schema" => self.input_schema = value.read()?,
            "defer_loading" => self.defer_loading = value.read()?,
            "strict" => self.strict = value.read()?,
            "max_uses" => self.max_uses = value.read()?,
            "allowed_domains" => self.allowed_domains = value.read()?,
            "blocked_domains" => self.blocked_domains = value.read()?,
            "user_location" => self.user_location = value.read()?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_the_same_however_it_is_spelled() {
        let spelled = |json: &str| format!("{:?}", read::<Message<'_>>(json).unwrap());
        let plain = r#"{"content":[{"type":"tool_result","content":[{"text":"a\"b"}]}],"role":"user"}"#;
        let others = [
            r#"{ "content" : [ {"type":"tool_result" ,"content" :	[{"text":"a\"b"}]} ], "role":"user" }"#,
            r#"{"c\u006fntent":[{"type":"tool_result","conten\u0074":[{"text":"a\"b"}]}],"role":"user"}"#,
            r#"{"content":"last","role":"user","new":[[]],"content":[{"type":"tool_result","content":[{"text":"a\"b"}]}]}"#,
        ];
        for other in others {
            assert_eq!(spelled(other), spelled(plain), "{other}");
        }
    }

    #[test]
    fn a_list_is_known_before_it_is_read() {
        for (document, list) in
            [("\"a\" : [", true), ("\"a\":\"[\"", false), ("\"a\":{}", false), ("\"a\"", false)]
        {
            let reading = Reading { document, left: 1 };
            assert_eq!(reading.is_before_a_list(&document[1..2].into()), list, "{document}");
        }
        let reading = Reading { document: "\"a\":[", left: 1 };
        assert!(!reading.is_before_a_list(&"a".to_owned().into()), "not a part of the document");
    }

    #[test]
    fn the_element_that_is_no_object_is_named() {
        let raw = Raw::from_value(&serde_json::json!([{ "content": [] }, { "content": ["a"] }, 1]));
        let refused = listed::<Message<'_>>(Some(&raw), &JsonPath::root("messages")).unwrap_err();
        assert_eq!(refused.param.as_deref(), Some("messages[1]"));
    }

    #[test]
    fn lists_deeper_than_any_are_not_read() {
        let deep = |levels: usize| {
            let (open, close) = (r#"{"content":["#.repeat(levels), "]}".repeat(levels));
            format!("{:?}", read::<Message<'_>>(&format!("{open}{close}")).unwrap())
        };
        assert!(!deep(usize::from(DEEPEST)).contains("Other"));
        assert!(deep(usize::from(DEEPEST) + 1).contains("Other"));
    }
}
