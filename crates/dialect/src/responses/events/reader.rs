//! Reads a streamed response as services send it, which is not always as in the reference.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use serde::Deserialize;
use serde_json::Value;

use super::event::{DeltaKind, Event};
use crate::error_in_body::StrayError;
use crate::json::Text;
use crate::probe::StreamParseError;
use crate::sse::{SseEvent, SseParser};

/// The most parts of a response whose deltas are remembered; a response has a few.
const MAX_PARTS: usize = 1024;

/// Reads one response from the bytes of its stream.
#[derive(Debug, Default)]
pub struct ResponsesReader {
    parser: SseParser,
    stray: StrayError,
    /// The parts with a delta, by kind, item and part.
    begun: BTreeSet<(DeltaKind, u32, u32)>,
}

/// The complete text of a part.
#[derive(Deserialize)]
struct PartDone<'a> {
    #[serde(default)]
    output_index: u32,
    #[serde(default)]
    content_index: u32,
    #[serde(borrow, alias = "arguments")]
    text: Text<'a>,
}

impl ResponsesReader {
    /// Reads a chunk of bytes and passes each event to `handle_event` until it breaks.
    pub fn push(
        &mut self,
        mut chunk: &[u8],
        mut handle_event: impl FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<(), StreamParseError> {
        let Self { parser, stray, begun } = self;
        while let Some(sse) = parser.next_event(&mut chunk)? {
            if let Some(event) = read(sse, stray, begun)?
                && handle_event(event).is_break()
            {
                break;
            }
        }
        Ok(())
    }

    /// Passes what only the end of the stream completes to `handle_event`: the last event if it lacks its blank line, and
    /// the error that the service sent outside of the protocol. Only for a response that is not complete.
    pub fn finish(&mut self, mut handle_event: impl FnMut(Event<'_>) -> ControlFlow<()>) {
        let Self { parser, stray, begun } = self;
        // An event that was cut off is no JSON.
        let last = parser.last_event().and_then(|sse| read(sse, stray, begun).ok().flatten());
        let is_end = last.as_ref().is_some_and(is_end);
        if let Some(event) = last {
            let _ = handle_event(event);
        }
        if let Some(error) = stray.take_error().filter(|_| !is_end) {
            let _ = handle_event(Event::Failed { error });
        }
    }
}

/// Parses an event; `None` if it says nothing of the response.
fn read<'a>(
    sse: SseEvent<'a>,
    stray: &mut StrayError,
    begun: &mut BTreeSet<(DeltaKind, u32, u32)>,
) -> Result<Option<Event<'a>>, StreamParseError> {
    // Some services end with the `[DONE]` of Chat Completions here as well.
    if sse.is_blank() || sse.is_done() {
        return Ok(None);
    }
    if !matches!(sse.data.trim_ascii_start().first(), Some(b'{')) {
        let words = String::from_utf8_lossy(sse.data);
        let failed = || Event::Failed { error: Value::String(words.into_owned()) };
        return Ok(if sse.name == b"error" {
            Some(failed())
        } else {
            stray.take(sse.data);
            None
        });
    }
    let event = Event::parse(sse)?;
    match &event {
        Event::Delta { kind, output_index, part, .. } if begun.len() < MAX_PARTS => {
            begun.insert((*kind, *output_index, *part));
        }
        Event::Other { kind } => match done_kind(kind) {
            Some(done) => return Ok(missing_delta(done, sse.data, begun)),
            None if !kind.starts_with("response.") && stray.take(sse.data) => return Ok(None),
            None => {}
        },
        _ => {}
    }
    Ok(Some(event))
}

fn done_kind(kind: &str) -> Option<DeltaKind> {
    match kind {
        "response.output_text.done" => Some(DeltaKind::Text),
        "response.function_call_arguments.done" => Some(DeltaKind::FunctionArguments),
        _ => None,
    }
}

/// Returns the complete text of a part as its delta, if the service sent none.
fn missing_delta<'a>(
    kind: DeltaKind,
    data: &'a [u8],
    begun: &mut BTreeSet<(DeltaKind, u32, u32)>,
) -> Option<Event<'a>> {
    let PartDone { output_index, content_index: part, text } = serde_json::from_slice(data).ok()?;
    let is_new = begun.len() < MAX_PARTS && begun.insert((kind, output_index, part));
    (is_new && !text.is_empty()).then_some(Event::Delta { kind, output_index, part, delta: text })
}

fn is_end(event: &Event<'_>) -> bool {
    matches!(event, Event::Completed { .. } | Event::Incomplete { .. } | Event::Failed { .. })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn events(stream: &str) -> Vec<Event<'static>> {
        let mut reader = ResponsesReader::default();
        let mut events = Vec::new();
        let mut take = |event: Event<'_>| {
            events.push(match event {
                Event::Delta { kind, output_index, part, delta } => {
                    Event::Delta { kind, output_index, part, delta: delta.into_owned() }
                }
                Event::Failed { error } => Event::Failed { error },
                Event::Completed { .. } => {
                    Event::Completed { response: super::super::event::Response::default() }
                }
                Event::Other { kind } => Event::Other { kind: kind.into_owned() },
                other => panic!("{other:?}"),
            });
            ControlFlow::Continue(())
        };
        reader.push(stream.as_bytes(), &mut take).unwrap();
        reader.finish(&mut take);
        events
    }

    fn text(delta: &'static str) -> Event<'static> {
        Event::Delta { kind: DeltaKind::Text, output_index: 0, part: 0, delta: delta.into() }
    }

    #[test]
    fn text_without_deltas_is_read_where_it_is_done() {
        let done = "data: {\"type\":\"response.output_text.done\",\"text\":\"Hi\"}\n\n";
        assert_eq!(events(done), [text("Hi")]);
        let delta = "data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hi\"}\n\n";
        assert_eq!(events(&format!("{delta}{done}")), [text("Hi")], "only once");
        let call = "data: {\"type\":\"response.function_call_arguments.done\",\"arguments\":\"{}\"}\n\n";
        assert!(matches!(events(call)[..], [Event::Delta { kind: DeltaKind::FunctionArguments, .. }]));
    }

    #[test]
    fn error_outside_of_the_protocol_counts_if_the_response_does_not_come() {
        let error = json!({ "message": "no such model" });
        let failed = [Event::Failed { error }];
        let stray = "data: {\"error\":\"no such model\"}\n\n";
        assert_eq!(events(stray), failed);
        assert_eq!(events("data: {\"error\":{\"message\":\"no such model\"}}"), failed);
        assert_eq!(events("event: error\ndata: {\"message\":\"no such model\"}\n\n"), failed);
        for words in ["data: no such model\n\n", "event: error\ndata: no such model\n\n"] {
            assert_eq!(events(words), [Event::Failed { error: json!("no such model") }]);
        }
        let completed = "data: {\"type\":\"response.completed\"}\n";
        assert!(matches!(events(&format!("{stray}{completed}"))[..], [Event::Completed { .. }]));
    }
}
