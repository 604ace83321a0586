//! Parses and forwards event streams: the events are the same however the bytes were split.
#![no_main]

use libfuzzer_sys::fuzz_target;
use usher_dialect::sse::SseParser;
use usher_fuzz::pieces;
use usher_gateway::fuzzing::forward_stream;

fn events<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let (mut parser, mut events) = (SseParser::default(), Vec::new());
    for mut piece in pieces {
        while let Some(event) = parser.next_event(&mut piece).expect("it is short") {
            events.push((event.name.to_vec(), event.data.to_vec()));
        }
    }
    events
}

fuzz_target!(|data: &[u8]| {
    let Some((seed, stream)) = data.split_first() else { return };
    assert_eq!(events(pieces(stream, *seed)), events(std::iter::once(stream)));
    for chat in [false, true] {
        let whole = forward_stream(chat, std::iter::once(stream));
        assert_eq!(forward_stream(chat, pieces(stream, *seed)), whole);
        if chat {
            let whole = whole.expect("it is short");
            assert!(stream.starts_with(&whole), "forwarded bytes are the received bytes");
        }
    }
});
