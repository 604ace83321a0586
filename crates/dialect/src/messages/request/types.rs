//! The types of a Messages request. They borrow from the body and accept any value anywhere; whoever needs a field
//! reports its errors, because it knows the path.
//!
//! The fields are those of the npm package `@anthropic-ai/sdk` 1.11.0 (`resources/messages/messages.d.ts` and, for
//! betas, `resources/beta/messages/messages.d.ts`) and of recorded requests.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::error::BadRequest;
use crate::json::path::JsonPath;
use crate::json::{JsonString, Raw, RawObject, Text};

/// The fields of a request or of an object in it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Fields<'a>(#[serde(borrow)] BTreeMap<Text<'a>, Raw<'a>>);

impl<'a> Fields<'a> {
    /// Returns the fields of a request.
    pub(crate) fn of(request: &'a RawObject<'_>) -> Self {
        let borrowed = |(name, value): (&'a str, &'a Raw<'_>)| (name.into(), Raw::Borrowed(value.as_value()));
        Self(request.iter().map(borrowed).collect())
    }

    /// Returns the field `name` if it is there and not null.
    pub(crate) fn get(&self, name: &'static str) -> Option<&Raw<'a>> {
        self.0.get(&Text::from(name)).filter(|raw| raw.get() != "null")
    }

    /// Iterates over all fields.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Raw<'a>)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }
}

/// A string, a list, or something else. With blocks as elements it is the API's content: a string stands for one
/// text block.
#[derive(Debug, Clone, Default)]
pub(crate) enum TextOrList<'a, T> {
    /// Missing, or null.
    #[default]
    Absent,
    /// A string.
    Text(JsonString<'a>),
    /// A list.
    List(Vec<T>),
    /// Anything else, for example the error of a server tool, which is an object where results are a list.
    Other,
}

/// The content of a message or of a result.
pub(crate) type Content<'a> = TextOrList<'a, Block<'a>>;

/// A string that may be long and is carried without decoding.
#[derive(Debug, Clone, Default)]
pub(crate) enum LongText<'a> {
    /// Missing, or null.
    #[default]
    Absent,
    /// A string.
    Text(JsonString<'a>),
    /// Anything else.
    Other,
}

/// A string or a boolean.
#[derive(Debug, Clone, Default)]
pub(crate) enum Scalar<'a> {
    /// Missing, or null.
    #[default]
    Absent,
    /// A string.
    Text(Text<'a>),
    /// True or false.
    Flag(bool),
    /// A number, a list, an object.
    Other,
}

/// One message.
#[derive(Debug, Clone, Default)]
pub(crate) struct Message<'a> {
    /// `user`, `assistant` or `system`.
    pub(crate) role: Scalar<'a>,
    /// The message's content.
    pub(crate) content: Content<'a>,
    /// Of a system message: the effort for its turn.
    pub(crate) output_config: Option<Raw<'a>>,
    /// Of a system message: `next_user_message` if it is for one turn only.
    pub(crate) clear_at: Scalar<'a>,
}

/// One content block of any type: one struct with every field that is carried, so that unknown types are read as
/// well.
#[derive(Debug, Clone, Default)]
pub(crate) struct Block<'a> {
    /// `text`, `image`, `tool_use`, ….
    pub(crate) kind: Scalar<'a>,
    /// Of a text block.
    pub(crate) text: LongText<'a>,
    /// Of an image or a document: its location. Of a search result: its URL.
    pub(crate) source: Option<Raw<'a>>,
    /// Of a document or a search result.
    pub(crate) title: Scalar<'a>,
    /// Of a document: what the caller knows about it.
    pub(crate) context: Scalar<'a>,
    /// Of a call.
    pub(crate) id: Scalar<'a>,
    /// Of a call: the tool.
    pub(crate) name: Scalar<'a>,
    /// Of a call: the arguments, byte for byte.
    pub(crate) input: Option<Raw<'a>>,
    /// Of a result: the call's id.
    pub(crate) tool_use_id: Scalar<'a>,
    /// Of a result, a search result or a document's source.
    pub(crate) content: Content<'a>,
    /// Of a result: whether the tool failed.
    pub(crate) is_error: Scalar<'a>,
    /// Of a reference to a tool.
    pub(crate) tool_name: Scalar<'a>,
    /// Of a tool that is added during a conversation.
    pub(crate) tool: Option<Raw<'a>>,
    /// Of thinking: its text.
    pub(crate) thinking: LongText<'a>,
    /// Of thinking: the encrypted reasoning.
    pub(crate) signature: Scalar<'a>,
    /// Of redacted thinking.
    pub(crate) data: Scalar<'a>,
}

