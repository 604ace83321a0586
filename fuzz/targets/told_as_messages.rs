//! Streams of the Responses API told as those of the Messages API: in the order that its SDKs rely on, and the same
//! however they were split.
#![no_main]

use libfuzzer_sys::fuzz_target;
use usher_dialect::members::Members;
use usher_dialect::messages::{Writer, to_responses};
use usher_dialect::responses;
use usher_fuzz::{assert_stream, pieces, target, told};

#[allow(dead_code, reason = "the tests look at more of it")]
#[path = "../../crates/dialect/tests/messages/stream.rs"]
mod stream;

const ASKED: &[u8] = br#"{"model":"claude-x","max_tokens":9,"stream":true,"stop_sequences":["END"],
    "thinking":{"type":"adaptive"},"messages":[{"role":"user","content":"hi"}]}"#;

fuzz_target!(|data: &[u8]| {
    let Some((seed, sse)) = data.split_first() else { return };
    let wanted = || {
        to_responses(&Members::read(ASKED).expect("it is an object"), &target())
            .expect("it is a good request")
            .wanted
    };
    let whole = told(std::iter::once(sse), Writer::new(wanted()));
    assert_eq!(told(pieces(sse, *seed), Writer::new(wanted())), whole);
    assert_stream(&whole);
    let read = stream::read(&whole).expect("it keeps the order");
    assert!(read.message.is_some() || read.error.is_some(), "it has an end");
    let direct = told(pieces(sse, *seed), responses::Writer::new("m", 1));
    assert_stream(&direct);
});
