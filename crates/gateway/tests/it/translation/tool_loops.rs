//! Tool loops with services that have only Chat Completions: what such a service sent with a call goes back to it with
//! the result.

use serde_json::{Value, json};

use super::{Caller, Exchange, Provider, World};
use crate::support::{Answer, DONE, chunk, reason};

/// Returns the blocks of a message, streamed or not, as SDKs collect them.
fn blocks(heard: &Exchange) -> Vec<Value> {
    if heard.body.starts_with('{') {
        return heard.json()["content"].as_array().unwrap().clone();
    }
    let mut blocks: Vec<Value> = Vec::new();
    for event in heard.events() {
        match event["type"].as_str().unwrap() {
            "content_block_start" => blocks.push(event["content_block"].clone()),
            "content_block_delta" => {
                let (block, delta) = (blocks.last_mut().unwrap(), &event["delta"]);
                for name in ["text", "thinking", "signature"] {
                    if let Some(more) = delta[name].as_str() {
                        block[name] = json!(block[name].as_str().unwrap_or_default().to_owned() + more);
                    }
                }
            }
            _ => {}
        }
    }
    blocks
}

/// Returns the conversation with an answer that has calls, and their results.
fn continued(caller: Caller, heard: &Exchange) -> Value {
    let mut conversation = vec![json!({ "role": "user", "content": "Hi" })];
    if caller == Caller::Messages {
        let blocks = blocks(heard);
        let calls = blocks.iter().filter(|block| block["type"] == "tool_use");
        let results: Vec<Value> = calls
            .map(|call| json!({ "type": "tool_result", "tool_use_id": call["id"], "content": "12:00" }))
            .collect();
        conversation.push(json!({ "role": "assistant", "content": blocks }));
        conversation.push(json!({ "role": "user", "content": results }));
        return conversation.into();
    }
    let output = if heard.body.starts_with('{') {
        heard.json()["output"].take()
    } else {
        heard.events().last().unwrap()["response"]["output"].clone()
    };
    let items = output.as_array().unwrap();
    conversation.extend(items.iter().cloned());
    let calls = items.iter().filter(|item| item["type"] == "function_call");
    conversation.extend(calls.map(
        |call| json!({ "type": "function_call_output", "call_id": call["call_id"], "output": "12:00" }),
    ));
    conversation.into()
}

/// Returns the assistant messages that the service gets back, from each caller, after a streamed answer.
async fn sent_back(deltas: &[Value]) -> Vec<Value> {
    let world = World::start().await;
    let stream: String = deltas.iter().map(chunk).collect();
    let answer = Answer::stream(stream + &reason("tool_calls") + DONE);
    let mut sent = Vec::new();
    for caller in [Caller::Messages, Caller::Responses] {
        for stream in [true, false] {
            let heard = world.ask(Provider::Chat, caller, &caller.question(stream), &answer).await;
            let next = caller.request(stream, &continued(caller, &heard));
            let mut next = world.ask(Provider::Chat, caller, &next, &answer).await;
            sent.push(next.asked[0]["messages"][1].take());
        }
    }
    sent
}

fn call(id: &str) -> Value {
    json!({ "index": 0, "id": id, "type": "function", "function": { "name": "now", "arguments": "{}" } })
}

#[tokio::test]
async fn reasoning_goes_back_under_its_name() {
    let details = json!([{ "type": "reasoning.text", "text": "I need the time.", "index": 0 }]);
    for (name, value) in [
        ("reasoning_content", json!("I need the time.")),
        ("reasoning", json!("I need the time.")),
        ("reasoning_details", details),
    ] {
        for message in sent_back(&[json!({ name: value }), json!({ "tool_calls": [call("c1")] })]).await {
            assert_eq!(message[name], value, "{message}");
            assert_eq!(message["tool_calls"][0]["id"], "c1", "{message}");
        }
    }
}

#[tokio::test]
async fn thought_signature_goes_back_with_its_call() {
    let signature = json!({ "google": { "thought_signature": "c2lnbmF0dXJl" } });
    let (mut signed, mut second) = (call("c1"), call("c2"));
    signed["extra_content"] = signature.clone();
    second["index"] = json!(1);
    for message in sent_back(&[json!({ "tool_calls": [signed, second] })]).await {
        let calls = message["tool_calls"].as_array().unwrap();
        assert_eq!((calls.len(), &calls[0]["extra_content"]), (2, &signature), "{message}");
        assert!(calls[1].get("extra_content").is_none(), "{message}");
    }
}

#[tokio::test]
async fn reasoning_in_details_is_shown() {
    let world = World::start().await;
    let details = json!([{ "type": "reasoning.text", "text": "Let me see.", "index": 0 }]);
    let stream = chunk(&json!({ "reasoning_details": details })) + &chunk(&json!({ "content": "Hello" }));
    let answer = Answer::stream(stream + &reason("stop") + DONE);
    for caller in [Caller::Messages, Caller::Responses] {
        for stream in [true, false] {
            let heard = world.ask(Provider::Chat, caller, &caller.question(stream), &answer).await;
            let meaning = heard.meaning();
            assert_eq!(
                (meaning.thinking.as_str(), meaning.text.as_str()),
                ("Let me see.", "Hello"),
                "{heard:?}"
            );
        }
    }
}
