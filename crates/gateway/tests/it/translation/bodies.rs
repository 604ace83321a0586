//! Answers that are not in the form that was asked for: one body in place of a stream, errors with the status of a
//! success, and requests with half a character.

use serde_json::{Value, json};

use super::{Caller, Provider, World};
use crate::support::{Answer, Meaning, completed, created, message_events, message_item, usage};

const CONTENT_TYPES: [&str; 3] = ["application/json", "text/event-stream", "text/plain"];

#[tokio::test]
async fn body_in_place_of_a_stream_is_heard() {
    let world = World::start().await;
    let message = json!({ "role": "assistant", "content": "Hello world" });
    let chat = json!({ "id": "c", "object": "chat.completion", "model": "m1",
        "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }] });
    let response = json!({ "id": "resp_1", "object": "response", "status": "completed", "model": "m1",
        "output": [message_item()], "usage": usage() });
    for (provider, body) in [(Provider::Chat, chat), (Provider::Responses, response)] {
        for content_type in CONTENT_TYPES {
            for caller in Caller::ALL {
                for stream in [true, false] {
                    let answer = Answer::body(content_type, format!("{body:#}"));
                    let heard = world.ask(provider, caller, &caller.question(stream), &answer).await;
                    assert_eq!(
                        heard.meaning(),
                        Meaning::text("Hello world"),
                        "{provider:?}, {caller:?}: {heard:?}"
                    );
                    assert_eq!(heard.asked.len(), 1, "{provider:?}, {caller:?}: {heard:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn error_with_the_status_of_a_success_keeps_its_words() {
    let world = World::start().await;
    for body in [
        json!({ "error": { "message": "model is loading", "code": 502 } }),
        json!({ "error": "model is loading" }),
        json!({ "detail": "model is loading" }),
        json!({ "errors": [{ "message": "model is loading" }] }),
        json!({ "base_resp": { "status_code": 1004, "status_msg": "model is loading" } }),
        json!({ "code": 1001, "msg": "model is loading", "success": false }),
        json!([{ "error": { "message": "model is loading" } }]),
    ] {
        let answer = Answer::body("application/json", body.to_string());
        for provider in [Provider::Chat, Provider::Responses] {
            for caller in Caller::ALL {
                for stream in [true, false] {
                    let heard = world.ask(provider, caller, &caller.question(stream), &answer).await;
                    let error = heard.meaning().error.unwrap_or_default();
                    assert!(error.contains("model is loading"), "{provider:?}, {caller:?}: {heard:?}");
                    assert_eq!(heard.asked.len(), 1, "{provider:?}, {caller:?}: {heard:?}");
                    assert!(stream || heard.status >= 400, "{provider:?}, {caller:?}: {heard:?}");
                }
            }
        }
    }
}

/// A program that cuts an emoji in two sends the escape of one half.
#[tokio::test]
async fn half_a_character_keeps_the_words_around_it() {
    let world = World::start().await;
    let answer = Answer::stream(created() + &message_events(0) + &completed(&[message_item()], &usage()));
    let ask = async |body: &str| {
        let path = Caller::Messages.path();
        world.ask_text(Provider::Responses, path, body.to_owned(), &answer).await.asked.pop().unwrap()
    };
    let asked = ask(r#"{"model":"m1","max_tokens":9,"messages":[{"role":"user","content":"hi"}],
        "system":[{"type":"text","text":"RULES: never \ud83d delete"},{"type":"text","text":"second"}]}"#)
    .await;
    let instructions = asked["instructions"].as_str().unwrap();
    assert!(
        instructions.contains("RULES: never \u{fffd} delete") && instructions.contains("second"),
        "{asked}"
    );
    let asked = ask(
        r#"{"model":"m1","max_tokens":9,"messages":[{"role":"user","content":"hi"},
        {"role":"assistant","content":[{"type":"tool_use","id":"a","name":"now","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"a","is_error":true,"content":"why \ud83d not"}]}]}"#,
    )
    .await;
    let input: &Vec<Value> = asked["input"].as_array().unwrap();
    assert_eq!(input.last().unwrap()["output"], "Error: why \u{fffd} not");
    let count = format!(
        r#"{{"model":"m1","messages":[{{"role":"user","content":"\ud83d {}"}}]}}"#,
        "word ".repeat(200)
    );
    let path = "/v1/messages/count_tokens";
    let counted = world.ask_text(Provider::Responses, path, count, &answer).await.json();
    assert!(counted["input_tokens"].as_u64().unwrap() > 200, "{counted}");
}
