//! Parses a request in one pass over nested lists, without decoding text.
//!
//! A request of a long session is text in blocks in results in messages. With plain serde, where a string is to
//! stay encoded and a list is to be parsed, each level would have to be scanned once to find out which of them it
//! is.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::types::{Block, Message, Source, TextOrList, Tool};
use crate::error::BadRequest;
use crate::json::path::JsonPath;
use crate::json::visit_elements;
use crate::json::{JsonString, Raw, Text};

/// How deeply lists of blocks may be nested; the API has three levels. Each level takes stack while it is parsed,
/// and a body has room for millions.
const MAX_DEPTH: u8 = 8;

/// An object of the API, parsed field by field.
pub(crate) trait ParseFields<'a>: Default {
    /// Parses the value of the field `name`.
    ///
    /// Fields that are not carried are skipped: clients send fields that did not exist when this was written, and
    /// lost fields of the request itself are reported by `add_lost_fields`.
    fn field<A: MapAccess<'a>>(&mut self, name: &Text<'a>, value: Value<'_, 'a, A>) -> Result<(), A::Error>;
}

/// The value of a field that is parsed next.
pub(crate) struct Value<'m, 'a, A> {
    map: &'m mut A,
    position: Position<'a>,
}

impl<'a, A: MapAccess<'a>> Value<'_, 'a, A> {
    /// Parses the value.
    pub(crate) fn read<T: Deserialize<'a>>(self) -> Result<T, A::Error> {
        self.map.next_value()
    }

    /// Skips the value.
    pub(crate) fn skip(self) -> Result<(), A::Error> {
        self.read::<IgnoredAny>().map(drop)
    }

    /// Parses a string or a list, the value of the field `name`.
    pub(crate) fn text_or_list<T: ParseFields<'a>>(
        self,
        name: &Text<'a>,
    ) -> Result<TextOrList<'a, T>, A::Error> {
        match self.position.deeper() {
            Some(position) if self.position.is_before_list(name) => {
                self.map.next_value_seed(Elements(position, PhantomData)).map(TextOrList::List)
            }
            _ => self.position.text_or_list(self.map.next_value()?).map_err(Error::custom),
        }
    }
}

/// The position of the parser.
#[derive(Clone, Copy)]
struct Position<'a> {
    /// The complete document.
    document: &'a str,
    /// How many levels of lists may follow.
    levels_left: u8,
}

impl<'a> Position<'a> {
    fn deeper(self) -> Option<Self> {
        self.levels_left.checked_sub(1).map(|levels_left| Self { levels_left, ..self })
    }

    /// Returns whether the value of the field `name` is a list.
    ///
    /// serde does not know before the value is parsed, but a borrowed name is a slice of the document, so its
    /// position is known. A name with escapes is not.
    fn is_before_list(self, name: &Text<'a>) -> bool {
        let Cow::Borrowed(name) = name.0 else { return false };
        let begin = name.as_ptr().addr().checked_sub(self.document.as_ptr().addr());
        let rest = begin.and_then(|begin| self.document.get(begin + name.len()..)?.strip_prefix('"'));
        let value = rest.and_then(|rest| rest.trim_ascii_start().strip_prefix(':'));
        value.is_some_and(|value| value.trim_ascii_start().starts_with('['))
    }

    fn text_or_list<T: ParseFields<'a>>(self, raw: &'a RawValue) -> serde_json::Result<TextOrList<'a, T>> {
        Ok(match (raw.get().as_bytes(), self.deeper()) {
            (b"null", _) => TextOrList::Absent,
            ([b'"', ..], _) => TextOrList::Text(JsonString::Raw(raw)),
            ([b'[', ..], Some(position)) => {
                let elements = Elements(Self { document: raw.get(), ..position }, PhantomData);
                TextOrList::List(elements.deserialize(&mut serde_json::Deserializer::from_str(raw.get()))?)
            }
            _ => TextOrList::Other,
        })
    }
}

/// A list of objects.
struct Elements<'a, T>(Position<'a>, PhantomData<T>);

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
struct Element<'a, T>(Position<'a>, PhantomData<T>);

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
            element.field(&name, Value { map: &mut map, position: self.0 })?;
        }
        Ok(element)
    }
}

const INVALID_TYPE: &str = "has a type that the API does not accept";

/// Parses the object `raw`.
pub(crate) fn object<'a, T: ParseFields<'a>>(raw: &'a Raw<'_>, at: &JsonPath<'_>) -> Result<T, BadRequest> {
    read(raw.get()).map_err(|_| at.error_with_path(INVALID_TYPE))
}

/// Parses `raw` as a list or a string. If an element is not an object, the error names it.
pub(crate) fn text_or_list<'a, T: ParseFields<'a>>(
    raw: Option<&'a Raw<'_>>,
    at: &JsonPath<'_>,
) -> Result<TextOrList<'a, T>, BadRequest> {
    let Some(raw) = raw.map(Raw::as_value) else { return Ok(TextOrList::Absent) };
    Position { document: raw.get(), levels_left: MAX_DEPTH }.text_or_list(raw).map_err(|_| {
        let (mut index, mut wrong) = (0, None);
        // What is no list has no element that is wrong.
        let _ = visit_elements(raw.get(), |element| {
            if wrong.is_none() && read::<T>(element.get()).is_err() {
                wrong = Some(index);
            }
            index += 1;
        });
        wrong.map_or_else(
            || at.error_with_path(INVALID_TYPE),
            |index| at.index(index).error_with_path(INVALID_TYPE),
        )
    })
}

fn read<'a, T: ParseFields<'a>>(document: &'a str) -> serde_json::Result<T> {
    let element = Element(Position { document, levels_left: MAX_DEPTH }, PhantomData);
    element.deserialize(&mut serde_json::Deserializer::from_str(document))
}

impl<'a> ParseFields<'a> for Message<'a> {
    fn field<A: MapAccess<'a>>(&mut self, name: &Text<'a>, value: Value<'_, 'a, A>) -> Result<(), A::Error> {
        match &**name {
            "role" => self.role = value.read()?,
            "content" => self.content = value.text_or_list(name)?,
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
            "content" => self.content = value.text_or_list(name)?,
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
            "content" => self.content = value.text_or_list(name)?,
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
    fn message_parses_alike_in_every_spelling() {
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
    fn list_is_recognized_before_parsing() {
        for (document, list) in
            [("\"a\" : [", true), ("\"a\":\"[\"", false), ("\"a\":{}", false), ("\"a\"", false)]
        {
            let position = Position { document, levels_left: 1 };
            assert_eq!(position.is_before_list(&document[1..2].into()), list, "{document}");
        }
        let position = Position { document: "\"a\":[", levels_left: 1 };
        assert!(!position.is_before_list(&"a".to_owned().into()), "not a part of the document");
    }

    #[test]
    fn element_that_is_not_an_object_is_named() {
        let raw = Raw::from_value(&serde_json::json!([{ "content": [] }, { "content": ["a"] }, 1]));
        let refused = text_or_list::<Message<'_>>(Some(&raw), &JsonPath::root("messages")).unwrap_err();
        assert_eq!(refused.param.as_deref(), Some("messages[1]"));
    }

    #[test]
    fn lists_over_max_depth_are_not_parsed() {
        let deep = |levels: usize| {
            let (open, close) = (r#"{"content":["#.repeat(levels), "]}".repeat(levels));
            format!("{:?}", read::<Message<'_>>(&format!("{open}{close}")).unwrap())
        };
        assert!(!deep(usize::from(MAX_DEPTH)).contains("Other"));
        assert!(deep(usize::from(MAX_DEPTH) + 1).contains("Other"));
    }
}
