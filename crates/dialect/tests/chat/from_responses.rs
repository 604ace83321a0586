//! Responses requests as Chat Completions requests: golden pairs, Codex's own requests, round trips and prefixes.

use proptest::prelude::*;
use serde_json::{Value, json};
use usher_dialect::chat_completions::from_responses;
use usher_dialect::error::BadRequest;
use usher_dialect::json::RawObject;
use usher_dialect::translate::{Recipient, TranslatedRequest};

use crate::cases::{any_request, cases, check, folder, names};
use crate::to_responses::{step, translate as to_hub};

fn translate(request: &Value) -> Result<TranslatedRequest, BadRequest> {
    read(&serde_json::to_vec(request).unwrap())
}

fn read(body: &[u8]) -> Result<TranslatedRequest, BadRequest> {
    from_responses(&RawObject::parse(body)?, None)
}

fn body(request: &Value) -> Value {
    serde_json::from_slice(&translate(request).unwrap().body.to_bytes()).unwrap()
}

/// Returns the replaced tool names and the caller's tools.
fn renamed_tools(translated: &TranslatedRequest, body: &Value) -> Value {
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
                "tools": renamed_tools(&translated, &body),
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

#[test]
fn last_configuration_update_wins() {
    let update = |update: Value| {
        let mut item = json!({ "type": "configuration_update" });
        item.as_object_mut().unwrap().extend(update.as_object().unwrap().clone());
        item
    };
    let schema = json!({ "type": "json_schema", "name": "n", "schema": { "type": "object" } });
    let request = json!({ "model": "m", "reasoning": { "effort": "high" }, "input": [
        update(json!({ "reasoning": { "effort": "medium" }, "text": { "format": schema } })),
        { "role": "user", "content": "a" },
        update(json!({ "id": "cu_1", "reasoning": { "effort": "low" } })),
        { "role": "user", "content": "b" },
        update(json!({ "of_tomorrow": 1 })),
    ] });
    let sent = body(&request);
    assert_eq!(sent["reasoning_effort"], "low");
    assert_eq!(sent["response_format"]["type"], "json_schema");
    assert_eq!(sent["messages"].as_array().unwrap().len(), 2, "{sent}");
    assert_eq!(translate(&request).unwrap().dropped, ["input[].of_tomorrow"]);
    let trigger = json!({ "model": "m", "input": [{ "role": "user", "content": "a" }, { "type": "compaction_trigger" }] });
    let refused = translate(&trigger).unwrap_err();
    assert_eq!(refused.param.as_deref(), Some("input[1].type"));
    assert!(refused.message.contains("compact"), "{refused}");
}

/// Requests that Codex sent (clients §2.2): its tools can be called, its texts are there in their order, and calls
/// have their results.
#[test]
fn recorded_codex_requests_keep_their_content() {
    let paths: Vec<_> =
        std::fs::read_dir(folder("codex")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(paths.len(), 8);
    for path in paths {
        let request: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let translated = translate(&request).unwrap();
        let sent: Value = serde_json::from_slice(&translated.body.to_bytes()).unwrap();
        assert_tools_can_be_called(&request, &translated, &sent);
        assert_texts_are_kept(&request, &sent);
        assert_calls_have_results(&sent);
        assert_eq!(sent["reasoning_effort"], request["reasoning"]["effort"]);
        assert_eq!(sent["parallel_tool_calls"], request["parallel_tool_calls"]);
        let mut dropped =
            vec!["client_metadata", "include", "prompt_cache_key", "reasoning.context", "text.verbosity"];
        dropped.retain(|name| !translated.dropped.iter().any(|dropped| dropped == name));
        assert_eq!(dropped, [""; 0], "{}", path.display());
    }
}

fn assert_tools_can_be_called(request: &Value, translated: &TranslatedRequest, sent: &Value) {
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
            let renamed_tools =
                function["function"]["parameters"]["properties"]["input"]["description"].as_str().unwrap();
            assert!(renamed_tools.contains(tool["format"]["definition"].as_str().unwrap()));
        } else if let Some(parameters) = tool.get("parameters") {
            assert_eq!(function["function"]["parameters"], *parameters);
        }
    }
    assert_eq!(count, functions.len());
}

