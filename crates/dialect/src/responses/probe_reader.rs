//! A streamed response put together: its text, and how it ended.

use super::event::{DeltaKind, Event};
use super::item::Item;
use crate::probe::{ProbeResponse, ResponseStatus, StreamParseError};
use crate::sse::SseParser;

/// What some clients of the Responses API send at the very end; the protocol does not promise it (§8.3).
const DONE: &[u8] = b"[DONE]";

/// Puts one response together from the bytes of its stream.
#[derive(Debug, Default)]
pub struct ResponsesProbeReader {
    parser: SseParser,
    collected: Collected,
}

/// Three places tell the text. Items that are done win, because the final event's output can be empty here;
/// deltas are the last resort.
#[derive(Debug, Default)]
struct Collected {
    items: Option<String>,
    output: String,
    deltas: String,
    status: Option<ResponseStatus>,
}

impl ResponsesProbeReader {
    /// Reads on. True once the terminal event is in: what follows it, if anything, is not looked at.
    pub fn push(&mut self, mut piece: &[u8]) -> Result<bool, StreamParseError> {
        while self.collected.status.is_none() {
            let Some(sse) = self.parser.next_event(&mut piece)? else { return Ok(false) };
            if sse.data != DONE {
                self.collected.take(Event::read(sse)?);
            }
        }
        Ok(true)
    }

    /// A response in one piece, from a service that does not stream.
    pub fn whole(body: &[u8]) -> Result<ProbeResponse, StreamParseError> {
        let mut reader = Self::default();
        if let Some(last) = Event::of_whole(body)? {
            reader.collected.take(last);
        }
        Ok(reader.finish())
    }

    /// What came. Without a terminal event the response is cut.
    pub fn finish(self) -> ProbeResponse {
        let Collected { items, output, deltas, status } = self.collected;
        let text = match items {
            Some(items) => items,
            None if output.is_empty() => deltas,
            None => output,
        };
        ProbeResponse { text, status: status.unwrap_or(ResponseStatus::Interrupted) }
    }
}

impl Collected {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Delta { kind: DeltaKind::Text, delta, .. } => self.deltas.push_str(&delta),
            Event::ItemDone { item, .. } => {
                if let Some(text) = item.message() {
                    self.items.get_or_insert_default().push_str(&text);
                }
            }
            Event::Completed { response } => {
                self.output = response.output.iter().flatten().filter_map(Item::message).collect();
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
    fn a_response_in_one_piece() {
        let said = |text: &str, status| ProbeResponse { text: text.into(), status };
        let output = json!([{ "type": "message", "content": [{ "type": "output_text", "text": "ready" }] }]);
        let reason = Some("max_output_tokens".to_owned());
        let rows = [
            (
                json!({ "status": "completed", "output": output, "error": null }),
                said("ready", ResponseStatus::Completed),
            ),
            (json!({ "output": output }), said("ready", ResponseStatus::Completed)),
            (
                json!({ "status": "incomplete", "incomplete_details": { "reason": "max_output_tokens" } }),
                said("", ResponseStatus::Incomplete { reason }),
            ),
            (
                json!({ "status": "failed", "error": { "code": "busy" } }),
                said("", ResponseStatus::Failed { error: json!({ "code": "busy" }) }),
            ),
            (json!({ "status": "in_progress", "output": [] }), said("", ResponseStatus::Interrupted)),
            (json!({ "object": "something else" }), said("", ResponseStatus::Interrupted)),
        ];
        for (body, expected) in rows {
            assert_eq!(ResponsesProbeReader::whole(body.to_string().as_bytes()).unwrap(), expected, "{body}");
        }
    }
}
