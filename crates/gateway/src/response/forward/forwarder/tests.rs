//! Tests of forwarding.

use serde_json::json;

use super::*;
use crate::response::forward::error_event::error_of_event;

fn stream(events: &[Value]) -> Bytes {
    let lines =
        events.iter().map(|event| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap()));
    lines.collect::<String>().into()
}

fn numbers(bytes: &[u8]) -> Vec<Option<u64>> {
    let text = std::str::from_utf8(bytes).unwrap();
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.map(|data| serde_json::from_str::<Value>(data).unwrap()["sequence_number"].as_u64()).collect()
}

fn upstream(_: &mut Value) -> ErrorCode {
    ErrorCode::UpstreamError
}

fn unnumbered() -> Bytes {
    stream(&[
        json!({ "type": "response.created", "response": {} }),
        json!({ "type": "response.output_text.delta", "delta": "a" }),
        json!({ "type": "codex.rate_limits" }),
        json!({ "type": "response.failed", "response": { "status": "failed" } }),
    ])
}

#[test]
fn events_without_number_are_numbered_for_public_clients() {
    let step = Forwarder::for_responses(false).forward_chunk(unnumbered(), &mut upstream).ok().unwrap();
    assert_eq!(numbers(&step.bytes), [Some(0), Some(1), Some(2)]);
    let step = Forwarder::for_responses(true).forward_chunk(unnumbered(), &mut upstream).ok().unwrap();
    assert_eq!(numbers(&step.bytes), [None, None, None, Some(3)], "Codex gets its own events as they are");
    let numbered = stream(&[
        json!({ "type": "response.created", "sequence_number": 0 }),
        json!({ "type": "response.output_text.delta", "sequence_number": 1, "delta": "sequence_number" }),
    ]);
    let step = Forwarder::for_responses(false).forward_chunk(numbered.clone(), &mut upstream).ok().unwrap();
    assert_eq!(step.bytes, numbered);
}

#[test]
fn failures_are_forwarded_as_described() {
    let mut conceal = |event: &mut Value| {
        error_of_event(event)["message"] = "[redacted]".into();
        ErrorCode::RateLimited
    };
    let events = [
        (Forwarder::for_responses(false), json!({ "type": "error", "message": "key" })),
        (Forwarder::for_responses(true), json!({ "type": "error", "error": { "message": "key" } })),
        (
            Forwarder::for_responses(true),
            json!({ "type": "response.failed", "response": { "error": { "message": "key" } } }),
        ),
        (Forwarder::for_chat(1), json!({ "type": "", "error": { "message": "key" } })),
    ];
    for (mut forwarder, event) in events {
        let step = forwarder.forward_chunk(stream(&[event]), &mut conceal).ok().unwrap();
        let text = String::from_utf8(step.bytes.to_vec()).unwrap();
        assert!(!text.contains("key") && text.contains("[redacted]"), "{text}");
        assert_eq!(forwarder.outcome(), Some((Outcome::Failed(ErrorCode::RateLimited), None)));
    }
}

#[test]
fn failures_are_numbered_after_last_event() {
    let failure = ApiError {
        status: 502,
        code: "upstream_error".into(),
        message: "cut".into(),
        param: None,
        original: None,
    };
    for codex in [false, true] {
        let mut forwarder = Forwarder::for_responses(codex);
        assert_eq!(numbers(&forwarder.failed(&failure)), [Some(0)]);
        let events = [7, 8].map(|number| json!({ "type": "response.created", "sequence_number": number }));
        assert!(forwarder.forward_chunk(stream(&events), &mut upstream).is_ok());
        assert_eq!(numbers(&forwarder.failed(&failure)), [Some(9)]);
        let error =
            Bytes::from_static(b"event: error\ndata: {\"type\":\"error\",\ndata: \"message\":\"no\"}\n\n");
        let step = forwarder.forward_chunk(error, &mut upstream).ok().unwrap();
        assert_eq!(numbers(&step.bytes), [Some(9)]);
    }
}

