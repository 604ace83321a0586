//! Streams of the Responses API told as those of Chat Completions.
#![no_main]

use libfuzzer_sys::fuzz_target;
use usher_dialect::chat_completions::Writer;
use usher_dialect::crossing::Wanted;
use usher_fuzz::{assert_stream, pieces, told};

fuzz_target!(|data: &[u8]| {
    let Some((seed, sse)) = data.split_first() else { return };
    let wanted = Wanted {
        stream: true,
        usage: seed % 2 == 0,
        functions: seed % 3 == 0,
        stop: if seed % 5 == 0 { vec!["END".into(), "STOP".into()] } else { Vec::new() },
    };
    let whole = told(std::iter::once(sse), Writer::new("m", 1, wanted.clone()));
    assert_eq!(told(pieces(sse, *seed), Writer::new("m", 1, wanted)), whole);
    let chunks = assert_stream(&whole);
    for chunk in &chunks {
        assert!(chunk["object"] == "chat.completion.chunk" || chunk["error"].is_object(), "{chunk}");
    }
});
