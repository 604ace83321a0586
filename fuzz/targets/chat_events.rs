//! Translates Chat Completions streams into Responses events, and those into two dialects.
#![no_main]

use std::ops::ControlFlow;

use libfuzzer_sys::fuzz_target;
use usher_dialect::chat_completions::ChatCompletionsReader;
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::translate::ToolNames;
use usher_dialect::{messages, responses};
use usher_fuzz::{assert_stream, pieces, upstream_error, write_event};

fn encode_stream<'a>(pieces: impl Iterator<Item = &'a [u8]>, mut writer: impl ResponseWriter) -> Vec<u8> {
    let (mut reader, mut out, mut over) =
        (ChatCompletionsReader::new(ToolNames::default(), None), Vec::new(), false);
    let take = |event: responses::Event<'_>, writer: &mut _, out: &mut Vec<u8>, over: &mut bool| {
        if !*over {
            *over = write_event(event, writer, out) == ControlFlow::Break(());
        }
    };
    let mut readable = true;
    for piece in pieces {
        readable = reader.push(piece, &mut |event| take(event, &mut writer, &mut out, &mut over)).is_ok();
        if !readable || over {
            break;
        }
    }
    if readable && !over {
        reader.finish(&mut |event| take(event, &mut writer, &mut out, &mut over));
    }
    if !over {
        writer.write_error(&upstream_error(None), &mut out);
    }
    out
}

fuzz_target!(|data: &[u8]| {
    let Some((seed, sse)) = data.split_first() else { return };
    let direct = || responses::ResponsesWriter::new("m", 1);
    let whole = encode_stream(std::iter::once(sse), direct());
    assert_eq!(encode_stream(pieces(sse, *seed), direct()), whole);
    assert_stream(&whole);
    assert_stream(&encode_stream(
        pieces(sse, *seed),
        messages::MessagesWriter::new(messages::MessageOptions::default()),
    ));
});