fn assert_texts_are_kept(request: &Value, sent: &Value) {
    let texts: String =
        sent["messages"].as_array().unwrap().iter().map(|message| message["content"].to_string()).collect();
    let mut rest = texts.as_str();
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

fn assert_calls_have_results(sent: &Value) {
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

#[test]
fn images_stay_images() {
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

#[test]
fn encrypted_reasoning_is_dropped() {
    let translated = translate(&json!({ "model": "m", "input": [
        { "role": "user", "content": "Hi?" },
        { "type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "SEALED" },
    ] }))
    .unwrap();
    assert!(!String::from_utf8(translated.body.to_bytes()).unwrap().contains("SEALED"));
    assert_eq!(translated.dropped, ["input[].reasoning"]);
}

#[test]
fn web_search_without_support_is_listed_or_rejected() {
    let request = |choice: Value| {
        json!({ "model": "m", "input": "Hi?", "tool_choice": choice,
        "tools": [{ "type": "web_search" }, { "type": "function", "name": "f", "parameters": {} }] })
    };
    assert_eq!(translate(&request(json!("auto"))).unwrap().dropped, ["tools.web_search"]);
    let refused = translate(&request(json!({ "type": "web_search" }))).unwrap_err();
    assert_eq!(refused.param.as_deref(), Some("tool_choice"));
}

#[test]
fn parallel_calls_stay_paired_with_results() {
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
    assert_calls_have_results(&sent);
    assert_eq!(sent["messages"].as_array().unwrap().len(), 5);
}

/// Returns the meaning of a conversation, however it is split into parts: each text with its role, each call, each
/// result.
fn meaning(messages: &[Value]) -> Vec<(String, String)> {
    let mut texts: Vec<(String, String)> = Vec::new();
    let mut add = |role: &str, text: String| match texts.last_mut() {
        Some((last, before)) if last == role => *before += &text,
        _ if text.is_empty() => {}
        _ => texts.push((role.to_owned(), text)),
    };
    for message in messages {
        let role =
            message["role"].as_str().unwrap().replace("developer", "system").replace("function", "tool");
        let parts =
            message["content"].as_array().cloned().unwrap_or(vec![json!({ "text": message["content"] })]);
        for part in &parts {
            let text = part["text"].as_str().or(part["image_url"]["url"].as_str()).unwrap_or_default();
            add(&role, text.replace('\n', ""));
        }
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            let arguments = &call["function"]["arguments"];
            let sent = match serde_json::from_str::<Value>(arguments.as_str().unwrap_or_default()) {
                Ok(wrapped) if wrapped["input"].is_string() => wrapped["input"].to_string(),
                _ if call["type"] == "custom" => call["custom"]["input"].to_string(),
                _ => arguments.to_string(),
            };
            add("call", sent);
        }
        if let Some(call) = message.get("function_call") {
            add("call", call["arguments"].to_string());
        }
    }
    texts
}

proptest! {
    #[test]
    fn conversation_survives_round_trip(steps in proptest::collection::vec(step(), 1..6)) {
        let messages: Vec<Value> = steps.concat();
        let request = json!({ "messages": messages });
        let hub = to_hub(&request, &Recipient { model: "m", ..Recipient::default() });
        let chat = from_responses(&hub.unwrap().body, None).unwrap();
        let chat: Value = serde_json::from_slice(&chat.body.to_bytes()).unwrap();
        prop_assert_eq!(meaning(chat["messages"].as_array().unwrap()), meaning(&messages));
    }

    /// A turn ends with a message of the user or a tool's result, and later turns do not change it.
    #[test]
    fn longer_conversation_begins_with_shorter_one(
        shorter in proptest::collection::vec(step(), 1..4), longer in proptest::collection::vec(step(), 0..4),
    ) {
        let recipient = Recipient { model: "m", ..Recipient::default() };
        let user = json!({ "role": "user", "content": "Go on." });
        let request = |messages: Vec<Value>| {
            let chat = json!({ "messages": messages });
            let hub = to_hub(&chat, &recipient).unwrap();
            from_responses(&hub.body, None).unwrap().body.to_bytes()
        };
        let begun = [shorter.concat(), vec![user]].concat();
        let longer_body = request([begun.clone(), longer.concat()].concat());
        let begins = longer_body.starts_with(request(begun).strip_suffix(b"]}").unwrap());
        prop_assert!(begins);
    }

    #[test]
    fn any_bytes_and_any_json_do_not_panic(bytes in any::<Vec<u8>>(), request in any_request(names())) {
        let _ = read(&bytes);
        if let Ok(translated) = translate(&request) {
            serde_json::from_slice::<Value>(&translated.body.to_bytes()).unwrap();
        }
    }
}
