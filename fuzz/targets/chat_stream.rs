//! Encodes Responses streams as Chat Completions streams.
#![no_main]

use libfuzzer_sys::fuzz_target;
use usher_dialect::chat_completions::ChatCompletionsWriter;
use usher_dialect::translate::ResponseOptions;
use usher_fuzz::{assert_stream, encode_stream, pieces};

fuzz_target!(|data: &[u8]| {
    let Some((seed, sse)) = data.split_first() else { return };
    let options = ResponseOptions {
        stream: true,
        include_usage: seed % 2 == 0,
        legacy_function_call: seed % 3 == 0,
        stop_sequences: if seed % 5 == 0 { vec!["END".into(), "STOP".into()] } else { Vec::new() },
    };
    let whole = encode_stream(std::iter::once(sse), ChatCompletionsWriter::new("m", 1, options.clone()));
    assert_eq!(encode_stream(pieces(sse, *seed), ChatCompletionsWriter::new("m", 1, options)), whole);
    let chunks = assert_stream(&whole);
    for chunk in &chunks {
        assert!(chunk["object"] == "chat.completion.chunk" || chunk["error"].is_object(), "{chunk}");
    }
});
