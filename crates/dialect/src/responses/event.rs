//! The events of a streamed response (protocol §8.3): the hub that every codec writes from and reads to.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::item::Item;
use crate::json::{Raw, Text};
use crate::sse::SseEvent;

/// One event. What an answer is made of has a shape; the rest is named and no more.
#[derive(Debug, Clone, PartialEq)]
pub enum Event<'a> {
    /// `response.created`.
    Created {
        /// Its id and model.
        response: Response<'a>,
    },
    /// `response.output_item.added`: the item as it begins.
    ItemAdded {
        /// Which item of the output.
        output_index: u32,
        /// What is known of it so far.
        item: Item<'a>,
    },
    /// More of an item.
    Delta {
        /// More of what.
        kind: DeltaKind,
        /// Which item of the output.
        output_index: u32,
        /// Which part of the item: `content_index` or `summary_index`; 0 where there is one part only.
        part: u32,
        /// The piece.
        delta: Text<'a>,
    },
    /// `response.output_item.done`: the truth about an item, because the output of the final event can be empty on
    /// the Codex backend.
    ItemDone {
        /// Which item of the output.
        output_index: u32,
        /// The whole item.
        item: Item<'a>,
    },
    /// `response.completed`, or `response.done` as older backends call it.
    Completed {
        /// The whole response; its output can be empty.
        response: Response<'a>,
    },
    /// `response.incomplete`.
    Incomplete {
        /// The response, with why.
        response: Response<'a>,
    },
    /// `response.failed`, or `error` in either shape: `{"type":"error","error":{…}}` or the fields flat.
    Failed {
        /// The provider's error object as it came; limits and refusals are told from its fields.
        error: Value,
    },
    /// Everything else, for example parts that begin and kinds that do not exist yet.
    Other {
        /// Its `type`.
        kind: Text<'a>,
    },
}

/// What a delta adds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// A response as its first and last events tell it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Response<'a> {
    /// Its id.
    #[serde(borrow, default)]
    pub id: Option<Text<'a>>,
    /// The model that answers.
    #[serde(borrow, default)]
    pub model: Option<Text<'a>>,
    /// When, in Unix seconds.
    #[serde(default)]
    pub created_at: Option<f64>,
    /// What it came to.
    #[serde(borrow, default)]
    pub output: Option<Vec<Item<'a>>>,
    /// What it cost.
    #[serde(default)]
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

/// Tokens of a response (protocol §8.3, `response.completed`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenUsage {
    /// Read, those of the cache included.
    pub input_tokens: u64,
    /// Which of the read ones came from the cache.
    pub input_tokens_details: InputTokenDetails,
    /// Written, those of the reasoning included.
    pub output_tokens: u64,
    /// Which of the written ones were reasoning.
    pub output_tokens_details: OutputTokenDetails,
    /// Both.
    pub total_tokens: u64,
}

/// See [`TokenUsage`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InputTokenDetails {
    /// Read from the prompt cache.
    pub cached_tokens: u64,
}

/// See [`TokenUsage`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OutputTokenDetails {
    /// Spent on thinking.
    pub reasoning_tokens: u64,
}

/// The data of an event is not a JSON object of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is not JSON as the protocol has it")]
pub struct InvalidEvent;

impl From<serde_json::Error> for InvalidEvent {
    /// The parser's own words are dropped: they may repeat what the model said.
    fn from(_: serde_json::Error) -> Self {
        Self
    }
}

/// An event before it is known which one: every field that some event has, so that one reading is enough. What
/// depends on the event's kind is left as it stands.
#[derive(Deserialize)]
struct Read<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Option<Text<'a>>,
    #[serde(default)]
    output_index: u32,
    #[serde(alias = "summary_index", default)]
    content_index: u32,
    /// Text where we know the event; it need not be elsewhere.
    #[serde(borrow, default)]
    delta: Option<&'a RawValue>,
    #[serde(borrow, default)]
    item: Option<&'a RawValue>,
    #[serde(borrow, default)]
    response: Option<&'a RawValue>,
}

impl<'a> Event<'a> {
    /// The last event of the stream that the response `body` would have ended, had it been streamed; absent when it is
    /// no response.
    pub(crate) fn of_whole(body: &'a [u8]) -> Result<Option<Self>, InvalidEvent> {
        #[derive(Deserialize)]
        struct Whole<'a> {
            #[serde(borrow, default)]
            status: Option<Text<'a>>,
        }

        let Whole { status } = serde_json::from_slice(body)?;
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

    /// Reads one event of the stream. The `type` in the JSON decides; the event's name stands in where the JSON has
    /// none.
    pub fn read(sse: SseEvent<'a>) -> Result<Self, InvalidEvent> {
        let read: Read<'a> = serde_json::from_slice(sse.data)?;
        let kind = match &read.kind {
            Some(kind) if !kind.is_empty() => Cow::Borrowed(&**kind),
            _ => String::from_utf8_lossy(sse.name),
        };
        Ok(match &*kind {
            "response.output_text.delta" => read.delta(DeltaKind::Text)?,
            "response.function_call_arguments.delta" => read.delta(DeltaKind::FunctionArguments)?,
            "response.reasoning_summary_text.delta" => read.delta(DeltaKind::ReasoningSummary)?,
            "response.reasoning_text.delta" => read.delta(DeltaKind::ReasoningText)?,
            "response.custom_tool_call_input.delta" => read.delta(DeltaKind::CustomToolInput)?,
            "response.refusal.delta" => read.delta(DeltaKind::Refusal)?,
            "response.output_item.added" => {
                Self::ItemAdded { output_index: read.output_index, item: read.item()? }
            }
            "response.output_item.done" => {
                Self::ItemDone { output_index: read.output_index, item: read.item()? }
            }
            "response.created" => Self::Created { response: read.response()? },
            "response.completed" | "response.done" => Self::Completed { response: read.response()? },
            "response.incomplete" => Self::Incomplete { response: read.response()? },
            "response.failed" => {
                let error = read.response()?.error;
                Self::Failed { error: error.and_then(|error| error.read()).unwrap_or_default() }
            }
            "error" => Self::Failed { error: error(serde_json::from_slice(sse.data)?) },
            _ => Self::Other { kind: kind.into_owned().into() },
        })
    }
}

impl<'a> Read<'a> {
    fn delta(&self, kind: DeltaKind) -> Result<Event<'a>, InvalidEvent> {
        let delta = serde_json::from_str(self.delta.ok_or(InvalidEvent)?.get())?;
        Ok(Event::Delta { kind, output_index: self.output_index, part: self.content_index, delta })
    }

    fn item(&self) -> Result<Item<'a>, InvalidEvent> {
        Ok(serde_json::from_str(self.item.ok_or(InvalidEvent)?.get())?)
    }

    fn response(&self) -> Result<Response<'a>, InvalidEvent> {
        Ok(self.response.map_or_else(|| Ok(Response::default()), |raw| serde_json::from_str(raw.get()))?)
    }
}

/// The error object of an `error` event. In the flat shape the event is the object itself, and its `type` is the
/// event's and says nothing about the error.
fn error(mut event: Value) -> Value {
    if event["error"].is_object() {
        return event["error"].take();
    }
    if let Some(fields) = event.as_object_mut() {
        fields.remove("type");
    }
    event
}
