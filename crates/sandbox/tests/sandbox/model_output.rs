//! The output of the "model" for tools, images, schemas and reasoning, in each API.

use serde_json::{Value, json};

use crate::support::{Rig, events, model_request, read, signed};

/// Streams a response of the backend as `ada`.
async fn backend(rig: &Rig, body: &Value) -> Vec<Value> {
    let tokens = rig.sandbox.issue("ada");
    events(rig.respond(&tokens, body).send().await.expect("a response")).await
}

/// Sends a request to the Platform at `path`, and returns the complete response.
async fn platform(rig: &Rig, path: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}/{path}", rig.sandbox.platform());
    read(rig.http.post(url).bearer_auth("sk-sandbox-1").json(body).send().await.expect("a response")).await
}

fn with(text: &str, changes: &Value) -> Value {
    let mut body = model_request(text);
    for (name, value) in changes.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|event| event["type"].as_str()).collect()
}

fn deltas(events: &[Value], kind: &str) -> String {
    let deltas = events.iter().filter(|event| event["type"] == kind);
    deltas.filter_map(|event| event["delta"].as_str()).collect()
}

fn done(events: &[Value]) -> Vec<&Value> {
    let done = events.iter().filter(|event| event["type"] == "response.output_item.done");
    done.map(|event| &event["item"]).collect()
}

