//! The events of a streamed response (protocol §8.3): the format that all dialects are translated through.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::item::{self, Item};
use super::token_usage::{TokenUsage, read_usage};
use crate::json::{Raw, Text};
use crate::sse::SseEvent;

/// One event. Events that carry output have a variant; others are only named.
#[derive(Debug, Clone, PartialEq)]
pub enum Event<'a> {
    /// `response.created`.
    Created {
        /// The response's id and model.
        response: Response<'a>,
    },
    /// `response.output_item.added`: the item as it begins.
    ItemAdded {
        /// The index of the item in the output.
        output_index: u32,
        /// What is known of the item so far.
        item: Item<'a>,
    },
    /// A delta of an item.
    Delta {
        /// The kind of delta.
        kind: DeltaKind,
        /// The index of the item in the output.
        output_index: u32,
        /// The index of the part: `content_index` or `summary_index`; 0 if there is one part only.
        part: u32,
        /// The new text.
        delta: Text<'a>,
    },
    /// `response.output_item.done`: the authoritative item, because the output of the final event can be empty on
    /// the Codex backend.
    ItemDone {
        /// The index of the item in the output.
        output_index: u32,
        /// The complete item.
        item: Item<'a>,
    },
    /// `response.completed`, or `response.done` as older backends call it.
    Completed {
        /// The complete response; its output can be empty.
        response: Response<'a>,
    },
    /// `response.incomplete`.
    Incomplete {
        /// The response, with the reason.
        response: Response<'a>,
    },
    /// `response.failed`, or `error` in either format: `{"type":"error","error":{…}}` or with flat fields.
    Failed {
        /// The provider's error object, unchanged; limits and rejections are recognized by its fields.
        error: Value,
    },
    /// Every other event, for example the beginning of a part, and types that do not exist yet.
    Other {
        /// The event's `type`.
        kind: Text<'a>,
    },
}

/// What a delta adds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeltaKind {
    /// `response.output_text.delta`.
    Text,
    /// `response.refusal.delta`.
    Refusal,
    /// `response.reasoning_summary_text.delta`.
    ReasoningSummary,
    /// `response.reasoning_text.delta`.
    ReasoningText,
    /// `response.function_call_arguments.delta`.
    FunctionArguments,
    /// `response.custom_tool_call_input.delta`.
    CustomToolInput,
}

impl DeltaKind {
    /// Returns the type of the items that such deltas belong to.
    pub(crate) fn item_type(self) -> &'static str {
        match self {
            Self::Text | Self::Refusal => "message",
            Self::ReasoningSummary | Self::ReasoningText => "reasoning",
            Self::FunctionArguments => "function_call",
            Self::CustomToolInput => "custom_tool_call",
        }
    }
}

/// A response as its first and last events describe it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Response<'a> {
    /// The response's id.
    #[serde(borrow, default)]
    pub id: Option<Text<'a>>,
    /// The model that responds.
    #[serde(borrow, default)]
    pub model: Option<Text<'a>>,
    /// When it was created, in Unix seconds.
    #[serde(default)]
    pub created_at: Option<f64>,
    /// The output items.
    #[serde(borrow, default, deserialize_with = "item::read_items")]
    pub output: Option<Vec<Item<'a>>>,
    /// The tokens that were used. A count that cannot be read is no reason to lose the response.
    #[serde(default, deserialize_with = "read_usage")]
    pub usage: Option<TokenUsage>,
    /// Why it stopped early.
    #[serde(borrow, default)]
    pub incomplete_details: Option<IncompleteDetails<'a>>,
    /// Why it failed.
    #[serde(borrow, default)]
    pub error: Option<Raw<'a>>,
}

/// Why a response stopped early.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct IncompleteDetails<'a> {
    /// `max_output_tokens`, `content_filter`, ….
    #[serde(borrow, default)]
    pub reason: Option<Text<'a>>,
}

/// The data of an event is not valid JSON of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is not JSON as the protocol has it")]
pub struct InvalidEvent;

impl From<serde_json::Error> for InvalidEvent {
    /// Drops the parser's message, which may repeat the model's text.
    fn from(_: serde_json::Error) -> Self {
        Self
    }
}

/// The fields of all events, so that one pass is enough. Values that depend on the event's type stay undecoded.
#[derive(Deserialize)]
struct EventFields<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Option<Text<'a>>,
    #[serde(default)]
    output_index: u32,
    #[serde(alias = "summary_index", default)]
    content_index: u32,
    /// Text in the events that are known; may be anything in others.
    #[serde(borrow, default)]
    delta: Option<&'a RawValue>,
    #[serde(borrow, default)]
    item: Option<&'a RawValue>,
    #[serde(borrow, default)]
    response: Option<&'a RawValue>,
}

