//! Each stream in `golden/messages/streams` gives the stream and the message in the files beside it, however it is
//! split.

use proptest::prelude::*;
use serde_json::Value;
use usher_dialect::messages::MessageOptions;

use crate::{complete, encoded, golden, names, options, sample_request, stream_reader};

struct Golden {
    name: String,
    options: MessageOptions,
    stream: Vec<u8>,
    messages: String,
    complete: Value,
}

fn goldens() -> Vec<Golden> {
    let folder = golden("streams");
    let names: Vec<String> =
        names("streams", ".sse").into_iter().filter(|name| !name.ends_with(".messages")).collect();
    assert!(names.len() >= 19, "only {} streams in {}", names.len(), folder.display());
    let read = |name: String| {
        let file = |end: &str| std::fs::read(folder.join(format!("{name}.{end}")));
        let request = file("request.json")
            .map_or_else(|_| sample_request(), |json| serde_json::from_slice(&json).unwrap());
        Golden {
            options: options(&request),
            stream: file("sse").unwrap(),
            messages: String::from_utf8(file("messages.sse").unwrap_or_default()).unwrap(),
            complete: file("whole.json").map_or(Value::Null, |json| serde_json::from_slice(&json).unwrap()),
            name,
        }
    };
    names.into_iter().map(read).collect()
}

fn text(golden: &Golden, pieces: Vec<&[u8]>) -> String {
    String::from_utf8(encoded(golden.options.clone(), pieces)).unwrap()
}

#[test]
fn golden_stream_in_one_chunk() {
    for golden in goldens() {
        assert_eq!(text(&golden, vec![&golden.stream]), golden.messages, "{}", golden.name);
    }
}

#[test]
fn golden_stream_byte_by_byte() {
    for golden in goldens() {
        let pieces = golden.stream.chunks(1).collect();
        assert_eq!(text(&golden, pieces), golden.messages, "{}", golden.name);
    }
}

#[test]
fn golden_response_as_one_message() {
    for golden in goldens() {
        assert_eq!(complete(&golden.options, &golden.stream), golden.complete, "{}", golden.name);
    }
}

#[test]
fn golden_stream_equals_message() {
    for golden in goldens() {
        let read = stream_reader::read(golden.messages.as_bytes()).unwrap();
        assert_eq!(read.pings, 1, "{}", golden.name);
        assert_eq!(read.message, Some(golden.complete), "{}", golden.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn golden_stream_in_random_chunks(lengths in proptest::collection::vec(1_usize..90, 1..80)) {
        for golden in goldens() {
            let mut rest = golden.stream.as_slice();
            let mut pieces = Vec::new();
            for length in lengths.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, tail) = rest.split_at((*length).min(rest.len()));
                pieces.push(piece);
                rest = tail;
            }
            prop_assert_eq!(text(&golden, pieces), golden.messages.as_str(), "{}", golden.name);
        }
    }
}
