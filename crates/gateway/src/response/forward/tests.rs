//! Tests of forwarding.

use serde_json::json;

use super::*;

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
        (Forwarder::for_chat(), json!({ "type": "", "error": { "message": "key" } })),
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
