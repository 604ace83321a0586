//! The short Platform (§7.2, §8.5).

use serde_json::{Value, json};
use usher_sandbox::Fault;

use crate::support::{Rig, events, read};

async fn post(rig: &Rig, path: &str, key: &str, body: &Value) -> reqwest::Response {
    let url = format!("{}{path}", rig.sandbox.platform());
    rig.http.post(url).bearer_auth(key).json(body).send().await.expect("an answer")
}

#[tokio::test]
async fn a_wrong_key_is_refused() {
    let rig = Rig::start().await;
    for key in ["sk-live-1", "sk-sandbox-", ""] {
        let request = rig.http.get(format!("{}/models", rig.sandbox.platform())).bearer_auth(key);
        let (status, body) = read(request.send().await.expect("an answer")).await;
        assert_eq!((status, &body["error"]["code"]), (401, &json!("invalid_api_key")), "{key}");
    }
}

#[tokio::test]
async fn a_chatgpt_token_lacks_the_scopes() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue("ada").access_token;
    let request = rig.http.get(format!("{}/models", rig.sandbox.platform())).bearer_auth(token);
    assert_eq!(request.send().await.expect("an answer").status(), 403);
}

#[tokio::test]
async fn models_come_in_the_platforms_shape() {
    let rig = Rig::start().await;
    let request = rig.http.get(format!("{}/models", rig.sandbox.platform())).bearer_auth("sk-sandbox-1");
    let response = request.send().await.expect("an answer");
    assert_eq!(response.headers()["x-ratelimit-reset-tokens"], "6m0s");
    let (_, body) = read(response).await;
    assert_eq!((&body["object"], &body["data"][0]["object"]), (&json!("list"), &json!("model")));
}

#[tokio::test]
async fn a_response_comes_whole_or_as_numbered_events() {
    let rig = Rig::start().await;
    let mut body = json!({ "model": "gpt-5.5", "input": "say ready", "temperature": 0.5 });
    let (_, whole) = read(post(&rig, "/responses", "sk-sandbox-1", &body).await).await;
    assert_eq!(whole["output"][0]["content"][0]["text"], "ready");
    body["stream"] = json!(true);
    let events = events(post(&rig, "/responses", "sk-sandbox-1", &body).await).await;
    assert!(events.iter().enumerate().all(|(number, event)| event["sequence_number"] == number));
    let last = events.last().expect("events");
    assert_eq!(last["response"]["output"][0]["content"][0]["text"], "ready");
}

#[tokio::test]
async fn a_chat_completion_comes_whole_or_in_chunks_with_done() {
    let rig = Rig::start().await;
    let mut body = json!({ "model": "gpt-5.5", "messages": [{ "role": "user", "content": "say ready" }] });
    let (_, whole) = read(post(&rig, "/chat/completions", "sk-sandbox-1", &body).await).await;
    assert_eq!(whole["choices"][0]["message"]["content"], "ready");
    body["stream"] = json!(true);
    body["stream_options"] = json!({ "include_usage": true });
    let chunks = events(post(&rig, "/chat/completions", "sk-sandbox-1", &body).await).await;
    assert_eq!(chunks.last(), Some(&json!("[DONE]")));
    assert_eq!(chunks[chunks.len() - 2]["usage"]["completion_tokens"], 2);
    let text: String = chunks.iter().filter_map(|c| c["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(text, "ready");
}

#[tokio::test]
async fn an_unknown_model_and_a_broken_body_are_refused() {
    let rig = Rig::start().await;
    for path in ["/responses", "/chat/completions"] {
        let (status, body) = read(post(&rig, path, "sk-sandbox-1", &json!({ "model": "gpt-9" })).await).await;
        assert_eq!((status, &body["error"]["code"]), (404, &json!("model_not_found")));
        let url = format!("{}{path}", rig.sandbox.platform());
        let request = rig.http.post(url).bearer_auth("sk-sandbox-1").body("{");
        assert_eq!(request.send().await.expect("an answer").status(), 400);
    }
}

#[tokio::test]
async fn stream_faults_strike_here_too() {
    let rig = Rig::start().await;
    rig.sandbox.push_fault("platform.responses", Fault::Cut { after_events: 2, clean: true });
    let body = json!({ "model": "gpt-5.5", "input": "hi", "stream": true });
    assert_eq!(events(post(&rig, "/responses", "sk-sandbox-1", &body).await).await.len(), 2);
}
