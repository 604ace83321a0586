//! Event streams: their length, their pace, and clients and servers that leave in the middle.

use std::time::{Duration, Instant};

use serde_json::json;
use usher_sandbox::Fault;

use crate::support::{Rig, ask, events};

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn count_to_n_streams_n_numbers() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    let events = events(rig.respond(&tokens, &ask("count to 500")).send().await.expect("an answer")).await;
    assert_eq!(events.iter().filter(|event| event["delta"].is_string()).count(), 500);
    assert_eq!(rig.sandbox.count("responses.cancelled"), 0);
}

#[tokio::test]
async fn events_keep_the_pace_that_was_set() {
    let rig = Rig::start().await;
    rig.sandbox.change_settings(|settings| settings.event_delay_ms = 20);
    let tokens = rig.sandbox.issue("ada");
    let begun = Instant::now();
    let events = events(rig.respond(&tokens, &ask("hi")).send().await.expect("an answer")).await;
    assert!(begun.elapsed() >= Duration::from_millis(20) * u32::try_from(events.len() - 1).expect("few"));
}

#[tokio::test]
async fn events_leave_one_by_one() {
    let rig = Rig::start().await;
    rig.sandbox.push_fault("responses", Fault::HangAfter { events: 1 });
    let tokens = rig.sandbox.issue("ada");
    let mut response = rig.respond(&tokens, &ask("hi")).send().await.expect("an answer");
    let chunk = response.chunk().await.expect("bytes").expect("an event before the silence");
    assert!(chunk.starts_with(b"event: response.created"));
}

#[tokio::test]
async fn a_client_that_leaves_is_counted_with_the_time() {
    let rig = Rig::start().await;
    rig.sandbox.change_settings(|settings| settings.event_delay_ms = 5);
    let tokens = rig.sandbox.issue("ada");
    let mut response = rig.respond(&tokens, &ask("count to 100000")).send().await.expect("an answer");
    response.chunk().await.expect("bytes");
    assert_eq!(rig.sandbox.count("responses.cancelled"), 0);
    drop(response);
    assert_eq!(rig.sandbox.wait_for("responses.cancelled", 1, SOON).await, Some(1));
    let (asked, left) = (&rig.sandbox.marks("responses")[0], &rig.sandbox.marks("responses.cancelled")[0]);
    assert!(left.at_ms >= asked.at_ms);
}

#[tokio::test]
async fn a_client_that_leaves_a_silent_stream_is_counted() {
    let rig = Rig::start().await;
    rig.sandbox.push_fault("responses", Fault::HangAfter { events: 2 });
    let tokens = rig.sandbox.issue("ada");
    let mut response = rig.respond(&tokens, &ask("hi")).send().await.expect("an answer");
    response.chunk().await.expect("bytes");
    drop(response);
    assert_eq!(rig.sandbox.wait_for("responses.cancelled", 1, SOON).await, Some(1));
}

#[tokio::test]
async fn a_cut_stream_breaks_after_as_many_events() {
    let rig = Rig::start().await;
    rig.sandbox.push_fault("responses", Fault::Cut { after_events: 3, clean: false });
    let tokens = rig.sandbox.issue("ada");
    let mut response = rig.respond(&tokens, &ask("hi")).send().await.expect("an answer");
    let mut text = Vec::new();
    let error = loop {
        match response.chunk().await {
            Ok(Some(bytes)) => text.extend_from_slice(&bytes),
            Ok(None) => panic!("the stream ended properly"),
            Err(error) => break error,
        }
    };
    assert!(error.is_body() || error.is_decode(), "{error:?}");
    let text = String::from_utf8(text).expect("text");
    assert_eq!(text.matches("event: ").count(), 3, "{text}");
    assert_eq!(rig.sandbox.count("responses.cancelled"), 0, "the server left, not the client");
}

#[tokio::test]
async fn a_clean_cut_ends_the_body_without_a_terminal_event() {
    let rig = Rig::start().await;
    rig.sandbox.push_fault("responses", Fault::Cut { after_events: 3, clean: true });
    let tokens = rig.sandbox.issue("ada");
    let events = events(rig.respond(&tokens, &ask("hi")).send().await.expect("an answer")).await;
    assert_eq!(events.len(), 3);
    assert_eq!(events[2]["type"], "response.output_item.added");
}

#[tokio::test]
async fn a_silent_stream_stays_open() {
    let rig = Rig::start().await;
    rig.sandbox.push_fault("responses", Fault::HangAfter { events: 2 });
    let tokens = rig.sandbox.issue("ada");
    let response = rig.respond(&tokens, &ask("hi")).send().await.expect("an answer");
    let whole = tokio::time::timeout(Duration::from_millis(100), response.text()).await;
    assert!(whole.is_err(), "the body ended: {whole:?}");
}

#[tokio::test]
async fn an_injected_terminal_event_ends_the_stream() {
    let rig = Rig::start().await;
    let failed =
        json!({ "type": "response.failed", "response": { "error": { "type": "usage_limit_reached" } } });
    rig.sandbox.push_fault("responses", Fault::Event { event: failed.clone(), after_events: 2 });
    let tokens = rig.sandbox.issue("ada");
    let events = events(rig.respond(&tokens, &ask("hi")).send().await.expect("an answer")).await;
    assert_eq!(events.len(), 3);
    assert_eq!(events[2], failed);
}

#[tokio::test]
async fn another_injected_event_is_only_added() {
    let rig = Rig::start().await;
    let limits = json!({ "type": "codex.rate_limits", "plan_type": "plus" });
    rig.sandbox.push_fault("responses", Fault::Event { event: limits.clone(), after_events: 1 });
    let tokens = rig.sandbox.issue("ada");
    let events = events(rig.respond(&tokens, &ask("hi")).send().await.expect("an answer")).await;
    assert_eq!(events.len(), 11);
    assert_eq!(events[1], limits);
    assert_eq!(events[10]["type"], "response.completed");
}
