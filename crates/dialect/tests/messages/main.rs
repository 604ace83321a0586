//! The Anthropic Messages API, translated to the Responses API and back.

mod counting;
mod event_order;
mod golden_streams;
mod known_faults;
mod recordings;
mod requests;
mod stream_reader;

use std::path::PathBuf;

use serde_json::{Value, json};
use usher_dialect::error::BadRequest;
use usher_dialect::json::RawObject;
use usher_dialect::messages::{MessageOptions, MessagesRequest, MessagesWriter, to_responses};
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::{Event, ResponseCollector};
use usher_dialect::sse::SseParser;
use usher_dialect::translate::Recipient;

/// Returns a folder of this dialect's golden files.
fn golden(folder: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/messages").join(folder)
}

/// Returns the names of the files in `folder` that end with `end`, without it, sorted.
fn names(folder: &str, end: &str) -> Vec<String> {
    let entries = std::fs::read_dir(golden(folder)).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> =
        entries.filter_map(|name| name.to_str()?.strip_suffix(end).map(str::to_owned)).collect();
    names.sort();
    names
}

fn translate(body: &Value, recipient: &Recipient<'_>) -> MessagesRequest {
    read(body.to_string().as_bytes(), recipient).unwrap_or_else(|error| panic!("{error}: {body}"))
}

fn read(body: &[u8], recipient: &Recipient<'_>) -> Result<MessagesRequest, BadRequest> {
    to_responses(&RawObject::parse(body)?, recipient)
}

/// Returns the translation of `request` for a model of which nothing is known.
fn translated_body(request: &Value) -> Value {
    serde_json::from_slice(&translate(request, &Recipient::default()).request.body.to_bytes()).unwrap()
}

/// Returns a streamed request that shows the reasoning.
fn sample_request() -> Value {
    json!({
        "model": "claude-opus-5-5",
        "max_tokens": 1000,
        "stream": true,
        "thinking": { "type": "adaptive" },
        "messages": [{ "role": "user", "content": "Hi" }],
    })
}

/// Returns how the response to `request` is encoded.
fn options(request: &Value) -> MessageOptions {
    translate(request, &Recipient::default()).options
}

/// Encodes a Responses stream that arrives in `pieces`.
fn encoded<'p>(options: MessageOptions, pieces: impl IntoIterator<Item = &'p [u8]>) -> Vec<u8> {
    let mut writer = MessagesWriter::new(options);
    let mut parser = SseParser::default();
    let mut out = Vec::new();
    for mut piece in pieces {
        while let Some(sse) = parser.next_event(&mut piece).unwrap() {
            writer.write_event(&Event::parse(sse).unwrap(), &mut out);
        }
    }
    out
}

/// Returns a Responses stream with these events.
fn sse(events: &[Value]) -> Vec<u8> {
    let line = |event: &Value| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap());
    events.iter().map(line).collect::<String>().into_bytes()
}

/// Returns the message of a Responses stream for a caller who does not stream.
fn complete(options: &MessageOptions, stream: &[u8]) -> Value {
    let mut collector = ResponseCollector::default();
    let mut parser = SseParser::default();
    let mut piece = stream;
    while let Some(sse) = parser.next_event(&mut piece).unwrap() {
        collector.take(&Event::parse(sse).unwrap());
    }
    let body = usher_dialect::messages::translate_response(&collector.finish(), options);
    serde_json::from_slice(&body).unwrap()
}
