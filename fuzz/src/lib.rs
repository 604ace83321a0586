//! Helpers of the fuzz targets.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde_json::Value;
use serde_json::value::RawValue;
use usher_dialect::StreamParseError;
use usher_dialect::error::ApiError;
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::Event;
use usher_dialect::sse::SseParser;
use usher_dialect::translate::Recipient;

/// Splits `bytes` into pieces whose lengths are derived from `seed`.
pub fn pieces(bytes: &[u8], seed: u8) -> impl Iterator<Item = &[u8]> {
    let (mut rest, mut state) = (bytes, u32::from(seed) + 1);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let length = (state >> 26) as usize + 1;
        let (piece, tail) = rest.split_at(length.min(rest.len()));
        rest = tail;
        Some(piece)
    })
}

/// Returns the recipient of the translated requests.
pub fn recipient() -> Recipient<'static> {
    Recipient {
        model: "m",
        efforts: &["low", "medium", "high"],
        default_effort: Some("low"),
        reasoning_summary: true,
        web_search: true,
        cache_key: Some("key"),
        reasoning_owner: Some("one"),
    }
}

/// Asserts that a translated body is one JSON object. Its numbers stay undecoded: they may not fit any type here.
pub fn assert_object(body: &[u8]) {
    let members: Result<BTreeMap<String, Box<RawValue>>, _> = serde_json::from_slice(body);
    members.expect("a translated request is an object");
}

/// Encodes a Responses stream that arrives in these pieces. An interrupted or invalid stream ends as in the gateway.
pub fn encode_stream<'a>(pieces: impl Iterator<Item = &'a [u8]>, mut writer: impl ResponseWriter) -> Vec<u8> {
    let mut out = Vec::new();
    if read(pieces, |event| write_event(event, &mut writer, &mut out)).is_err() || !is_finished(&out) {
        writer.write_error(&upstream_error(None), &mut out);
    }
    out
}

/// Passes the events of a stream to `take` until it breaks.
pub fn read<'a>(
    pieces: impl Iterator<Item = &'a [u8]>,
    mut take: impl FnMut(Event<'_>) -> ControlFlow<()>,
) -> Result<(), StreamParseError> {
    let mut parser = SseParser::default();
    for mut piece in pieces {
        while let Some(sse) = parser.next_event(&mut piece)? {
            if sse.data != b"[DONE]" && take(Event::parse(sse)?).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Encodes one event; breaks after the last one.
pub fn write_event(event: Event<'_>, writer: &mut impl ResponseWriter, out: &mut Vec<u8>) -> ControlFlow<()> {
    let last = match event {
        Event::Failed { error } => {
            writer.write_error(&upstream_error(Some(error)), out);
            true
        }
        event => {
            writer.write_event(&event, out);
            matches!(event, Event::Completed { .. } | Event::Incomplete { .. }) || writer.is_finished()
        }
    };
    if last {
        out.extend_from_slice(FINISHED);
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    }
}

/// A comment that marks a finished response.
const FINISHED: &[u8] = b": over\n\n";

fn is_finished(out: &[u8]) -> bool {
    out.ends_with(FINISHED)
}

/// Returns the error of an interrupted response.
pub fn upstream_error(original: Option<Value>) -> ApiError {
    ApiError { status: 502, code: "upstream_error".into(), message: "cut".into(), param: None, original }
}

/// Returns the data of each event and asserts that it is JSON, except for `[DONE]`.
pub fn assert_stream(stream: &[u8]) -> Vec<Value> {
    let (mut parser, mut rest, mut data) = (SseParser::default(), stream, Vec::new());
    while let Some(sse) = parser.next_event(&mut rest).expect("written events parse") {
        if sse.data != b"[DONE]" {
            let value: Value = serde_json::from_slice(sse.data).expect("an event is JSON");
            assert!(value.is_object(), "{value}");
            data.push(value);
        }
    }
    assert!(stream.is_empty() || stream.ends_with(b"\n\n"), "the last event is complete");
    data
}
