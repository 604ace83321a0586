//! `POST /v1/responses`: what is accepted, what is refused, and the stream (siwc §10).

use serde_json::{Value, json};
use usher_sandbox::LimitStage;

use super::support::{plan_request, plan_request_with};
use crate::support::{Rig, events, read};

const UNSUPPORTED: &str = "subscription_sharing_unsupported_capability";

async fn signed_in() -> (Rig, String) {
    let rig = Rig::start().await;
    let access_token = rig.sandbox.issue_plan_usage("ada").access_token;
    (rig, access_token)
}

#[tokio::test]
async fn accepted_fields_are_accepted() {
    let (rig, token) = signed_in().await;
    let tool = json!({ "type": "function", "name": "f", "parameters": {}, "strict": true });
    for (name, value) in [
        ("instructions", json!("Be brief.")),
        ("reasoning", json!({ "effort": "low", "summary": "auto", "context": "all_turns" })),
        ("include", json!(["reasoning.encrypted_content"])),
        ("text", json!({ "verbosity": "low", "format": { "type": "json_schema", "schema": {} } })),
        ("tool_choice", json!("auto")),
        ("parallel_tool_calls", json!(false)),
        ("prompt_cache_key", json!("s-1")),
        ("client_metadata", json!({ "session_id": "s-1" })),
        ("context_management", json!([{ "type": "compaction", "compact_threshold": 1000 }])),
        ("service_tier", json!("priority")),
        ("tools", json!([tool, { "type": "custom", "name": "c" }, { "type": "web_search" }])),
        ("tools", json!([{ "type": "namespace", "name": "n", "tools": [tool] }])),
        ("input", json!([{ "role": "developer", "content": "x" }, { "role": "user", "content": "y" }])),
        (
            "input",
            json!([
                { "type": "additional_tools", "role": "developer", "tools": [tool] },
                { "type": "message", "id": "msg_1", "role": "user", "content": "y" },
            ]),
        ),
        (
            "input",
            json!([{ "role": "user", "content": [
            { "type": "input_image", "image_url": "data:image/png;base64,AA==" },
            { "type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AA==" },
        ] }]),
        ),
    ] {
        let response = rig.plan_respond(&token, &plan_request_with(name, &value)).await;
        assert_eq!(response.status(), 200, "{name}: {value}");
    }
}

#[tokio::test]
async fn rejected_fields_are_named_in_detail() {
    let (rig, token) = signed_in().await;
    for name in [
        "background",
        "conversation",
        "max_output_tokens",
        "max_tool_calls",
        "metadata",
        "moderation",
        "multi_agent",
        "prompt",
        "prompt_cache_retention",
        "safety_identifier",
        "temperature",
        "top_logprobs",
        "top_p",
        "truncation",
        "user",
        "previous_response_id",
        "prompt_cache_options",
        "a_field_that_nobody_knows",
    ] {
        let response = rig.plan_respond(&token, &plan_request_with(name, &json!("x"))).await;
        assert!(response.headers().contains_key("x-request-id"));
        let (status, body) = read(response).await;
        assert_eq!(status, 400, "{name}");
        assert!(body["detail"].as_str().expect("text").contains(name), "{name}: {body}");
    }
}

#[tokio::test]
async fn values_that_are_not_accepted_are_rejected() {
    let (rig, token) = signed_in().await;
    let nested = json!([{ "role": "user", "content": [
        { "type": "input_text", "text": "x", "prompt_cache_breakpoint": true },
    ] }]);
    for (name, value) in [
        ("store", json!(true)),
        ("store", Value::Null),
        ("stream", json!(false)),
        ("stream", Value::Null),
        ("input", json!("a bare string")),
        ("input", json!([{ "role": "system", "content": "x" }])),
        ("input", nested),
    ] {
        let (status, body) = read(rig.plan_respond(&token, &plan_request_with(name, &value)).await).await;
        assert_eq!(status, 400, "{name}: {value}");
        assert!(body["detail"].is_string(), "{body}");
    }
}

#[tokio::test]
async fn unsupported_capabilities_are_named_in_param() {
    let (rig, token) = signed_in().await;
    let tools = |kind: &str| json!([{ "type": kind }]);
    let content = |part: Value| json!([{ "role": "user", "content": [part] }]);
    for (name, value) in [
        ("model", json!("gpt-4.1")),
        ("service_tier", json!("flex")),
        ("tools", tools("image_generation")),
        ("tools", tools("tool_search")),
        ("tools", tools("file_search")),
        ("tools", tools("code_interpreter")),
        ("tools", tools("computer_use_preview")),
        ("tools", tools("mcp")),
        ("tools", tools("programmatic_tool_calling")),
        ("tools", json!([{ "type": "namespace", "name": "n", "tools": [{ "type": "tool_search" }] }])),
        ("input", json!([{ "type": "compaction_trigger" }])),
        ("input", json!([{ "type": "additional_tools", "role": "developer", "tools": [{ "type": "mcp" }] }])),
        ("input", json!([{ "type": "additional_tools", "role": "user", "tools": [] }])),
        ("input", content(json!({ "type": "input_audio", "input_audio": {} }))),
        ("input", content(json!({ "type": "input_file", "file_id": "file-1" }))),
        ("input", content(json!({ "type": "input_image", "file_id": "file-1" }))),
    ] {
        let (status, body) = read(rig.plan_respond(&token, &plan_request_with(name, &value)).await).await;
        assert_eq!(status, 400, "{name}: {value}");
        assert_eq!((&body["error"]["code"], &body["error"]["param"]), (&json!(UNSUPPORTED), &json!(name)));
    }
}