#[tokio::test]
async fn function_call_streams_in_deltas() {
    let rig = Rig::start().await;
    let tools = json!([{ "type": "function", "name": "look", "parameters": {} }]);
    let events = backend(&rig, &with(r#"call look with {"at":"sky"}"#, &json!({ "tools": tools }))).await;
    assert_eq!(
        kinds(&events),
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
    assert_eq!(
        (&events[2]["item"]["arguments"], &events[2]["item"]["status"]),
        (&json!(""), &json!("in_progress"))
    );
    assert_eq!(deltas(&events, "response.function_call_arguments.delta"), r#"{"at":"sky"}"#);
    assert_eq!(events[5]["arguments"], r#"{"at":"sky"}"#);
    let item = &events[6]["item"];
    assert_eq!(
        (&item["type"], &item["name"], &item["id"]),
        (&json!("function_call"), &json!("look"), &events[2]["item"]["id"])
    );
    assert!(item["call_id"].as_str().is_some_and(|id| id.starts_with("call_")));
    assert!(item.get("namespace").is_none());
}

#[tokio::test]
async fn tools_in_input_and_namespaces_are_called() {
    let rig = Rig::start().await;
    let space = json!({ "type": "namespace", "name": "functions", "tools": [
        { "type": "custom", "name": "exec", "format": { "type": "grammar" } },
        { "type": "function", "name": "wait" },
    ] });
    let input = json!([
        { "type": "additional_tools", "role": "developer", "tools": [space] },
        { "role": "user", "content": r#"call exec with "text(1)" and call functions.wait with {}"# },
    ]);
    let events = backend(&rig, &with("", &json!({ "input": input }))).await;
    assert_eq!(deltas(&events, "response.custom_tool_call_input.delta"), "text(1)");
    let done = done(&events);
    assert_eq!((&done[0]["type"], &done[0]["input"]), (&json!("custom_tool_call"), &json!("text(1)")));
    assert_eq!((&done[1]["type"], &done[1]["arguments"]), (&json!("function_call"), &json!("{}")));
    assert!(done.iter().all(|item| item["namespace"] == "functions"));
    assert_ne!(done[0]["call_id"], done[1]["call_id"]);

    let one = backend(&rig, &with("", &json!({ "input": input, "parallel_tool_calls": false }))).await;
    assert_eq!(one.iter().filter(|event| event["type"] == "response.output_item.done").count(), 1);
}

#[tokio::test]
async fn undeclared_tool_is_not_called() {
    let rig = Rig::start().await;
    let events = backend(&rig, &model_request("call look with {}")).await;
    assert_eq!(done(&events)[0]["content"][0]["text"], "There is no such tool.");
}

#[tokio::test]
async fn tool_output_is_quoted_once() {
    let rig = Rig::start().await;
    let picture = json!({ "type": "input_image", "image_url": "data:image/png;base64,AA==" });
    let mut items = vec![
        json!({ "role": "user", "content": "call look with {}" }),
        json!({ "type": "function_call", "call_id": "c", "name": "look", "arguments": "{}" }),
        json!({ "type": "function_call_output", "call_id": "c",
                "output": [{ "type": "input_text", "text": "stars" }, picture] }),
    ];
    let text_of = |events: Vec<Value>| done(&events)[0]["content"][0]["text"].clone();
    let text = text_of(backend(&rig, &with("", &json!({ "input": items }))).await);
    assert_eq!(text, "the tool said: stars; I see 1 image");
    items.push(json!({ "role": "assistant", "content": "the tool said: stars" }));
    items.push(json!({ "role": "user", "content": "thanks" }));
    assert_eq!(text_of(backend(&rig, &with("", &json!({ "input": items }))).await), "ready");
}

#[tokio::test]
async fn images_and_files_are_counted() {
    let rig = Rig::start().await;
    let content = json!([
        { "type": "input_text", "text": "look" }, { "type": "input_image" }, { "type": "input_image" },
        { "type": "input_file" },
    ]);
    let events =
        backend(&rig, &with("", &json!({ "input": [{ "role": "user", "content": content }] }))).await;
    assert_eq!(done(&events)[0]["content"][0]["text"], "I see 2 images; I see 1 file");
}

#[tokio::test]
async fn reasoning_has_summary_and_encryption_when_requested() {
    let rig = Rig::start().await;
    let bare = backend(&rig, &model_request("think")).await;
    assert_eq!(done(&bare)[0]["summary"], json!([]));
    assert!(done(&bare)[0].get("encrypted_content").is_none());
    let options = json!({ "reasoning": { "summary": "auto" }, "include": ["reasoning.encrypted_content"] });
    let events = backend(&rig, &with("think", &options)).await;
    assert_eq!(
        kinds(&events)[2..9],
        [
            "response.output_item.added",
            "response.reasoning_summary_part.added",
            "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.done",
            "response.reasoning_summary_part.done",
            "response.output_item.done",
        ]
    );
    let done = done(&events);
    assert_eq!(done[0]["summary"], json!([{ "type": "summary_text", "text": "Thinking it over." }]));
    assert!(done[0]["encrypted_content"].is_string());
    assert_eq!(done[1]["type"], "message");
    assert!(events.iter().skip(9).take(1).all(|event| event["output_index"] == 1));
}

#[tokio::test]
async fn encrypted_reasoning_of_other_account_is_rejected() {
    let rig = Rig::start().await;
    let sealing = with("think", &json!({ "include": ["reasoning.encrypted_content"] }));
    let sealed = done(&backend(&rig, &sealing).await)[0].clone();
    let back = |item: &Value| {
        let words = json!({ "role": "user", "content": "go on" });
        with("", &json!({ "input": [words, item, words] }))
    };
    assert_eq!(kinds(&backend(&rig, &back(&sealed)).await).last(), Some(&"response.completed"));

    let mut forged = sealed.clone();
    forged["encrypted_content"] = "gAAAAAforged".into();
    let tokens = rig.sandbox.issue("ada");
    let (status, response) =
        read(rig.respond(&tokens, &back(&forged)).send().await.expect("a response")).await;
    assert_eq!((status, &response["error"]["code"]), (400, &json!("invalid_encrypted_content")));

    let other = rig.sandbox.issue("pia").access_token;
    let url = format!("{}/codex/responses", rig.sandbox.chatgpt());
    let request = signed(rig.http.post(url).json(&back(&sealed)), &other, "pia");
    assert_eq!(request.send().await.expect("a response").status(), 400, "another account");

    let input = json!([sealed, { "role": "user", "content": "go on" }]);
    let (status, _) = platform(&rig, "responses", &json!({ "model": "gpt-5.5", "input": input })).await;
    assert_eq!(status, 400, "another service");
}

#[tokio::test]
async fn response_with_schema_matches_it() {
    let rig = Rig::start().await;
    let schema = json!({ "type": "object", "properties": { "word": { "type": "string" } } });
    let body = json!({ "model": "gpt-5.5", "input": "hi",
                       "text": { "format": { "type": "json_schema", "name": "s", "schema": schema } } });
    let (_, response) = platform(&rig, "responses", &body).await;
    assert_eq!(response["output"][0]["content"][0]["text"], r#"{"word":"ready"}"#);
    let body = json!({ "model": "gpt-5.5", "messages": [{ "role": "user", "content": "hi" }],
                       "response_format": { "type": "json_schema", "json_schema": { "name": "s", "schema": schema } } });
    let (_, response) = platform(&rig, "chat/completions", &body).await;
    assert_eq!(response["choices"][0]["message"]["content"], r#"{"word":"ready"}"#);
}

/// Returns a chat request that calls a function and a custom tool at once.
fn chat(stream: bool) -> Value {
    json!({
        "model": "gpt-5.5",
        "stream": stream,
        "messages": [{ "role": "user", "content": r#"call look with {"at":"sky"} and call say with "hello"."# }],
        "tools": [{ "type": "function", "function": { "name": "look" } }, { "type": "custom", "custom": { "name": "say" } }],
    })
}

#[tokio::test]
async fn chat_completion_non_streaming_calls_tools() {
    let rig = Rig::start().await;
    let (_, response) = platform(&rig, "chat/completions", &chat(false)).await;
    let choice = &response["choices"][0];
    assert_eq!(
        (&choice["finish_reason"], &choice["message"]["content"]),
        (&json!("tool_calls"), &Value::Null)
    );
    let calls = &choice["message"]["tool_calls"];
    assert_eq!(calls[0]["function"], json!({ "name": "look", "arguments": r#"{"at":"sky"}"# }));
    assert_eq!(calls[1]["custom"], json!({ "name": "say", "input": "hello" }));

    let mut messages = chat(false)["messages"].clone();
    let list = messages.as_array_mut().expect("a list");
    list.push(choice["message"].clone());
    list.push(json!({ "role": "tool", "tool_call_id": calls[0]["id"], "content": "stars" }));
    let (_, response) =
        platform(&rig, "chat/completions", &json!({ "model": "gpt-5.5", "messages": messages })).await;
    assert_eq!(response["choices"][0]["message"]["content"], "the tool said: stars");
    assert_eq!(response["choices"][0]["finish_reason"], "stop");
}

#[tokio::test]
async fn chat_completion_streaming_calls_tools_in_deltas() {
    let rig = Rig::start().await;
    let url = format!("{}/chat/completions", rig.sandbox.platform());
    let chunks = events(
        rig.http.post(url).bearer_auth("sk-sandbox-1").json(&chat(true)).send().await.expect("a response"),
    )
    .await;
    assert_eq!(chunks.last(), Some(&json!("[DONE]")));
    let calls: Vec<&Value> =
        chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["tool_calls"].get(0)).collect();
    assert_eq!(
        (&calls[0]["function"]["name"], &calls[0]["function"]["arguments"]),
        (&json!("look"), &json!(""))
    );
    let of = |number: i32, kind: &str, member: &str| -> String {
        let calls = calls.iter().filter(|call| call["index"] == number);
        calls.filter_map(|call| call[kind][member].as_str()).collect()
    };
    assert_eq!(of(0, "function", "arguments"), r#"{"at":"sky"}"#);
    assert_eq!((of(1, "custom", "name"), of(1, "custom", "input")), ("say".to_owned(), "hello".to_owned()));
    assert_eq!(chunks[chunks.len() - 2]["choices"][0]["finish_reason"], "tool_calls");
}
