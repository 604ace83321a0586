//! The connection test: the response, its errors, and stopping it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use usher_domain::{ErrorCode, UnixTime};
use usher_sandbox::Fault;
use usher_upstream::Timeouts;

use crate::support::{Fixture, LONG, SHORT, fixture};

const MODEL: &str = "gpt-6.2-sol";

#[tokio::test]
async fn probe_returns_text_of_model() {
    let fixture = fixture("ada").await;
    assert_eq!(fixture.backend.probe(MODEL, None).await.unwrap(), "ready");
    let request = fixture.sandbox.requests("responses").remove(0);
    assert_eq!(request.header("accept"), Some("text/event-stream"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("originator"), Some("usher"));
    assert_eq!(request.body["model"], MODEL);
    assert!(request.body.get("reasoning").is_none());
}

#[tokio::test]
async fn probe_with_effort_sends_it() {
    let fixture = fixture("ada").await;
    fixture.backend.probe(MODEL, Some("high")).await.unwrap();
    fixture.backend.probe(MODEL, Some("ultra")).await.unwrap();
    let sent: Vec<Value> =
        fixture.sandbox.requests("responses").iter().map(|r| r.body["reasoning"].clone()).collect();
    assert_eq!(sent, [json!({ "effort": "high" }), json!({ "effort": "max" })]);
}

#[tokio::test]
async fn probe_response_reports_limits_and_etag() {
    let fixture = fixture("ada").await;
    let etag = fixture.backend.models(Some(&fixture.plan)).await.unwrap().etag.unwrap();
    fixture.backend.probe(MODEL, None).await.unwrap();
    assert_eq!(*fixture.seen.etags.lock().unwrap(), std::slice::from_ref(&etag));
    let usage = fixture.seen.usage.lock().unwrap().pop().unwrap();
    let lengths: Vec<u64> = usage.windows.iter().map(|window| window.window_seconds).collect();
    assert_eq!(lengths, [18_000, 604_800]);
    assert!(usage.windows[0].used_percent > 0.0);
    fixture.sandbox.change_settings(|settings| settings.removed_models = vec!["gpt-5.5".into()]);
    fixture.backend.probe(MODEL, None).await.unwrap();
    assert_ne!(fixture.seen.etags.lock().unwrap()[1], etag);
}

async fn probe_with_fault(fault: Fault) -> (Fixture, usher_domain::Failure) {
    let fixture = fixture("ada").await;
    fixture.sandbox.push_fault("responses", fault);
    let failure = fixture.backend.probe(MODEL, None).await.unwrap_err();
    (fixture, failure)
}

#[tokio::test]
async fn stream_cut_off_is_an_error() {
    for after_events in [0, 1, 5, 8] {
        let (_, failure) = probe_with_fault(Fault::Cut { after_events, clean: true }).await;
        assert_eq!(failure.code, ErrorCode::UpstreamError, "{after_events}: {failure}");
        assert!(failure.cause.contains("cut off"), "{failure}");
        let (_, failure) = probe_with_fault(Fault::Cut { after_events, clean: false }).await;
        assert_eq!(failure.code, ErrorCode::Offline, "{after_events}: {failure}");
    }
}

#[tokio::test]
async fn stream_without_chunks_times_out() {
    let short_idle = Timeouts { lists: LONG, idle: SHORT, response: LONG, ..Timeouts::default() };
    let short_response = Timeouts { lists: LONG, idle: LONG, response: SHORT, ..Timeouts::default() };
    for (fault, timeouts) in [(Fault::HangAfter { events: 3 }, short_idle), (Fault::Hang, short_response)] {
        let fixture = fixture("ada").await;
        fixture.sandbox.push_fault("responses", fault.clone());
        let failure = fixture.backend.with_timeouts(timeouts).probe(MODEL, None).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::Timeout, "{fault:?}: {failure}");
    }
}

#[tokio::test]
async fn stream_without_text_times_out() {
    let fixture = fixture("ada").await;
    fixture.sandbox.change_settings(|settings| settings.event_delay_ms = 150);
    let timeouts = Timeouts { lists: LONG, idle: LONG, response: SHORT, ..Timeouts::default() };
    let failure = fixture.backend.with_timeouts(timeouts).probe(MODEL, None).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::Timeout);
    assert!(fixture.sandbox.wait_for("responses.cancelled", 1, LONG).await.is_some());
}