impl<'a> Event<'a> {
    /// Returns the terminal event of the stream that the complete response `body` would have had; `None` if it is
    /// not a response.
    pub(crate) fn from_complete_response(body: &'a [u8]) -> Result<Option<Self>, InvalidEvent> {
        #[derive(Deserialize)]
        struct StatusField<'a> {
            #[serde(borrow, default)]
            status: Option<Text<'a>>,
        }

        let StatusField { status } = serde_json::from_slice(body)?;
        let response: Response<'_> = serde_json::from_slice(body)?;
        let error: Option<Value> = response.error.as_ref().and_then(Raw::read);
        Ok(match (status.as_deref(), error.filter(Value::is_object)) {
            (_, Some(error)) => Some(Self::Failed { error }),
            (Some("incomplete"), _) => Some(Self::Incomplete { response }),
            (None, _) if response.output.is_none() => None,
            (None | Some("completed"), _) => Some(Self::Completed { response }),
            _ => None,
        })
    }

    /// Returns how many bytes of content the event adds to the response: to its text, and to its items.
    pub fn content_bytes(&self) -> (usize, usize) {
        let output =
            |response: &Response<'_>| response.output.iter().flatten().map(Item::content_bytes).sum();
        match self {
            Self::Delta { delta, .. } => (delta.len(), 0),
            Self::ItemDone { item, .. } => (0, item.content_bytes()),
            Self::Completed { response } | Self::Incomplete { response } => (0, output(response)),
            Self::Created { .. } | Self::ItemAdded { .. } | Self::Failed { .. } | Self::Other { .. } => {
                (0, 0)
            }
        }
    }

    /// Parses one event of the stream. The `type` in the JSON decides; without one, the event's name.
    pub fn parse(sse: SseEvent<'a>) -> Result<Self, InvalidEvent> {
        // One check that the whole is UTF-8 takes less time than one of each string.
        let fields: EventFields<'a> = match std::str::from_utf8(sse.data) {
            Ok(text) => serde_json::from_str(text)?,
            Err(_) => serde_json::from_slice(sse.data)?,
        };
        let kind = match &fields.kind {
            Some(kind) if !kind.is_empty() => Cow::Borrowed(&**kind),
            _ => String::from_utf8_lossy(sse.name),
        };
        Ok(match &*kind {
            "response.output_text.delta" => fields.delta(DeltaKind::Text)?,
            "response.function_call_arguments.delta" => fields.delta(DeltaKind::FunctionArguments)?,
            "response.reasoning_summary_text.delta" => fields.delta(DeltaKind::ReasoningSummary)?,
            "response.reasoning_text.delta" => fields.delta(DeltaKind::ReasoningText)?,
            "response.custom_tool_call_input.delta" => fields.delta(DeltaKind::CustomToolInput)?,
            "response.refusal.delta" => fields.delta(DeltaKind::Refusal)?,
            "response.output_item.added" => {
                Self::ItemAdded { output_index: fields.output_index, item: fields.item()? }
            }
            "response.output_item.done" => {
                Self::ItemDone { output_index: fields.output_index, item: fields.item()? }
            }
            "response.created" => Self::Created { response: fields.response()? },
            "response.completed" | "response.done" => Self::Completed { response: fields.response()? },
            "response.incomplete" => Self::Incomplete { response: fields.response()? },
            "response.failed" => {
                let error = fields.response()?.error;
                Self::Failed { error: error.and_then(|error| error.read()).unwrap_or_default() }
            }
            "error" => Self::Failed { error: error_object(serde_json::from_slice(sse.data)?) },
            _ => Self::Other { kind: kind.into_owned().into() },
        })
    }
}

impl<'a> EventFields<'a> {
    fn delta(&self, kind: DeltaKind) -> Result<Event<'a>, InvalidEvent> {
        let delta = serde_json::from_str(self.delta.ok_or(InvalidEvent)?.get())?;
        Ok(Event::Delta { kind, output_index: self.output_index, part: self.content_index, delta })
    }

    fn item(&self) -> Result<Item<'a>, InvalidEvent> {
        Ok(Item::read(self.item.ok_or(InvalidEvent)?)?)
    }

    fn response(&self) -> Result<Response<'a>, InvalidEvent> {
        Ok(self.response.map_or_else(|| Ok(Response::default()), |raw| serde_json::from_str(raw.get()))?)
    }
}

/// Returns the error object of an `error` event.
///
/// With flat fields the event is the object itself; its `type` is the event's, not the error's.
fn error_object(mut event: Value) -> Value {
    if event["error"].is_object() {
        return event["error"].take();
    }
    if let Some(fields) = event.as_object_mut() {
        fields.remove("type");
    }
    event
}