#[tokio::test]
async fn flat_tools_can_be_refused() {
    let (rig, token) = signed_in().await;
    rig.change_plan_settings(|settings| settings.flat_tools = false);
    let tool = json!({ "type": "function", "name": "f", "parameters": {} });
    let flat = plan_request_with("tools", &json!([tool]));
    let (status, body) = read(rig.plan_respond(&token, &flat).await).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!(UNSUPPORTED)));
    let nested = json!([{ "type": "namespace", "name": "n", "tools": [tool] }, { "type": "web_search" }]);
    assert_eq!(rig.plan_respond(&token, &plan_request_with("tools", &nested)).await.status(), 200);
}

#[tokio::test]
async fn body_is_plain_json() {
    let (rig, token) = signed_in().await;
    let url = format!("{}/responses", rig.sandbox.platform());
    let text = rig.http.post(&url).bearer_auth(&token).body(plan_request("x").to_string());
    assert_eq!(text.send().await.expect("a response").status(), 415);
    let encoded = rig.http.post(&url).bearer_auth(&token).header("content-encoding", "identity");
    assert_eq!(encoded.json(&plan_request("x")).send().await.expect("a response").status(), 415);
    let list = rig.http.post(&url).bearer_auth(&token).json(&json!([]));
    assert_eq!(list.send().await.expect("a response").status(), 400);
}

#[tokio::test]
async fn stream_ends_with_complete_response() {
    let (rig, token) = signed_in().await;
    let events = events(rig.plan_respond(&token, &plan_request("hello")).await).await;
    let last = events.last().expect("events");
    assert_eq!(last["type"], "response.completed");
    let message = &last["response"]["output"][0];
    assert_eq!(message["content"][0]["text"], "ready");
    assert_eq!(message["phase"], "final_answer");
    assert_eq!(events[0]["sequence_number"], 0);
}

#[tokio::test]
async fn completed_output_is_empty_by_setting() {
    let (rig, token) = signed_in().await;
    rig.change_plan_settings(|settings| settings.empty_output = true);
    let events = events(rig.plan_respond(&token, &plan_request("hello")).await).await;
    assert_eq!(events.last().expect("events")["response"]["output"], json!([]));
    let done = events.iter().find(|event| event["type"] == "response.output_item.done").expect("an item");
    assert_eq!(done["item"]["content"][0]["text"], "ready");
}

#[tokio::test]
async fn comment_comes_before_answer_with_its_phase() {
    let (rig, token) = signed_in().await;
    let events = events(rig.plan_respond(&token, &plan_request("comment first, count to 2")).await).await;
    let output = &events.last().expect("events")["response"]["output"];
    let phases: Vec<_> = [&output[0], &output[1]]
        .map(|item| (item["phase"].as_str(), item["content"][0]["text"].as_str()))
        .into();
    assert_eq!(phases, [(Some("commentary"), Some("Let me see.")), (Some("final_answer"), Some("1 2 "))]);
    let added: Vec<_> = events
        .iter()
        .filter(|event| event["type"] == "response.output_item.added")
        .map(|event| event["item"]["phase"].as_str())
        .collect();
    assert_eq!(added, [Some("commentary"), Some("final_answer")]);
}

#[tokio::test]
async fn stream_lacks_content_type_by_setting() {
    let (rig, token) = signed_in().await;
    rig.change_plan_settings(|settings| settings.stream_content_type = false);
    let response = rig.plan_respond(&token, &plan_request("hello")).await;
    assert_eq!(response.status(), 200);
    assert!(!response.headers().contains_key("content-type"));
    assert!(response.text().await.expect("text").contains("response.completed"));
}

#[tokio::test]
async fn limit_is_reached_before_or_in_stream() {
    let (rig, token) = signed_in().await;
    let code = json!("subscription_sharing_usage_limit_exceeded");
    let set = |stage| {
        rig.change_plan_settings(|settings| {
            settings.limit_reached.insert("ada".to_owned(), stage);
        });
    };
    set(LimitStage::BeforeStream);
    let response = rig.plan_respond(&token, &plan_request("hello")).await;
    assert!(!response.headers().contains_key("retry-after"), "no time is known");
    let (status, body) = read(response).await;
    assert_eq!((status, &body["error"]["code"]), (429, &code));
    set(LimitStage::InStream);
    let events = events(rig.plan_respond(&token, &plan_request("hello")).await).await;
    let last = events.last().expect("events");
    assert_eq!((&last["type"], &last["response"]["error"]["code"]), (&json!("response.failed"), &code));
    assert_eq!(events.len(), 3);
    assert_eq!(rig.plan_models(&token, "").await.status(), 200, "the list is not limited");
    let pia = rig.sandbox.issue_plan_usage("pia").access_token;
    assert_eq!(rig.plan_respond(&pia, &plan_request("hello")).await.status(), 200);
}

#[tokio::test]
async fn encrypted_reasoning_is_for_its_account() {
    let (rig, token) = signed_in().await;
    let mut body = plan_request("think");
    body["include"] = json!(["reasoning.encrypted_content"]);
    let events = events(rig.plan_respond(&token, &body).await).await;
    let reasoning = events.last().expect("events")["response"]["output"][0].clone();
    assert_eq!(reasoning["type"], "reasoning");
    let next = plan_request_with("input", &json!([reasoning, { "role": "user", "content": "x" }]));
    assert_eq!(rig.plan_respond(&token, &next).await.status(), 200);
    let pia = rig.sandbox.issue_plan_usage("pia").access_token;
    let (status, body) = read(rig.plan_respond(&pia, &next).await).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!("invalid_encrypted_content")));
}