#[test]
fn failures_and_retries_keep_the_id_of_the_response() {
    let failure = ApiError {
        status: 502,
        code: "upstream_error".into(),
        message: "cut".into(),
        param: None,
        original: None,
    };
    let started = |id: &str| {
        stream(&[
            json!({ "type": "response.created", "sequence_number": 0, "response": { "id": id } }),
            json!({ "type": "response.completed", "sequence_number": 1, "response": { "id": id } }),
        ])
    };
    for codex in [false, true] {
        let mut forwarder = Forwarder::for_responses(codex);
        assert!(!String::from_utf8(forwarder.failed(&failure).to_vec()).unwrap().contains("\"id\""));
        assert!(forwarder.forward_chunk(started("resp_1"), &mut upstream).is_ok());
        let failed = String::from_utf8(forwarder.failed(&failure).to_vec()).unwrap();
        assert!(failed.contains(r#""id":"resp_1""#), "{failed}");
        forwarder.restart();
        let again = forwarder.forward_chunk(started("resp_2"), &mut upstream).ok().unwrap();
        let again = String::from_utf8(again.bytes.to_vec()).unwrap();
        let expected = if codex { "resp_2" } else { "resp_1" };
        assert!(again.contains(expected) && !again.contains("response.created"), "{again}");
    }
}

/// Forwards the chunks of a stream to its end. Returns what the client gets, and the error if there is one.
fn forwarded(mut forwarder: Forwarder, chunks: &[&str]) -> (String, Option<String>) {
    let mut out = Vec::new();
    for chunk in chunks {
        let step = forwarder.forward_chunk(Bytes::copy_from_slice(chunk.as_bytes()), &mut upstream);
        out.extend_from_slice(&step.ok().unwrap().bytes);
    }
    let error = if forwarder.is_complete() {
        out.extend_from_slice(&forwarder.close(&mut upstream));
        None
    } else {
        match forwarder.finish(&mut upstream) {
            Ok(step) => {
                out.extend_from_slice(&step.bytes);
                (!step.is_last).then(|| "cut".to_owned())
            }
            Err(StreamError::Provider(error)) => Some(error.to_string()),
            Err(StreamError::Malformed(cause)) => Some(cause),
        }
    };
    (String::from_utf8(out).unwrap(), error)
}

fn chat(reason: &str) -> String {
    format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"a\"}},\"finish_reason\":{reason}}}]}}\n\n")
}

#[test]
fn last_event_without_blank_line_is_forwarded() {
    let done = "data: [DONE]\n\n";
    let (word, stop) = (chat("\"\""), chat("\"stop\""));
    let complete = format!("{word}{stop}{done}");
    for end in
        [format!("{stop}{done}"), format!("{stop}data: [DONE]"), stop.trim_end().to_owned(), stop.clone()]
    {
        let got = forwarded(Forwarder::for_chat(1), &[&word, &end]);
        assert_eq!(got, (complete.clone(), None), "{end}");
    }
    let half = &stop[..stop.len() - 6];
    assert_eq!(forwarded(Forwarder::for_chat(1), &[&word, half]), (word.clone(), Some("cut".into())));
    assert_eq!(forwarded(Forwarder::for_chat(1), &[&word]), (word, Some("cut".into())));
    let completed = r#"{"type":"response.completed","response":{"output":[1]},"sequence_number":0}"#;
    for lines in ["event: response.completed\rdata: @\r\r", "event: response.completed\ndata: @", "data: @\n"]
    {
        for codex in [false, true] {
            let stream = lines.replace('@', completed);
            let (got, error) = forwarded(Forwarder::for_responses(codex), &[&stream]);
            assert!(got.contains(completed) && got.ends_with("\n\n") && error.is_none(), "{got}");
        }
    }
}

#[test]
fn body_in_place_of_a_stream_is_forwarded_as_one() {
    let message = r#"{"id":"c","choices":[{"message":{"content":"Hello"}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#;
    let (got, error) = forwarded(Forwarder::for_chat(1), &["\n", &message[..9], &message[9..]]);
    assert!(got.contains(r#""delta":{"content":"Hello"}"#) && got.ends_with("data: [DONE]\n\n"), "{got}");
    assert_eq!(error, None);
    let response = r#"{"id":"r","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"Hello"}]}]}"#;
    let (got, error) = forwarded(Forwarder::for_responses(false), &[response]);
    assert!(got.contains("response.output_text.delta") && got.contains("event: response.completed"), "{got}");
    assert_eq!(error, None);
    for body in [r#"{"error":{"message":"model is loading"}}"#, r#"{"error":"model is loading"}"#] {
        for forwarder in [Forwarder::for_chat(1), Forwarder::for_responses(true)] {
            let (got, error) = forwarded(forwarder, &[body]);
            assert!(got.is_empty() && error.unwrap().contains("model is loading"));
        }
    }
}

#[test]
fn comments_have_no_blank_line() {
    let (got, _) = forwarded(Forwarder::for_chat(1), &[": ping\n\n", "data:\n\n", &chat("\"stop\"")]);
    let comments = [KEEP_ALIVE, KEEP_ALIVE].concat();
    assert_eq!(got.as_bytes(), [&comments[..], chat("\"stop\"").as_bytes(), b"data: [DONE]\n\n"].concat());
}

/// The completed items are held for the last event, so a service must not decide how many there are.
#[test]
fn items_beyond_the_limit_of_a_response_end_the_stream() {
    let item = json!({ "type": "message", "text": "x".repeat(15 * 1024 * 1024) });
    let event = stream(&[json!({ "type": "response.output_item.done", "item": item })]);
    let mut forwarder = Forwarder::for_responses(false);
    let add = |forwarder: &mut Forwarder| forwarder.forward_chunk(event.clone(), &mut upstream);
    assert!((0..4).all(|_| add(&mut forwarder).is_ok()));
    assert!(matches!(add(&mut forwarder), Err(StreamError::Malformed(_))));
    let mut codex = Forwarder::for_responses(true);
    assert!((0..5).all(|_| add(&mut codex).is_ok()), "Codex needs none in the last event");
}