#[tokio::test]
async fn error_in_stream_maps_to_its_code() {
    let failed = |error: Value| json!({ "type": "response.failed", "response": { "error": error } });
    let limit = json!({ "type": "usage_limit_reached", "message": "Gone.", "resets_at": 1_795_300_000 });
    let rows = [
        (failed(limit.clone()), ErrorCode::UsageLimitReached, Some(UnixTime(1_795_300_000))),
        (
            json!({ "type": "error", "error": limit }),
            ErrorCode::UsageLimitReached,
            Some(UnixTime(1_795_300_000)),
        ),
        (failed(json!({ "code": "usage_not_included" })), ErrorCode::UsageNotIncluded, None),
        (failed(json!({ "code": "insufficient_quota" })), ErrorCode::Billing, None),
        (failed(json!({ "code": "rate_limit_exceeded" })), ErrorCode::RateLimited, None),
        (json!({ "type": "error", "code": "server_is_overloaded" }), ErrorCode::Overloaded, None),
        (failed(json!({ "code": "account_suspended" })), ErrorCode::AccountProblem, None),
        (failed(json!({ "code": "cyber_policy", "message": "No." })), ErrorCode::UpstreamError, None),
        (failed(Value::Null), ErrorCode::UpstreamError, None),
        (
            json!({ "type": "response.incomplete", "response": { "incomplete_details": { "reason": "content_filter" } } }),
            ErrorCode::UpstreamError,
            None,
        ),
    ];
    for (event, code, retry_at) in rows {
        let (_, failure) = probe_with_fault(Fault::Event { event: event.clone(), after_events: 6 }).await;
        assert_eq!((failure.code, failure.retry_at), (code, retry_at), "{event}");
    }
}

#[tokio::test]
async fn limit_in_stream_is_reported_to_observer() {
    let event =
        json!({ "type": "error", "error": { "type": "usage_limit_reached", "resets_at": 1_795_300_000 } });
    let (fixture, _) = probe_with_fault(Fault::Event { event, after_events: 1 }).await;
    let usage = fixture.seen.usage.lock().unwrap().pop().unwrap();
    assert_eq!(usage.limit_reached.unwrap().resets_at, Some(UnixTime(1_795_300_000)));
    assert_eq!(usage.windows.len(), 2, "the windows of the head are kept");
}

#[tokio::test]
async fn body_that_is_no_stream_is_malformed() {
    for (body, code) in [
        ("data: {nonsense\n\n", ErrorCode::MalformedAnswer),
        ("data: model is loading\n\n", ErrorCode::UpstreamError),
        (
            "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"output\":[]}}\n\n",
            ErrorCode::MalformedAnswer,
        ),
        ("{\"output\":[]}", ErrorCode::MalformedAnswer),
        ("{\"other\":[]}", ErrorCode::UpstreamError),
        ("", ErrorCode::UpstreamError),
    ] {
        let (_, failure) = probe_with_fault(Fault::Malformed { body: body.into() }).await;
        assert_eq!(failure.code, code, "{body}: {failure}");
    }
}

/// Some services ignore `stream: true`.
#[tokio::test]
async fn non_streaming_response_is_read() {
    let fixture = fixture("ada").await;
    let output = json!([{ "type": "message", "content": [{ "type": "output_text", "text": "ready" }] }]);
    let body = json!({ "object": "response", "status": "completed", "output": output }).to_string();
    for body in [body.clone(), format!("\n {body}\n")] {
        fixture.sandbox.push_fault("responses", Fault::Malformed { body });
        assert_eq!(fixture.backend.probe(MODEL, None).await.unwrap(), "ready");
    }
}

#[tokio::test]
async fn probe_dropped_closes_connection_at_once() {
    let Fixture { sandbox, seen, backend, .. } = fixture("ada").await;
    sandbox.push_fault("responses", Fault::HangAfter { events: 3 });
    let backend = Arc::new(backend);
    let probing = tokio::spawn(async move { backend.probe(MODEL, None).await });
    seen.head_received.notified().await;
    assert_eq!(sandbox.count("responses.cancelled"), 0);
    probing.abort();
    // How soon is measured by `./dev bench`; without the abort this response hangs forever.
    let noticed = sandbox.wait_for("responses.cancelled", 1, Duration::from_secs(10)).await;
    assert_eq!(noticed, Some(1), "the connection stayed open");
    assert!(probing.await.unwrap_err().is_cancelled());
}