/// The location of an image or a document.
#[derive(Debug, Clone, Default)]
pub(crate) struct Source<'a> {
    /// `base64`, `url`, `file`, `text` or `content`.
    pub(crate) kind: Scalar<'a>,
    /// Of `base64` and `text`.
    pub(crate) media_type: Scalar<'a>,
    /// Of `base64` and `text`.
    pub(crate) data: Scalar<'a>,
    /// Of `url`.
    pub(crate) url: Scalar<'a>,
    /// Of `file`.
    pub(crate) file_id: Scalar<'a>,
    /// Of `content`.
    pub(crate) content: Content<'a>,
}

/// A tool of the caller's or of the service.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tool<'a> {
    /// Absent or `custom` for the caller's own.
    pub(crate) kind: Scalar<'a>,
    pub(crate) name: Scalar<'a>,
    pub(crate) description: Scalar<'a>,
    /// JSON Schema, byte for byte.
    pub(crate) input_schema: Option<Raw<'a>>,
    /// Whether the model does not know the tool before a reference names it.
    pub(crate) defer_loading: Scalar<'a>,
    /// Whether the arguments must match the schema.
    pub(crate) strict: Scalar<'a>,
    /// Of web search.
    pub(crate) max_uses: Option<Raw<'a>>,
    /// Of web search.
    pub(crate) allowed_domains: Option<Raw<'a>>,
    /// Of web search.
    pub(crate) blocked_domains: Option<Raw<'a>>,
    /// Of web search.
    pub(crate) user_location: Option<Raw<'a>>,
}

impl<'a> LongText<'a> {
    /// Returns the text, if it is a string.
    pub(crate) fn text(&self) -> Option<JsonString<'a>> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Absent | Self::Other => None,
        }
    }

    /// Returns the text, or an error if it is missing or not a string.
    pub(crate) fn required(&self, at: &JsonPath<'_>) -> Result<JsonString<'a>, BadRequest> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Absent => Err(at.error_with_path("field required")),
            Self::Other => Err(at.error_with_path("should be a string")),
        }
    }
}

impl<'a> Scalar<'a> {
    /// Returns the text, if it is a string.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the text, or an error if it is missing or not a string.
    pub(crate) fn required(&self, at: &JsonPath<'_>) -> Result<&str, BadRequest> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Absent => Err(at.error_with_path("field required")),
            Self::Flag(_) | Self::Other => Err(at.error_with_path("should be a string")),
        }
    }

    /// Returns the owned text, or an error if it is missing or not a string.
    pub(crate) fn into_required(self, at: &JsonPath<'_>) -> Result<Text<'a>, BadRequest> {
        self.required(at)?;
        let Self::Text(text) = self else { return Err(at.error_with_path("field required")) };
        Ok(text)
    }

    /// Returns whether it is true.
    pub(crate) fn is_true(&self) -> bool {
        matches!(self, Self::Flag(true))
    }
}

/// Decodes `raw` as `T`.
pub(crate) fn read<'a, T: Deserialize<'a>>(raw: &'a Raw<'a>, at: &JsonPath<'_>) -> Result<T, BadRequest> {
    raw.read().ok_or_else(|| at.error_with_path("has a type that the API does not accept"))
}

impl<'de: 'a, 'a> Deserialize<'de> for LongText<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?;
        Ok(match raw.get().as_bytes() {
            b"null" => Self::Absent,
            [b'"', ..] => Self::Text(JsonString::Raw(raw)),
            _ => Self::Other,
        })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Simple;

        impl<'de> Visitor<'de> for Simple {
            type Value = Scalar<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string, true or false")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Scalar::Text(text.into()))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Scalar::Text(text.to_owned().into()))
            }

            fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
                Ok(Scalar::Flag(flag))
            }

            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(Scalar::Absent)
            }

            fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Scalar::Other)
            }

            fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Scalar::Other)
            }

            fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Scalar::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }
        }

        deserializer.deserialize_any(Simple)
    }
}
