//! Responses requests as Chat Completions requests: golden pairs, Codex's own requests, round trips and prefixes.

use proptest::prelude::*;
use serde_json::{Value, json};
use usher_dialect::chat_completions::from_responses;
use usher_dialect::error::BadRequest;
use usher_dialect::json::RawObject;
use usher_dialect::translate::{Target, TranslatedRequest};

use crate::cases::{any_request, cases, check, folder, names};
use crate::to_responses::{step, translate as to_hub};

fn translate(request: &Value) -> Result<TranslatedRequest, BadRequest> {
    read(&serde_json::to_vec(request).unwrap())
}

fn read(body: &[u8]) -> Result<TranslatedRequest, BadRequest> {
    from_responses(&RawObject::parse(body)?)
}

fn body(request: &Value) -> Value {
    serde_json::from_slice(&translate(request).unwrap().body.to_bytes()).unwrap()
}

/// The names of functions that stand for something, and what they stand for.
fn told(translated: &TranslatedRequest, body: &Value) -> Value {
    let names =
        body["tools"].as_array().into_iter().flatten().map(|tool| tool["function"]["name"].as_str().unwrap());
    let original = |name: &str| {
        let tool = translated.tools.original(name)?;
        Some((name.to_owned(), json!([tool.name, tool.namespace, tool.custom])))
    };
    Value::Object(names.filter_map(original).collect())
}

fn shown(translated: Result<TranslatedRequest, BadRequest>) -> Value {
    match translated {
        Err(bad) => json!({ "param": bad.param, "message": bad.message }),
        Ok(translated) => {
            let body: Value = serde_json::from_slice(&translated.body.to_bytes()).unwrap();
            json!({
                "tools": told(&translated, &body),
                "body": body,
                "dropped": translated.dropped,
                "stream": translated.options.stream,
            })
        }
    }
}

#[test]
fn golden_requests_match() {
    let cases = cases("from-responses");
    assert!(cases.len() >= 17, "only {}", cases.len());
    check(&cases, |request| shown(translate(request)));
}

/// Every request that Codex was seen to send (clients §2.2): its tools can be called, its words are there in
/// their order, and calls have their results.
#[test]
fn recorded_codex_requests_keep_their_content() {
    let paths: Vec<_> =
        std::fs::read_dir(folder("codex")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(paths.len(), 8);
    for path in paths {
        let request: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let translated = translate(&request).unwrap();
        let sent: Value = serde_json::from_slice(&translated.body.to_bytes()).unwrap();
        every_tool_can_be_called(&request, &translated, &sent);
        every_word_is_there(&request, &sent);
        every_call_has_its_result(&sent);
        assert_eq!(sent["reasoning_effort"], request["reasoning"]["effort"]);
        assert_eq!(sent["parallel_tool_calls"], request["parallel_tool_calls"]);
        let mut dropped =
            vec!["client_metadata", "include", "prompt_cache_key", "reasoning.context", "text.verbosity"];
        dropped.retain(|name| !translated.dropped.iter().any(|dropped| dropped == name));
        assert_eq!(dropped, [""; 0], "{}", path.display());
    }
}

fn every_tool_can_be_called(request: &Value, translated: &TranslatedRequest, sent: &Value) {
    let namespaces = request["input"][0]["tools"].as_array().unwrap();
    let tools = namespaces.iter().flat_map(|namespace| {
        namespace["tools"].as_array().unwrap().iter().map(|tool| (&namespace["name"], tool))
    });
    let functions = sent["tools"].as_array().unwrap();
    let mut count = 0;
    for ((namespace, tool), function) in tools.zip(functions) {
        count += 1;
        let name = function["function"]["name"].as_str().unwrap();
        assert!(
            name.len() <= 64 && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c)),
            "{name}"
        );
        let original = translated.tools.original(name).unwrap();
        assert_eq!(
            (json!(original.name), json!(original.namespace)),
            (tool["name"].clone(), namespace.clone())
        );
        assert_eq!(original.custom, tool["type"] == "custom");
        if original.custom {
            let told =
                function["function"]["parameters"]["properties"]["input"]["description"].as_str().unwrap();
            assert!(told.contains(tool["format"]["definition"].as_str().unwrap()));
        } else if let Some(parameters) = tool.get("parameters") {
            assert_eq!(function["function"]["parameters"], *parameters);
        }
    }
    assert_eq!(count, functions.len());
}

fn every_word_is_there(request: &Value, sent: &Value) {
    let said: String =
        sent["messages"].as_array().unwrap().iter().map(|message| message["content"].to_string()).collect();
    let mut rest = said.as_str();
    for item in request["input"].as_array().unwrap() {
        let parts = item["content"].as_array().or(item["output"].as_array());
        for part in parts.into_iter().flatten() {
            let text = part["text"].to_string();
            let text = text.trim_matches('"');
            let place = rest.find(text).expect("each text is there, in its order");
            rest = &rest[place + text.len()..];
        }
    }
}

fn every_call_has_its_result(sent: &Value) {
    let mut waiting = Vec::new();
    for message in sent["messages"].as_array().unwrap() {
        if message["role"] == "tool" {
            let place = waiting.iter().position(|id| *id == message["tool_call_id"]);
            waiting.remove(place.expect("a result has its call before it"));
            continue;
        }
        assert!(waiting.is_empty(), "results follow their calls at once");
        let calls = message["tool_calls"].as_array().into_iter().flatten();
        waiting = calls.map(|call| call["id"].clone()).collect();
    }
    assert!(waiting.is_empty());
}

