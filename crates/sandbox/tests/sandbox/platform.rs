//! The Platform (protocol §7.2, protocol §8.5, protocol §9.4).

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use usher_sandbox::Fault;

use crate::support::{Rig, events, read};

const PATHS: [&str; 2] = ["/responses", "/chat/completions"];

/// Returns a body for both endpoints: each ignores the other's field.
fn model_request(model: &str) -> Value {
    json!({ "model": model, "input": "say ready", "messages": [{ "role": "user", "content": "say ready" }] })
}

async fn post(rig: &Rig, path: &str, key: &str, body: &Value) -> Response {
    let url = format!("{}{path}", rig.sandbox.platform());
    rig.http.post(url).bearer_auth(key).json(body).send().await.expect("a response")
}

fn models(rig: &Rig, key: &str) -> RequestBuilder {
    rig.http.get(format!("{}/models", rig.sandbox.platform())).bearer_auth(key)
}

async fn ids(rig: &Rig, key: &str) -> Vec<String> {
    let (status, body) = read(models(rig, key).send().await.expect("a response")).await;
    assert_eq!((status, &body["object"]), (200, &json!("list")));
    let data = body["data"].as_array().expect("a list");
    data.iter().filter_map(|model| model["id"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn wrong_key_is_rejected_and_repeated_masked() {
    let rig = Rig::start().await;
    for (key, repeated) in [
        ("sk-live-abcdefgh1234", "sk-live***1234"),
        ("sk-sandbox-revoked", "sk-sand***oked"),
        ("sk-sandbox-", "***********"),
    ] {
        let (status, body) = read(models(&rig, key).send().await.expect("a response")).await;
        assert_eq!((status, &body["error"]["code"]), (401, &json!("invalid_api_key")), "{key}");
        let message = body["error"]["message"].as_str().expect("a message");
        assert!(message.starts_with(&format!("Incorrect API key provided: {repeated}.")), "{message}");
        for path in PATHS {
            assert_eq!(post(&rig, path, key, &model_request("gpt-5.5")).await.status(), 401, "{key}");
        }
    }
}

#[tokio::test]
async fn missing_key_is_rejected_without_code() {
    let rig = Rig::start().await;
    let request = rig.http.get(format!("{}/models", rig.sandbox.platform()));
    let (status, body) = read(request.send().await.expect("a response")).await;
    assert_eq!((status, &body["error"]["code"]), (401, &Value::Null));
    assert_eq!(body["error"]["type"], "invalid_request_error");
}

#[tokio::test]
async fn chatgpt_token_at_platform_lacks_scopes() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue("ada").access_token;
    assert_eq!(models(&rig, &token).send().await.expect("a response").status(), 403);
}

#[tokio::test]
async fn models_have_platform_format() {
    let rig = Rig::start().await;
    let response = models(&rig, "sk-sandbox-1").send().await.expect("a response");
    assert_eq!(response.headers()["x-ratelimit-reset-tokens"], "6m0s");
    assert_eq!(response.headers()["openai-organization"], "org-sandbox");
    assert!(response.headers().contains_key("x-request-id"));
    let (_, body) = read(response).await;
    assert_eq!((&body["object"], &body["data"][0]["object"]), (&json!("list"), &json!("model")));
    assert!(body["data"][0]["created"].is_i64() && body["data"][0]["owned_by"].is_string());
}

#[tokio::test]
async fn non_text_models_are_listed_and_reject_text() {
    let rig = Rig::start().await;
    let listed = ids(&rig, "sk-sandbox-1").await;
    assert_eq!(listed[0], "text-embedding-3-large", "a client that takes the first is caught");
    for model in [
        "gpt-6.2-sol",
        "gpt-6.1-sol",
        "gpt-6-sol",
        "gpt-5.5",
        "gpt-5.6-luna",
        "o4-mini",
        "ft:gpt-5.5:acme::abc",
    ] {
        assert!(listed.iter().any(|id| id == model), "{model}");
        for path in PATHS {
            assert_eq!(
                post(&rig, path, "sk-sandbox-1", &model_request(model)).await.status(),
                200,
                "{model}"
            );
        }
    }
    for model in ["text-embedding-3-large", "whisper-1", "dall-e-3", "sora-2", "davinci-002", "gpt-realtime"]
    {
        assert!(listed.iter().any(|id| id == model), "{model}");
        for (path, expected) in PATHS.into_iter().zip([400, 404]) {
            let (status, body) = read(post(&rig, path, "sk-sandbox-1", &model_request(model)).await).await;
            assert_eq!((status, &body["error"]["param"]), (expected, &json!("model")), "{model}");
        }
    }
}

#[tokio::test]
async fn platform_models_setting_replaces_list() {
    let rig = Rig::start().await;
    rig.control("settings", &json!({ "platform_models": ["whisper-1", "gpt-42"] })).await;
    assert_eq!(ids(&rig, "sk-sandbox-1").await, ["whisper-1", "gpt-42"]);
    assert_eq!(post(&rig, "/responses", "sk-sandbox-1", &model_request("gpt-42")).await.status(), 200);
    assert_eq!(post(&rig, "/responses", "sk-sandbox-1", &model_request("gpt-5.5")).await.status(), 404);
    let wrong = json!({ "platform_models": [{ "id": "gpt-42" }] });
    assert_eq!(rig.control("settings", &wrong).await.status(), 400);
    rig.control("settings", &json!({ "platform_models": null })).await;
    assert!(ids(&rig, "sk-sandbox-1").await.len() > 10);
}

#[tokio::test]
async fn response_is_non_streaming_or_numbered_events() {
    let rig = Rig::start().await;
    let mut body = json!({ "model": "gpt-5.5", "input": "say ready", "temperature": 0.5 });
    let (_, complete) = read(post(&rig, "/responses", "sk-sandbox-1", &body).await).await;
    assert_eq!(complete["output"][0]["content"][0]["text"], "ready");
    body["stream"] = json!(true);
    let events = events(post(&rig, "/responses", "sk-sandbox-1", &body).await).await;
    assert!(events.iter().enumerate().all(|(number, event)| event["sequence_number"] == number));
    let last = events.last().expect("events");
    assert_eq!(last["response"]["output"][0]["content"][0]["text"], "ready");
}

#[tokio::test]
async fn chat_completion_is_non_streaming_or_chunks_with_done() {
    let rig = Rig::start().await;
    let mut body = json!({ "model": "gpt-5.5", "messages": [{ "role": "user", "content": "say ready" }] });
    let (_, complete) = read(post(&rig, "/chat/completions", "sk-sandbox-1", &body).await).await;
    assert_eq!(complete["choices"][0]["message"]["content"], "ready");
    body["stream"] = json!(true);
    let plain = events(post(&rig, "/chat/completions", "sk-sandbox-1", &body).await).await;
    assert_eq!(plain.last(), Some(&json!("[DONE]")));
    assert!(plain.iter().all(|chunk| chunk.get("usage").is_none()), "usage only when requested");
    body["stream_options"] = json!({ "include_usage": true });
    let chunks = events(post(&rig, "/chat/completions", "sk-sandbox-1", &body).await).await;
    assert_eq!(chunks.last(), Some(&json!("[DONE]")));
    let with_usage = &chunks[chunks.len() - 2];
    assert_eq!((&with_usage["choices"], &with_usage["usage"]["completion_tokens"]), (&json!([]), &json!(2)));
    assert_eq!(chunks[0].get("usage"), Some(&Value::Null));
    let text: String = chunks.iter().filter_map(|c| c["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(text, "ready");
}

#[tokio::test]
async fn unknown_model_or_broken_body_is_rejected() {
    let rig = Rig::start().await;
    for path in PATHS {
        let (status, body) = read(post(&rig, path, "sk-sandbox-1", &model_request("gpt-9")).await).await;
        assert_eq!((status, &body["error"]["code"]), (404, &json!("model_not_found")));
        let url = format!("{}{path}", rig.sandbox.platform());
        let request = rig.http.post(url).bearer_auth("sk-sandbox-1").body("{");
        assert_eq!(request.send().await.expect("a response").status(), 400);
    }
}

#[tokio::test]
async fn body_without_model_or_text_is_rejected() {
    let rig = Rig::start().await;
    for (path, words) in PATHS.into_iter().zip(["input", "messages"]) {
        for missing in ["model", words] {
            let mut request = model_request("gpt-5.5");
            request[missing].take();
            let (status, body) = read(post(&rig, path, "sk-sandbox-1", &request).await).await;
            assert_eq!((status, &body["error"]["code"]), (400, &json!("missing_required_parameter")));
            assert_eq!(body["error"]["param"], missing);
        }
    }
}

#[tokio::test]
async fn unsupported_effort_is_rejected_by_name() {
    let rig = Rig::start().await;
    let efforts = [("o4-mini", "xhigh", "unsupported_value"), ("gpt-4.1", "low", "unsupported_parameter")];
    for (model, effort, code) in efforts {
        let mut request = model_request(model);
        request["reasoning"] = json!({ "effort": effort });
        request["reasoning_effort"] = json!(effort);
        for (path, param) in PATHS.into_iter().zip(["reasoning.effort", "reasoning_effort"]) {
            let (status, body) = read(post(&rig, path, "sk-sandbox-1", &request).await).await;
            assert_eq!((status, &body["error"]["code"]), (400, &json!(code)), "{model}");
            assert_eq!(body["error"]["param"], param);
        }
    }
    let mut request = model_request("o4-mini");
    request["reasoning"] = json!({ "effort": "high" });
    assert_eq!(post(&rig, "/responses", "sk-sandbox-1", &request).await.status(), 200);
}

#[tokio::test]
async fn key_without_models_gets_empty_list() {
    let rig = Rig::start().await;
    assert!(ids(&rig, "sk-sandbox-nomodels").await.is_empty());
    for path in PATHS {
        let (status, body) =
            read(post(&rig, path, "sk-sandbox-nomodels", &model_request("gpt-5.5")).await).await;
        assert_eq!((status, &body["error"]["code"]), (404, &json!("model_not_found")));
    }
}

#[tokio::test]
async fn rate_limited_key_gets_retry_after() {
    let rig = Rig::start().await;
    for path in PATHS {
        let response = post(&rig, path, "sk-sandbox-ratelimited", &model_request("gpt-5.5")).await;
        let headers = response.headers();
        assert_eq!(headers["retry-after"], "7");
        assert_eq!(headers["x-ratelimit-reset-requests"], "7s");
        assert_eq!(headers["x-ratelimit-remaining-requests"], "0");
        let (status, body) = read(response).await;
        assert_eq!((status, &body["error"]["code"]), (429, &json!("rate_limit_exceeded")));
    }
    assert!(!ids(&rig, "sk-sandbox-ratelimited").await.is_empty(), "lists are not throttled");
}

#[tokio::test]
async fn key_without_credit_gets_type_and_code() {
    let rig = Rig::start().await;
    for (key, code) in
        [("sk-sandbox-noquota", "insufficient_quota"), ("sk-sandbox-spend", "project_spend_limit_exceeded")]
    {
        for path in PATHS {
            let response = post(&rig, path, key, &model_request("gpt-5.5")).await;
            assert!(!response.headers().contains_key("retry-after"), "waiting would not help");
            let (status, body) = read(response).await;
            assert_eq!((status, &body["error"]["type"]), (429, &json!("insufficient_quota")));
            assert_eq!(body["error"]["code"], code);
        }
        assert!(!ids(&rig, key).await.is_empty(), "{key}");
    }
}

#[tokio::test]
async fn other_organization_or_project_is_rejected() {
    let rig = Rig::start().await;
    for (name, own, other, code) in [
        ("OpenAI-Organization", "org-sandbox", "org-other", "invalid_organization"),
        ("OpenAI-Project", "proj_sandbox", "proj_other", "mismatched_project"),
    ] {
        let request = models(&rig, "sk-sandbox-1").header(name, own);
        assert_eq!(request.send().await.expect("a response").status(), 200, "{name}");
        for wrong in [other, ""] {
            let request = models(&rig, "sk-sandbox-1").header(name, wrong);
            let response = request.send().await.expect("a response");
            assert!(!response.headers().contains_key("openai-organization"));
            let (status, body) = read(response).await;
            assert_eq!((status, &body["error"]["code"]), (401, &json!(code)), "{wrong:?}");
        }
    }
}

#[tokio::test]
async fn stream_faults_apply_to_platform() {
    let rig = Rig::start().await;
    rig.sandbox.push_fault("platform.responses", Fault::Cut { after_events: 2, clean: true });
    let body = json!({ "model": "gpt-5.5", "input": "hi", "stream": true });
    assert_eq!(events(post(&rig, "/responses", "sk-sandbox-1", &body).await).await.len(), 2);
}
