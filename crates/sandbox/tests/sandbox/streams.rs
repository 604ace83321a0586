//! Event streams: their length, their pace, and clients and servers that disconnect in the middle.

use std::time::{Duration, Instant};

use serde_json::json;
use usher_sandbox::Fault;

use crate::support::{Rig, events, model_request};

const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn prompt_with_count_streams_numbers() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    let events =
        events(rig.respond(&tokens, &model_request("count to 500")).send().await.expect("a response")).await;
    assert_eq!(events.iter().filter(|event| event["delta"].is_string()).count(), 500);
    assert_eq!(rig.sandbox.count("responses.cancelled"), 0);
}

#[tokio::test]
async fn events_with_delay_keep_their_distance() {
    let rig = Rig::start().await;
    rig.sandbox.change_settings(|settings| settings.event_delay_ms = 20);
    let tokens = rig.sandbox.issue("ada");
    let begun = Instant::now();
    let events = events(rig.respond(&tokens, &model_request("hi")).send().await.expect("a response")).await;
    assert!(begun.elapsed() >= Duration::from_millis(20) * u32::try_from(events.len() - 1).expect("few"));
}

#[tokio::test]
async fn events_are_sent_one_by_one() {
    let rig = Rig::start().await;
    rig.sandbox.push_fault("responses", Fault::HangAfter { events: 1 });
    let tokens = rig.sandbox.issue("ada");
    let mut response = rig.respond(&tokens, &model_request("hi")).send().await.expect("a response");
    let chunk = response.chunk().await.expect("bytes").expect("an event before the silence");
    assert!(chunk.starts_with(b"event: response.created"));
}

#[tokio::test]
async fn client_that_disconnects_is_counted_with_time() {
    let rig = Rig::start().await;
    rig.sandbox.change_settings(|settings| settings.event_delay_ms = 5);
    let tokens = rig.sandbox.issue("ada");
    let mut response =
        rig.respond(&tokens, &model_request("count to 100000")).send().await.expect("a response");
    response.chunk().await.expect("bytes");
    assert_eq!(rig.sandbox.count("responses.cancelled"), 0);
    drop(response);
    assert_eq!(rig.sandbox.wait_for("responses.cancelled", 1, SOON).await, Some(1));
    let (requested, disconnected) =
        (&rig.sandbox.marks("responses")[0], &rig.sandbox.marks("responses.cancelled")[0]);
    assert!(disconnected.at_ms >= requested.at_ms);
}

#[tokio::test]
async fn client_that_disconnects_from_silent_stream_is_counted() {
    let rig = Rig::start().await;
    rig.sandbox.push_fault("responses", Fault::HangAfter { events: 2 });
    let tokens = rig.sandbox.issue("ada");
    let mut response = rig.respond(&tokens, &model_request("hi")).send().await.expect("a response");
    response.chunk().await.expect("bytes");
    drop(response);
    assert_eq!(rig.sandbox.wait_for("responses.cancelled", 1, SOON).await, Some(1));
}

#[tokio::test]
async fn cut_fault_breaks_stream_after_events() {
    let rig = Rig::start().await;
    rig.sandbox.push_fault("responses", Fault::Cut { after_events: 3, clean: false });
    let tokens = rig.sandbox.issue("ada");
    let mut response = rig.respond(&tokens, &model_request("hi")).send().await.expect("a response");
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
async fn clean_cut_fault_ends_body_without_terminal_event() {
    let rig = Rig::start().await;
    rig.sandbox.push_fault("responses", Fault::Cut { after_events: 3, clean: true });
    let tokens = rig.sandbox.issue("ada");
    let events = events(rig.respond(&tokens, &model_request("hi")).send().await.expect("a response")).await;
    assert_eq!(events.len(), 3);
    assert_eq!(events[2]["type"], "response.output_item.added");
}

#[tokio::test]
async fn hang_after_fault_keeps_stream_open() {
    let rig = Rig::start().await;
    rig.sandbox.push_fault("responses", Fault::HangAfter { events: 2 });
    let tokens = rig.sandbox.issue("ada");
    let response = rig.respond(&tokens, &model_request("hi")).send().await.expect("a response");
    let complete = tokio::time::timeout(Duration::from_millis(100), response.text()).await;
    assert!(complete.is_err(), "the body ended: {complete:?}");
}

#[tokio::test]
async fn event_fault_with_terminal_event_ends_stream() {
    let rig = Rig::start().await;
    let failed =
        json!({ "type": "response.failed", "response": { "error": { "type": "usage_limit_reached" } } });
    rig.sandbox.push_fault("responses", Fault::Event { event: failed.clone(), after_events: 2 });
    let tokens = rig.sandbox.issue("ada");
    let events = events(rig.respond(&tokens, &model_request("hi")).send().await.expect("a response")).await;
    assert_eq!(events.len(), 3);
    assert_eq!(events[2], failed);
}

#[tokio::test]
async fn event_fault_with_other_event_adds_it() {
    let rig = Rig::start().await;
    let limits = json!({ "type": "codex.rate_limits", "plan_type": "plus" });
    rig.sandbox.push_fault("responses", Fault::Event { event: limits.clone(), after_events: 1 });
    let tokens = rig.sandbox.issue("ada");
    let events = events(rig.respond(&tokens, &model_request("hi")).send().await.expect("a response")).await;
    assert_eq!(events.len(), 11);
    assert_eq!(events[1], limits);
    assert_eq!(events[10]["type"], "response.completed");
}