/// Features, group A no. 5: a result's pictures reach the model as pictures.
#[test]
fn images_dropped_refused_or_sent_as_text() {
    let picture = "data:image/png;base64,iVBORw0KGgo=";
    let sent = body(&json!({ "model": "m", "input": [
        { "type": "function_call", "call_id": "c", "name": "see", "arguments": "{}" },
        { "type": "function_call_output", "call_id": "c",
          "output": [{ "type": "input_image", "image_url": picture }] },
    ] }));
    assert_eq!(
        sent["messages"][2]["content"][1],
        json!({ "type": "image_url", "image_url": { "url": picture } })
    );
    assert!(!sent["messages"][1].to_string().contains("base64"));
}

/// Features, group A no. 6: what is sealed for one provider is not sent to another.
#[test]
fn encrypted_content_could_not_be_verified() {
    let translated = translate(&json!({ "model": "m", "input": [
        { "role": "user", "content": "Hi?" },
        { "type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "SEALED" },
    ] }))
    .unwrap();
    assert!(!String::from_utf8(translated.body.to_bytes()).unwrap().contains("SEALED"));
    assert_eq!(translated.dropped, ["input[].reasoning"]);
}

/// Features, group A no. 7: a tool that is not there is named, and one that is forced is refused.
#[test]
fn hosted_web_search_silently_returns_nothing() {
    let request = |choice: Value| {
        json!({ "model": "m", "input": "Hi?", "tool_choice": choice,
        "tools": [{ "type": "web_search" }, { "type": "function", "name": "f", "parameters": {} }] })
    };
    assert_eq!(translate(&request(json!("auto"))).unwrap().dropped, ["tools.web_search"]);
    let refused = translate(&request(json!({ "type": "web_search" }))).unwrap_err();
    assert_eq!(refused.param.as_deref(), Some("tool_choice"));
}

/// Features, group A no. 8.
#[test]
fn tool_calls_and_results_lose_their_pairing() {
    let sent = body(&json!({ "model": "m", "input": [
        { "role": "user", "content": "Go." },
        { "type": "function_call", "call_id": "a", "name": "f", "arguments": "{}" },
        { "type": "reasoning", "summary": [] },
        { "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": "And:" }] },
        { "type": "custom_tool_call", "call_id": "b", "name": "g", "input": "x" },
        { "type": "custom_tool_call_output", "call_id": "b",
          "output": [{ "type": "input_image", "image_url": "data:image/png;base64,AA==" }] },
        { "type": "function_call_output", "call_id": "a", "output": "one" },
    ] }));
    every_call_has_its_result(&sent);
    assert_eq!(sent["messages"].as_array().unwrap().len(), 5);
}

/// What a Chat Completions conversation says, whatever of it is parts: each text with its role, each call, each result.
fn meaning(messages: &[Value]) -> Vec<(String, String)> {
    let mut said: Vec<(String, String)> = Vec::new();
    let mut say = |role: &str, text: String| match said.last_mut() {
        Some((last, before)) if last == role => *before += &text,
        _ if text.is_empty() => {}
        _ => said.push((role.to_owned(), text)),
    };
    for message in messages {
        let role =
            message["role"].as_str().unwrap().replace("developer", "system").replace("function", "tool");
        let parts =
            message["content"].as_array().cloned().unwrap_or(vec![json!({ "text": message["content"] })]);
        for part in &parts {
            let text = part["text"].as_str().or(part["image_url"]["url"].as_str()).unwrap_or_default();
            say(&role, text.replace('\n', ""));
        }
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            let arguments = &call["function"]["arguments"];
            let sent = match serde_json::from_str::<Value>(arguments.as_str().unwrap_or_default()) {
                Ok(wrapped) if wrapped["input"].is_string() => wrapped["input"].to_string(),
                _ if call["type"] == "custom" => call["custom"]["input"].to_string(),
                _ => arguments.to_string(),
            };
            say("call", sent);
        }
        if let Some(call) = message.get("function_call") {
            say("call", call["arguments"].to_string());
        }
    }
    said
}

proptest! {
    #[test]
    fn a_conversation_crosses_to_the_hub_and_back(steps in proptest::collection::vec(step(), 1..6)) {
        let messages: Vec<Value> = steps.concat();
        let request = json!({ "messages": messages });
        let there = to_hub(&request, &Target { model: "m", ..Target::default() });
        let back = from_responses(&there.unwrap().body).unwrap();
        let back: Value = serde_json::from_slice(&back.body.to_bytes()).unwrap();
        prop_assert_eq!(meaning(back["messages"].as_array().unwrap()), meaning(&messages));
    }

    /// A turn ends with what the user says or a tool gives back; such an end is never taken back.
    #[test]
    fn a_longer_conversation_begins_with_the_shorter_one(
        shorter in proptest::collection::vec(step(), 1..4), longer in proptest::collection::vec(step(), 0..4),
    ) {
        let target = Target { model: "m", ..Target::default() };
        let user = json!({ "role": "user", "content": "Go on." });
        let request = |messages: Vec<Value>| {
            let chat = json!({ "messages": messages });
            let there = to_hub(&chat, &target).unwrap();
            from_responses(&there.body).unwrap().body.to_bytes()
        };
        let begun = [shorter.concat(), vec![user]].concat();
        let whole = request([begun.clone(), longer.concat()].concat());
        let begins = whole.starts_with(request(begun).strip_suffix(b"]}").unwrap());
        prop_assert!(begins);
    }

    #[test]
    fn any_bytes_and_any_json_are_answered(bytes in any::<Vec<u8>>(), request in any_request(names())) {
        let _ = read(&bytes);
        if let Ok(translated) = translate(&request) {
            serde_json::from_slice::<Value>(&translated.body.to_bytes()).unwrap();
        }
    }
}
