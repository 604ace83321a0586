//! Everything in a request that the model reads is counted, and nothing else.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};
use usher_dialect::Countable;
use usher_dialect::messages::visit_countable;

fn counted(body: &Value) -> (Vec<String>, Vec<String>) {
    let (mut texts, mut others) = (Vec::new(), Vec::new());
    visit_countable(body.to_string().as_bytes(), |countable| match countable {
        Countable::Text(text) => texts.push(text.to_owned()),
        Countable::Image { size } => others.push(format!("image {size:?}")),
        Countable::File { bytes } => others.push(format!("file {bytes:?}")),
        Countable::Message => {}
    })
    .unwrap();
    (texts, others)
}

fn of_blocks(blocks: &Value) -> (Vec<String>, Vec<String>) {
    counted(&json!({ "model": "m", "messages": [{ "role": "user", "content": blocks }] }))
}

#[test]
fn count_covers_everything_the_model_reads() {
    let (texts, others) = counted(&json!({
        "model": "m",
        "system": [
            { "type": "text", "text": "x-anthropic-billing-header: cc_version=1;" },
            { "type": "text", "text": "system", "cache_control": { "type": "ephemeral" } },
        ],
        "tools": [{ "name": "Read", "description": "Reads.", "input_schema": { "type": "object" }, "defer_loading": true }],
        "messages": [
            { "role": "user", "content": "question" },
            { "role": "system", "content": [{ "type": "text", "text": "reminder" }] },
            { "role": "assistant", "content": [
                { "type": "thinking", "thinking": "thought", "signature": "not this" },
                { "type": "redacted_thinking", "data": "not this" },
                { "type": "tool_use", "id": "not this", "name": "Read", "input": { "path": "a" } },
            ] },
            { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "not this", "content": [
                { "type": "text", "text": "result" },
                { "type": "document", "title": "title", "source": { "type": "text", "media_type": "text/plain", "data": "words" } },
                { "type": "document", "source": { "type": "base64", "media_type": "application/pdf", "data": "JVBERi0x" } },
                { "type": "document", "source": { "type": "content", "content": [{ "type": "text", "text": "block" }] } },
                { "type": "search_result", "source": "https://a", "content": [{ "type": "text", "text": "found" }] },
            ] }] },
        ],
        "metadata": { "user_id": "not this" },
    }));
    let expected = [
        "system",
        "Read",
        "Reads.",
        r#"{"type":"object"}"#,
        "question",
        "reminder",
        "thought",
        "Read",
        r#"{"path":"a"}"#,
        "result",
        "title",
        "words",
        "block",
        "found",
        "https://a",
    ];
    assert_eq!(texts, expected);
    assert_eq!(others, ["file Some(6)"]);
}

#[test]
fn image_is_counted_by_size() {
    let png = [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(),
        &800_u32.to_be_bytes(),
        &600_u32.to_be_bytes(),
        &[8; 20],
    ]
    .concat();
    let gif = [b"GIF89a".as_slice(), &320_u16.to_le_bytes(), &200_u16.to_le_bytes(), &[0; 20]].concat();
    // A frame header behind a long comment.
    let comment = [b"\xff\xfe".as_slice(), &60_002_u16.to_be_bytes(), &vec![b'x'; 60_000]].concat();
    let frame = b"\xff\xc0\0\x11\x08\x01\x2c\x02\x58\x03\x01\x22\0\x02\x11\x01\x03\x11\x01";
    let jpeg = [b"\xff\xd8".as_slice(), &comment, frame, &[0; 40]].concat();
    let webp =
        [b"RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0".as_slice(), &[0x3f, 1, 0], &[0xef, 0, 0], &[0; 20]]
            .concat();
    let rows = [
        (png, "Some((800, 600))"),
        (gif, "Some((320, 200))"),
        (jpeg, "Some((600, 300))"),
        (webp, "Some((320, 240))"),
        (b"no image".to_vec(), "None"),
    ];
    for (bytes, size) in rows {
        let source = json!({ "type": "base64", "media_type": "image/png", "data": STANDARD.encode(&bytes) });
        let (texts, others) = of_blocks(&json!([{ "type": "image", "source": source }]));
        assert_eq!((texts, others), (Vec::new(), vec![format!("image {size}")]));
    }
    let (_, others) =
        of_blocks(&json!([{ "type": "image", "source": { "type": "url", "url": "https://a" } }]));
    assert_eq!(others, ["image None"]);
}

#[test]
fn count_without_messages_fails() {
    let error = visit_countable(b"{}", |_| {}).unwrap_err();
    assert_eq!(error.param.as_deref(), Some("messages"));
}

proptest! {
    #[test]
    fn any_image_bytes_count_as_one_image(
        begin in prop_oneof![
            Just(b"\x89PNG\r\n\x1a\n".to_vec()), Just(b"GIF89a".to_vec()), Just(b"\xff\xd8\xff\xe0".to_vec()),
            Just(b"RIFF\0\0\0\0WEBPVP8L".to_vec()), Just(b"RIFF\0\0\0\0WEBPVP8 ".to_vec()), Just(Vec::new()),
        ],
        rest in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let data = STANDARD.encode([begin, rest].concat());
        let (texts, others) = of_blocks(&json!([{ "type": "image", "source": { "type": "base64", "data": data } }]));
        prop_assert_eq!((texts.len(), others.len()), (0, 1));
    }
}
