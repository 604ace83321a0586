//! Builds, splits and encodes streams.

use proptest::prelude::*;
use serde_json::Value;
use usher_dialect::error::ApiError;
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::Event;
use usher_dialect::sse::SseParser;

/// Encodes events of the Responses API.
pub(crate) fn stream_of(events: &[Value]) -> Vec<u8> {
    let event = |event: &Value| {
        format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap_or_default()).into_bytes()
    };
    events.iter().flat_map(event).collect()
}

/// Splits the bytes into pieces of these lengths, repeated as often as needed.
pub(crate) fn pieces<'a>(stream: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut rest = stream;
    let mut pieces = Vec::new();
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, tail) = rest.split_at((*length).clamp(1, rest.len()));
        pieces.push(piece);
        rest = tail;
    }
    pieces
}

/// Generates lengths of pieces.
pub(crate) fn lengths() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(1_usize..90, 1..40)
}

/// Returns the error of an interrupted stream.
pub(crate) fn cut() -> ApiError {
    ApiError {
        status: 502,
        code: "upstream_cut".into(),
        message: "The answer was cut.".into(),
        param: None,
        original: None,
    }
}

/// Returns the error for a provider's error object.
pub(crate) fn failed(error: Value) -> ApiError {
    ApiError { original: Some(error), ..cut() }
}

/// Encodes a stream of the Responses API that arrives in pieces.
pub(crate) fn write(pieces: &[&[u8]], writer: &mut dyn ResponseWriter) -> Vec<u8> {
    let mut parser = SseParser::default();
    let mut out = Vec::new();
    for mut piece in pieces.iter().copied() {
        while let Some(sse) = parser.next_event(&mut piece).unwrap() {
            match Event::parse(sse).unwrap() {
                Event::Failed { error } => writer.write_error(&failed(error), &mut out),
                event => writer.write_event(&event, &mut out),
            }
        }
    }
    if !writer.is_finished() {
        writer.write_error(&cut(), &mut out);
    }
    out
}

/// Returns the data of each event.
pub(crate) fn data(stream: &[u8]) -> Vec<String> {
    let mut parser = SseParser::default();
    let mut rest = stream;
    let mut data = Vec::new();
    while let Some(sse) = parser.next_event(&mut rest).unwrap() {
        data.push(String::from_utf8(sse.data.to_vec()).unwrap());
    }
    data
}

/// Returns the lines of a stream that are not blank, as in the golden files.
pub(crate) fn lines(stream: &[u8]) -> Vec<String> {
    String::from_utf8(stream.to_vec())
        .unwrap()
        .lines()
        .filter(|line| !line.is_empty())
        .map(String::from)
        .collect()
}
