//! Model requests: what is taken and what is refused (protocol §8.2).

use serde_json::{Value, json};

use crate::support::{Rig, ask, events, read, signed};

/// `ask` with one field replaced.
fn with(name: &str, value: Value) -> Value {
    let mut body = ask("say ready");
    body[name] = value;
    body
}

fn without(name: &str) -> Value {
    let mut body = ask("say ready");
    body.as_object_mut().expect("an object").remove(name);
    body
}

/// The `detail` of a 400.
async fn refused(body: &Value) -> String {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    let (status, answer) = read(rig.respond(&tokens, body).send().await.expect("an answer")).await;
    assert_eq!(status, 400, "{body}");
    answer["detail"].as_str().expect("detail").to_owned()
}

async fn taken(body: &Value) -> Vec<Value> {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    events(rig.respond(&tokens, body).send().await.expect("an answer")).await
}

#[tokio::test]
async fn the_answer_has_the_events_of_the_backend_in_order() {
    let events = taken(&ask("say ready")).await;
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
async fn headers_name_the_model_the_request_and_the_catalogue() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    let models = rig.models(&tokens.access_token, "ada", "?client_version=0.169.0").await;
    let response = rig.respond(&tokens, &ask("hi")).send().await.expect("an answer");
    assert_eq!(response.headers()["x-models-etag"], models.headers()["etag"]);
    assert_eq!(response.headers()["openai-model"], "gpt-6.1-sol");
    assert!(!response.headers()["x-request-id"].is_empty());
    let sticky = rig.respond(&tokens, &ask("hi")).header("x-codex-turn-state", "mine");
    assert_eq!(sticky.send().await.expect("an answer").headers()["x-codex-turn-state"], "mine");
}

#[tokio::test]
async fn store_must_be_false() {
    assert_eq!(refused(&with("store", json!(true))).await, "Store must be set to false");
    assert_eq!(refused(&without("store")).await, "Store must be set to false");
}

#[tokio::test]
async fn stream_must_be_true() {
    assert_eq!(refused(&with("stream", json!(false))).await, "Stream must be set to true");
    assert_eq!(refused(&without("stream")).await, "Stream must be set to true");
}

#[tokio::test]
async fn the_input_must_be_a_list() {
    assert_eq!(refused(&with("input", json!("say ready"))).await, "Input must be a list");
    assert_eq!(refused(&without("input")).await, "Input must be a list");
}

#[tokio::test]
async fn the_role_system_is_refused() {
    let input = json!([{ "role": "system", "content": "x" }, { "role": "user", "content": "y" }]);
    assert_eq!(refused(&with("input", input)).await, "System messages are not allowed");
}

#[tokio::test]
async fn each_unsupported_parameter_is_refused_by_name() {
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
async fn an_unsupported_parameter_inside_the_input_is_refused() {
    let part = json!({ "type": "input_text", "text": "x", "prompt_cache_breakpoint": true });
    let body = with("input", json!([{ "role": "user", "content": [part] }]));
    assert_eq!(refused(&body).await, "Unsupported parameter: prompt_cache_breakpoint");
}

#[tokio::test]
async fn only_the_priority_tier_is_taken() {
    assert_eq!(refused(&with("service_tier", json!("flex"))).await, "Unsupported parameter: service_tier");
    taken(&with("service_tier", json!("priority"))).await;
}

#[tokio::test]
async fn instructions_may_be_left_out_only_for_a_developer_message() {
    assert_eq!(refused(&without("instructions")).await, "Instructions are required");
    let mut body = without("instructions");
    body["input"] =
        json!([{ "role": "developer", "content": "be brief" }, { "role": "user", "content": "hi" }]);
    taken(&body).await;
}

#[tokio::test]
async fn empty_instructions_are_refused_on_the_classic_form() {
    assert_eq!(refused(&with("instructions", json!(""))).await, "Instructions are required");
    assert_eq!(refused(&with("instructions", json!(null))).await, "Instructions are required");
}

#[tokio::test]
async fn an_unknown_model_is_refused_in_the_words_of_the_backend() {
    assert_eq!(
        refused(&with("model", json!("gpt-9"))).await,
        "The 'gpt-9' model is not supported when using Codex with a ChatGPT account."
    );
    assert!(refused(&without("model")).await.contains("is not supported when using Codex"));
}

#[tokio::test]
async fn a_model_outside_the_plan_is_refused() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue("fay").access_token;
    let url = format!("{}/codex/responses", rig.sandbox.chatgpt());
    let request = rig.http.post(url).json(&with("model", json!("gpt-6-astra")));
    let response = signed(request, &token, "fay").send().await.expect("an answer");
    assert_eq!(response.status(), 400);
}

#[tokio::test]
async fn an_effort_outside_the_models_list_is_refused() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    let mut body = with("model", json!("gpt-5.5"));
    body["reasoning"] = json!({ "effort": "max" });
    let (status, answer) = read(rig.respond(&tokens, &body).send().await.expect("an answer")).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!("unsupported_value")));
    body["reasoning"] = json!({ "effort": "high" });
    assert_eq!(rig.respond(&tokens, &body).send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    let request = rig.respond(&tokens, &json!({})).body("{");
    assert_eq!(request.send().await.expect("an answer").status(), 400);
    let list = rig.respond(&tokens, &json!([]));
    assert_eq!(list.send().await.expect("an answer").status(), 400);
}

#[tokio::test]
async fn another_content_type_is_refused() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    let url = format!("{}/codex/responses", rig.sandbox.chatgpt());
    let request = rig.http.post(url).body(ask("hi").to_string()).header("content-type", "text/plain");
    let response = signed(request, &tokens.access_token, "ada").send().await.expect("an answer");
    assert_eq!(response.status(), 415);
}

/// As Codex 0.169.0 sends it: no instructions, no tools, the prompt in a developer message.
fn lite() -> Value {
    json!({
        "model": "gpt-6.1-sol",
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
async fn the_lite_form_is_taken_compressed_and_plain() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    let header = "x-openai-internal-codex-responses-lite";
    let plain = rig.respond(&tokens, &lite()).header(header, "true").send().await.expect("an answer");
    assert_eq!(events(plain).await.len(), 10);
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    let small = ruzstd::encoding::compress_to_vec(lite().to_string().as_bytes(), level);
    let compressed =
        rig.respond(&tokens, &lite()).header(header, "true").header("content-encoding", "zstd").body(small);
    assert_eq!(events(compressed.send().await.expect("an answer")).await.len(), 10);
    assert_eq!(rig.sandbox.requests("responses")[1].body, lite(), "recorded as if it had been plain");
}

#[tokio::test]
async fn lite_requests_may_have_empty_instructions() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    let mut body = lite();
    body["instructions"] = json!("");
    assert_eq!(
        rig.respond(&tokens, &body).send().await.expect("an answer").status(),
        400,
        "without the header"
    );
    let request = rig.respond(&tokens, &body).header("x-openai-internal-codex-responses-lite", "true");
    assert_eq!(request.send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn a_broken_or_foreign_compression_is_refused() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    for (encoding, status) in [("zstd", 400), ("br", 415)] {
        let request = rig.respond(&tokens, &ask("hi")).header("content-encoding", encoding);
        assert_eq!(request.send().await.expect("an answer").status(), status, "{encoding}");
    }
}
