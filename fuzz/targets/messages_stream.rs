//! Encodes Responses streams as Messages streams: in the order that its SDKs rely on, and the same however the bytes
//! were split.
#![no_main]

use libfuzzer_sys::fuzz_target;
use usher_dialect::json::RawObject;
use usher_dialect::messages::{MessagesWriter, to_responses};
use usher_dialect::responses;
use usher_fuzz::{assert_stream, encode_stream, pieces, recipient};

#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../crates/dialect/tests/messages/stream_reader.rs"]
mod stream_reader;

const REQUEST: &[u8] = br#"{"model":"claude-x","max_tokens":9,"stream":true,"stop_sequences":["END"],
    "thinking":{"type":"adaptive"},"messages":[{"role":"user","content":"hi"}]}"#;

fuzz_target!(|data: &[u8]| {
    let Some((seed, sse)) = data.split_first() else { return };
    let options = || {
        to_responses(&RawObject::parse(REQUEST).expect("it is an object"), &recipient())
            .expect("it is a valid request")
            .options
    };
    let complete = encode_stream(std::iter::once(sse), MessagesWriter::new(options()));
    assert_eq!(encode_stream(pieces(sse, *seed), MessagesWriter::new(options())), complete);
    assert_stream(&complete);
    let read = stream_reader::read(&complete).expect("the order is kept");
    assert!(read.message.is_some() || read.error.is_some(), "the stream has an end");
    let direct = encode_stream(pieces(sse, *seed), responses::ResponsesWriter::new("m", 1));
    assert_stream(&direct);
});
