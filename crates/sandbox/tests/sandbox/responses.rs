//! Model requests: what is accepted and what is rejected (protocol §8.2).

use serde_json::{Value, json};

use crate::support::{Rig, events, model_request, read, signed};

/// Returns a model request with one field replaced.
fn with(name: &str, value: Value) -> Value {
    let mut body = model_request("say ready");
    body[name] = value;
    body
}

fn without(name: &str) -> Value {
    let mut body = model_request("say ready");
    body.as_object_mut().expect("an object").remove(name);
    body
}

/// Returns the `detail` of a 400.
async fn refused(body: &Value) -> String {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    let (status, response) = read(rig.respond(&tokens, body).send().await.expect("a response")).await;
    assert_eq!(status, 400, "{body}");
    response["detail"].as_str().expect("detail").to_owned()
}

async fn taken(body: &Value) -> Vec<Value> {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    events(rig.respond(&tokens, body).send().await.expect("a response")).await
}

#[tokio::test]
async fn response_has_backend_events_in_order() {
    let events = taken(&model_request("say ready")).await;
    let kinds: Vec<_> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    assert_eq!(
        kinds,
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
    let text: String = events.iter().filter_map(|event| event["delta"].as_str()).collect();
    assert_eq!(text, "ready");
    assert_eq!(events[8]["item"]["content"][0]["text"], "ready");
    let completed = &events[9]["response"];
    assert_eq!(completed["output"], json!([]), "the items came before (§8.3)");
    assert_eq!(completed["usage"]["output_tokens"], 2);
    assert!(events[0].get("sequence_number").is_none());
}

#[tokio::test]
async fn response_headers_have_model_request_and_etag() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    let models = rig.models(&tokens.access_token, "ada", "?client_version=0.171.0").await;
    let response = rig.respond(&tokens, &model_request("hi")).send().await.expect("a response");
    assert_eq!(response.headers()["x-models-etag"], models.headers()["etag"]);
    assert_eq!(response.headers()["openai-model"], "gpt-6.2-sol");
    assert!(!response.headers()["x-request-id"].is_empty());
    let sticky = rig.respond(&tokens, &model_request("hi")).header("x-codex-turn-state", "mine");
    assert_eq!(sticky.send().await.expect("a response").headers()["x-codex-turn-state"], "mine");
}

#[tokio::test]
async fn store_that_is_not_false_is_rejected() {
    assert_eq!(refused(&with("store", json!(true))).await, "Store must be set to false");
    assert_eq!(refused(&without("store")).await, "Store must be set to false");
}

#[tokio::test]
async fn stream_that_is_not_true_is_rejected() {
    assert_eq!(refused(&with("stream", json!(false))).await, "Stream must be set to true");
    assert_eq!(refused(&without("stream")).await, "Stream must be set to true");
}

#[tokio::test]
async fn input_that_is_no_list_is_rejected() {
    assert_eq!(refused(&with("input", json!("say ready"))).await, "Input must be a list");
    assert_eq!(refused(&without("input")).await, "Input must be a list");
}

#[tokio::test]
async fn system_role_is_rejected() {
    let input = json!([{ "role": "system", "content": "x" }, { "role": "user", "content": "y" }]);
    assert_eq!(refused(&with("input", input)).await, "System messages are not allowed");
}

#[tokio::test]
async fn unsupported_parameter_is_rejected_by_name() {
    for name in [
        "max_output_tokens",
        "max_completion_tokens",
        "temperature",
        "top_p",
        "truncation",
        "user",
        "metadata",
        "safety_identifier",
        "prompt_cache_retention",
        "prompt_cache_options",
        "context_management",
        "stream_options",
        "previous_response_id",
    ] {
        assert_eq!(refused(&with(name, json!(1))).await, format!("Unsupported parameter: {name}"));
    }
}

#[tokio::test]
async fn unsupported_nested_parameter_is_rejected() {
    let part = json!({ "type": "input_text", "text": "x", "prompt_cache_breakpoint": true });
    let body = with("input", json!([{ "role": "user", "content": [part] }]));
    assert_eq!(refused(&body).await, "Unsupported parameter: prompt_cache_breakpoint");
}

#[tokio::test]
async fn service_tier_other_than_priority_is_rejected() {
    assert_eq!(refused(&with("service_tier", json!("flex"))).await, "Unsupported parameter: service_tier");
    taken(&with("service_tier", json!("priority"))).await;
}

#[tokio::test]
async fn missing_instructions_need_developer_message() {
    assert_eq!(refused(&without("instructions")).await, "Instructions are required");
    let mut body = without("instructions");
    body["input"] =
        json!([{ "role": "developer", "content": "be brief" }, { "role": "user", "content": "hi" }]);
    taken(&body).await;
}

