//! The events of a streamed response (protocol §8.3).

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use crate::sse::SseEvent;

/// One event. Those that an answer's text and end are made of have a shape; every other is kept whole.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// `response.output_text.delta`.
    TextDelta {
        /// More of the text.
        delta: String,
    },
    /// `response.output_item.done`: the truth about an item, because the output of the final event can be
    /// empty on this backend.
    ItemDone {
        /// The text of a message; absent for items of another kind.
        text: Option<String>,
    },
    /// `response.completed`, or `response.done` as older backends call it.
    Completed {
        /// The text of the messages in `response.output`; empty when that is empty.
        text: String,
    },
    /// `response.incomplete`.
    Incomplete {
        /// `incomplete_details.reason`.
        reason: Option<String>,
    },
    /// `response.failed`, or `error` in either shape: `{"type":"error","error":{…}}` or the fields flat.
    Failed {
        /// The provider's error object as it came; limits and refusals are told from its fields.
        error: Value,
    },
    /// Everything else, for example reasoning, tool calls and kinds that do not exist yet.
    Unknown {
        /// Its `type`.
        kind: String,
        /// The whole of it.
        event: Value,
    },
}

/// The data of an event is not a JSON object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is not JSON as the protocol has it")]
pub struct NotAnEvent;

impl From<serde_json::Error> for NotAnEvent {
    /// The parser's own words are dropped: they may repeat what the model said.
    fn from(_: serde_json::Error) -> Self {
        Self
    }
}

#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Delta {
    delta: String,
}

#[derive(Deserialize)]
struct Done {
    item: Item,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Item {
    #[serde(rename = "type")]
    kind: String,
    content: Option<Vec<Part>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Part {
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
}

#[derive(Deserialize)]
struct Finished {
    #[serde(default)]
    response: Response,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Response {
    status: Option<String>,
    output: Option<Vec<Item>>,
    incomplete_details: Option<IncompleteDetails>,
    error: Value,
}

#[derive(Deserialize)]
struct IncompleteDetails {
    reason: Option<String>,
}

impl Event {
    /// The last event of the stream that `response` would have ended, had it been streamed; absent when it is no
    /// response.
    pub(super) fn of_whole(response: &[u8]) -> Result<Option<Self>, NotAnEvent> {
        let response: Response = serde_json::from_slice(response)?;
        Ok(match (response.status.as_deref(), response.error.is_object()) {
            (_, true) => Some(Self::Failed { error: response.error }),
            (Some("incomplete"), _) => Some(response.incomplete()),
            (None, _) if response.output.is_none() => None,
            (None | Some("completed"), _) => Some(response.completed()),
            _ => None,
        })
    }

    /// Reads one event of the stream. The `type` in the JSON decides; the event's name stands in where the
    /// JSON has none.
    pub fn read(sse: SseEvent<'_>) -> Result<Self, NotAnEvent> {
        let kind = serde_json::from_slice::<Kind<'_>>(sse.data)?.kind;
        let kind = if kind.is_empty() { String::from_utf8_lossy(sse.name) } else { kind };
        Ok(match kind.as_ref() {
            "response.output_text.delta" => {
                Self::TextDelta { delta: serde_json::from_slice::<Delta>(sse.data)?.delta }
            }
            "response.output_item.done" => {
                Self::ItemDone { text: serde_json::from_slice::<Done>(sse.data)?.item.message() }
            }
            "response.completed" | "response.done" => finished(sse.data)?.completed(),
            "response.incomplete" => finished(sse.data)?.incomplete(),
            "response.failed" => Self::Failed { error: finished(sse.data)?.error },
            "error" => Self::Failed { error: error(serde_json::from_slice(sse.data)?) },
            kind => Self::Unknown { kind: kind.to_owned(), event: serde_json::from_slice(sse.data)? },
        })
    }
}

fn finished(data: &[u8]) -> Result<Response, NotAnEvent> {
    Ok(serde_json::from_slice::<Finished>(data)?.response)
}

/// The error object of an `error` event. In the flat shape the event is the object itself, and its `type`
/// is the event's and says nothing about the error.
fn error(mut event: Value) -> Value {
    if event["error"].is_object() {
        return event["error"].take();
    }
    if let Some(fields) = event.as_object_mut() {
        fields.remove("type");
    }
    event
}

impl Response {
    fn completed(self) -> Event {
        Event::Completed { text: self.output.iter().flatten().filter_map(Item::message).collect() }
    }

    fn incomplete(self) -> Event {
        Event::Incomplete { reason: self.incomplete_details.and_then(|details| details.reason) }
    }
}

impl Item {
    fn message(&self) -> Option<String> {
        let is_text = |part: &&Part| part.kind == "output_text";
        let parts = || self.content.iter().flatten().filter(is_text);
        (self.kind == "message").then(|| parts().filter_map(|part| part.text.as_deref()).collect())
    }
}
