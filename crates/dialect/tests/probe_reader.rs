//! Each stream in `golden` gives the response in the file beside it, however it is split.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};
use usher_dialect::responses::ResponsesProbeReader;
use usher_dialect::{ProbeResponse, ResponseStatus};

struct Golden {
    name: String,
    stream: Vec<u8>,
    expected: Value,
}

fn goldens() -> Vec<Golden> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let streams: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|kind| kind == "sse")).collect();
    assert!(streams.len() >= 17, "only {} streams in {}", streams.len(), folder.display());
    let golden = |path: PathBuf| Golden {
        name: path.file_stem().unwrap().to_string_lossy().into_owned(),
        stream: std::fs::read(&path).unwrap(),
        expected: serde_json::from_slice(&std::fs::read(path.with_extension("json")).unwrap()).unwrap(),
    };
    streams.into_iter().map(golden).collect()
}

fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Value {
    let mut reader = ResponsesProbeReader::default();
    for piece in pieces {
        if reader.push(piece).unwrap() {
            break;
        }
    }
    to_json(reader.finish())
}

fn to_json(response: ProbeResponse) -> Value {
    let ending = match response.status {
        ResponseStatus::Completed => json!("completed"),
        ResponseStatus::Incomplete { reason } => json!({ "incomplete": reason }),
        ResponseStatus::Failed { error } => json!({ "failed": error }),
        ResponseStatus::Interrupted => json!("cut"),
    };
    json!({ "text": response.text, "ending": ending })
}

#[test]
fn golden_stream_in_one_chunk() {
    for golden in goldens() {
        assert_eq!(read([golden.stream.as_slice()]), golden.expected, "{}", golden.name);
    }
}

#[test]
fn golden_stream_byte_by_byte() {
    for golden in goldens() {
        assert_eq!(read(golden.stream.chunks(1)), golden.expected, "{}", golden.name);
    }
}

#[test]
fn golden_stream_with_empty_chunks() {
    for golden in goldens() {
        let pieces = golden.stream.chunks(7).flat_map(|piece| [piece, &[]]);
        assert_eq!(read(pieces), golden.expected, "{}", golden.name);
    }
}

proptest! {
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
            prop_assert_eq!(read(pieces), golden.expected, "{}", golden.name);
        }
    }
}

#[test]
fn stream_of_invalid_json_fails() {
    let mut reader = ResponsesProbeReader::default();
    assert!(reader.push(b"data: {half\n\n").is_err());
}