#[tokio::test]
async fn empty_instructions_in_classic_form_are_rejected() {
    assert_eq!(refused(&with("instructions", json!(""))).await, "Instructions are required");
    assert_eq!(refused(&with("instructions", json!(null))).await, "Instructions are required");
}

#[tokio::test]
async fn unknown_model_is_rejected_with_backend_message() {
    assert_eq!(
        refused(&with("model", json!("gpt-9"))).await,
        "The 'gpt-9' model is not supported when using Codex with a ChatGPT account."
    );
    assert!(refused(&without("model")).await.contains("is not supported when using Codex"));
}

#[tokio::test]
async fn model_outside_plan_is_rejected() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue("fay").access_token;
    let url = format!("{}/codex/responses", rig.sandbox.chatgpt());
    let request = rig.http.post(url).json(&with("model", json!("gpt-6.2-astra")));
    let response = signed(request, &token, "fay").send().await.expect("a response");
    assert_eq!(response.status(), 400);
}

#[tokio::test]
async fn effort_outside_model_is_rejected() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    let mut body = with("model", json!("gpt-5.5"));
    body["reasoning"] = json!({ "effort": "max" });
    let (status, response) = read(rig.respond(&tokens, &body).send().await.expect("a response")).await;
    assert_eq!((status, &response["error"]["code"]), (400, &json!("unsupported_value")));
    body["reasoning"] = json!({ "effort": "high" });
    assert_eq!(rig.respond(&tokens, &body).send().await.expect("a response").status(), 200);
}

#[tokio::test]
async fn body_that_is_no_json_is_rejected() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    let request = rig.respond(&tokens, &json!({})).body("{");
    assert_eq!(request.send().await.expect("a response").status(), 400);
    let list = rig.respond(&tokens, &json!([]));
    assert_eq!(list.send().await.expect("a response").status(), 400);
}

#[tokio::test]
async fn other_content_type_is_rejected() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    let url = format!("{}/codex/responses", rig.sandbox.chatgpt());
    let request =
        rig.http.post(url).body(model_request("hi").to_string()).header("content-type", "text/plain");
    let response = signed(request, &tokens.access_token, "ada").send().await.expect("a response");
    assert_eq!(response.status(), 415);
}

/// As Codex 0.171.0 sends it: no instructions, no tools, the prompt in a developer message.
fn lite() -> Value {
    json!({
        "model": "gpt-6.2-sol",
        "input": [
            { "type": "additional_tools", "id": "at_1", "role": "developer", "tools": [] },
            { "type": "message", "id": "msg_1", "role": "developer",
              "content": [{ "type": "input_text", "text": "You are an agent." }],
              "internal_chat_message_metadata_passthrough": { "turn_id": "t" } },
            { "type": "message", "id": "msg_2", "role": "user",
              "content": [{ "type": "input_text", "text": "say hi" }] },
        ],
        "tool_choice": "auto",
        "parallel_tool_calls": false,
        "reasoning": { "effort": "low", "context": "all_turns" },
        "store": false,
        "stream": true,
        "include": ["reasoning.encrypted_content"],
        "prompt_cache_key": "k",
        "text": { "verbosity": "low" },
        "client_metadata": { "session_id": "s" },
    })
}

#[tokio::test]
async fn lite_form_compressed_or_plain_is_accepted() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    let header = "x-openai-internal-codex-responses-lite";
    let plain = rig.respond(&tokens, &lite()).header(header, "true").send().await.expect("a response");
    assert_eq!(events(plain).await.len(), 10);
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    let small = ruzstd::encoding::compress_to_vec(lite().to_string().as_bytes(), level);
    let compressed =
        rig.respond(&tokens, &lite()).header(header, "true").header("content-encoding", "zstd").body(small);
    assert_eq!(events(compressed.send().await.expect("a response")).await.len(), 10);
    assert_eq!(rig.sandbox.requests("responses")[1].body, lite(), "recorded as if it had been plain");
}

#[tokio::test]
async fn empty_instructions_in_lite_form_are_accepted() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    let mut body = lite();
    body["instructions"] = json!("");
    assert_eq!(
        rig.respond(&tokens, &body).send().await.expect("a response").status(),
        400,
        "without the header"
    );
    let request = rig.respond(&tokens, &body).header("x-openai-internal-codex-responses-lite", "true");
    assert_eq!(request.send().await.expect("a response").status(), 200);
}

#[tokio::test]
async fn broken_or_unknown_compression_is_rejected() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    for (encoding, status) in [("zstd", 400), ("br", 415)] {
        let request = rig.respond(&tokens, &model_request("hi")).header("content-encoding", encoding);
        assert_eq!(request.send().await.expect("a response").status(), status, "{encoding}");
    }
}
