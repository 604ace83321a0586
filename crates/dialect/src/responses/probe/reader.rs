//! Reads a response to a connection test: its text, and how it ended.

use std::ops::ControlFlow;

use crate::probe::{ProbeResponse, ResponseStatus, StreamParseError};
use crate::responses::events::commentary::CommentaryFilter;
use crate::responses::events::event::{DeltaKind, Event};
use crate::responses::events::item::Item;
use crate::responses::events::reader::ResponsesReader;

/// Reads one response from the bytes of its stream.
#[derive(Debug, Default)]
pub struct ResponsesProbeReader {
    reader: ResponsesReader,
    collected: Collected,
}

/// The text of the answer from three sources. Items that are done win, because the final event's output can be empty; deltas are
/// the last resort.
#[derive(Debug, Default)]
struct Collected {
    items: Option<String>,
    output: String,
    deltas: String,
    status: Option<ResponseStatus>,
    commentary: CommentaryFilter,
}

impl ResponsesProbeReader {
    /// Reads a chunk. Returns whether the terminal event arrived; what follows it is ignored.
    pub fn push(&mut self, chunk: &[u8]) -> Result<bool, StreamParseError> {
        let Self { reader, collected } = self;
        if collected.status.is_none() {
            reader.push(chunk, |event| collected.take_until_end(event))?;
        }
        Ok(collected.status.is_some())
    }

    /// Reads a complete body, from a service that does not stream.
    pub fn read_body(body: &[u8]) -> Result<ProbeResponse, StreamParseError> {
        let mut reader = Self::default();
        if let Some(last) = Event::from_complete_response(body)? {
            reader.collected.take(last);
        }
        Ok(reader.finish())
    }

    /// Returns the response. Without a terminal event it is interrupted.
    pub fn finish(mut self) -> ProbeResponse {
        let Self { reader, collected } = &mut self;
        if collected.status.is_none() {
            reader.finish(|event| collected.take_until_end(event));
        }
        let Collected { items, output, deltas, status, .. } = self.collected;
        let text = match items {
            Some(items) => items,
            None if output.is_empty() => deltas,
            None => output,
        };
        ProbeResponse { text, status: status.unwrap_or(ResponseStatus::Interrupted) }
    }
}

impl Collected {
    fn take_until_end(&mut self, event: Event<'_>) -> ControlFlow<()> {
        self.take(event);
        if self.status.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn take(&mut self, event: Event<'_>) {
        if self.commentary.hides(&event) {
            return;
        }
        match event {
            Event::Delta { kind: DeltaKind::Text, delta, .. } => self.deltas.push_str(&delta),
            Event::ItemDone { item, .. } => {
                if let Some(text) = item.message() {
                    self.items.get_or_insert_default().push_str(&text);
                }
            }
            Event::Completed { response } => {
                let answer = response.output.iter().flatten().filter(|item| !item.is_commentary());
                self.output = answer.filter_map(Item::message).collect();
                self.status = Some(ResponseStatus::Completed);
            }
            Event::Incomplete { response } => {
                let reason = response.incomplete_details.and_then(|details| details.reason);
                self.status =
                    Some(ResponseStatus::Incomplete { reason: reason.map(|reason| reason.0.into_owned()) });
            }
            Event::Failed { error } => self.status = Some(ResponseStatus::Failed { error }),
            Event::Created { .. } | Event::ItemAdded { .. } | Event::Delta { .. } | Event::Other { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn complete_body_gives_text_and_status() {
        let response = |text: &str, status| ProbeResponse { text: text.into(), status };
        let output = json!([{ "type": "message", "content": [{ "type": "output_text", "text": "ready" }] }]);
        let mut comment = output[0].clone();
        comment["phase"] = "commentary".into();
        let reason = Some("max_output_tokens".to_owned());
        let rows = [
            (
                json!({ "status": "completed", "output": output, "error": null }),
                response("ready", ResponseStatus::Completed),
            ),
            (json!({ "output": output }), response("ready", ResponseStatus::Completed)),
            (
                json!({ "status": "incomplete", "incomplete_details": { "reason": "max_output_tokens" } }),
                response("", ResponseStatus::Incomplete { reason }),
            ),
            (
                json!({ "status": "failed", "error": { "code": "busy" } }),
                response("", ResponseStatus::Failed { error: json!({ "code": "busy" }) }),
            ),
            (json!({ "output": [comment, output[0]] }), response("ready", ResponseStatus::Completed)),
            (json!({ "status": "in_progress", "output": [] }), response("", ResponseStatus::Interrupted)),
            (json!({ "object": "something else" }), response("", ResponseStatus::Interrupted)),
        ];
        for (body, expected) in rows {
            assert_eq!(
                ResponsesProbeReader::read_body(body.to_string().as_bytes()).unwrap(),
                expected,
                "{body}"
            );
        }
    }
}
