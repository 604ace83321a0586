//! The parser follows the standard, and its events do not depend on how the stream is split.

use proptest::prelude::*;
use usher_dialect::sse::{EventTooLong, SseParser};

type Owned = (String, String);

fn events<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Owned> {
    let mut parser = SseParser::default();
    let mut events = Vec::new();
    for mut piece in pieces {
        while let Some(event) = parser.next_event(&mut piece).unwrap() {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            events.push((text(event.name), text(event.data)));
        }
        assert!(piece.is_empty(), "a piece was not read to its end");
    }
    events
}

fn unsplit_events(stream: &str) -> Vec<(String, String)> {
    events([stream.as_bytes()])
}

fn expect(pairs: &[(&str, &str)]) -> Vec<Owned> {
    pairs.iter().map(|(name, data)| ((*name).to_owned(), (*data).to_owned())).collect()
}

#[test]
fn parser_follows_whatwg_rules() {
    // One row per rule of WHATWG HTML §9.2.6.
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("data: a\n\n", &[("", "a")]),
        ("data:a\n\n", &[("", "a")]),
        ("data:  a\n\n", &[("", " a")]),
        ("data: a: b\n\n", &[("", "a: b")]),
        ("data: a\ndata: b\n\n", &[("", "a\nb")]),
        ("data\n\n", &[("", "")]),
        ("data\ndata\n\n", &[("", "\n")]),
        ("event: x\ndata: a\n\ndata: b\n\n", &[("x", "a"), ("", "b")]),
        ("event: x\n\ndata: b\n\n", &[("", "b")]),
        ("event: x\nevent: y\ndata: b\n\n", &[("y", "b")]),
        (": comment\ndata: a\n:\n\n", &[("", "a")]),
        ("id: 1\nretry: 5\nother: x\ndata: a\n\n", &[("", "a")]),
        ("Data: a\n data: b\n\n", &[]),
        ("\u{feff}data: a\n\n", &[("", "a")]),
        ("data: a\n\n\u{feff}data: b\n\n", &[("", "a")]),
        ("\n\n\ndata: a\n\n\n\n", &[("", "a")]),
        ("data: a\r\n\r\ndata: b\r\rdata: c\n\n", &[("", "a"), ("", "b"), ("", "c")]),
        ("data: a\r\n\ndata: b\n\r\n", &[("", "a"), ("", "b")]),
        ("data: cut\n", &[]),
        ("data: a\n\ndata: cut", &[("", "a")]),
    ];
    for (stream, pairs) in rows {
        assert_eq!(unsplit_events(stream), expect(pairs), "{stream:?}");
        assert_eq!(events(stream.as_bytes().chunks(1)), expect(pairs), "{stream:?} byte by byte");
    }
}

#[test]
fn event_is_returned_at_its_blank_line() {
    assert_eq!(events([b"data: a\r\n\r".as_slice()]), expect(&[("", "a")]));
}

#[test]
fn event_over_limit_fails() {
    let endless = [
        vec![b"data: ".to_vec(), vec![b'x'; 100]],
        vec![b"data: 0123456789\n".to_vec(); 10],
        vec![b":".to_vec(), vec![b'x'; 100]],
    ];
    for pieces in endless {
        let mut parser = SseParser::with_limit(64);
        let refused = pieces.iter().find_map(|piece| parser.next_event(&mut piece.as_slice()).err());
        assert_eq!(refused, Some(EventTooLong { limit: 64 }));
    }
}

#[test]
fn many_events_within_limit_parse() {
    let mut parser = SseParser::with_limit(64);
    let stream = "data: 0123456789\n\n".repeat(100);
    let mut piece = stream.as_bytes();
    let mut count = 0;
    while parser.next_event(&mut piece).unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, 100);
}

proptest! {
    #[test]
    fn split_stream_gives_same_events(
        // Few letters, so that line ends, colons and fields meet often.
        parts in proptest::collection::vec(
            prop_oneof![
                Just("data"), Just("event"), Just(":"), Just(" "), Just("\r"), Just("\n"), Just("\r\n"),
                Just("\u{feff}"), Just("é"), Just("x"),
            ],
            0..60,
        ),
        lengths in proptest::collection::vec(1_usize..9, 1..30),
    ) {
        let stream = parts.concat().into_bytes();
        let mut pieces = Vec::new();
        let mut rest = stream.as_slice();
        for length in lengths.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, tail) = rest.split_at((*length).min(rest.len()));
            pieces.push(piece);
            rest = tail;
        }
        prop_assert_eq!(events(pieces), events([stream.as_slice()]));
    }
}
