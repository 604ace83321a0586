//! Compatible services: each kind lacks or requires one thing.

use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use usher_sandbox::Fault;

use crate::support::{Rig, events, read};

const KEY: &str = "sk-sandbox-1";
const ENDPOINTS: [&str; 3] = ["models", "responses", "chat/completions"];

/// Makes a valid request without authentication.
fn request(rig: &Rig, base: &str, endpoint: &str) -> RequestBuilder {
    let url = format!("{}/{base}/{endpoint}", rig.sandbox.compatible());
    if endpoint == "models" {
        return rig.http.get(url);
    }
    let messages = json!([{ "role": "user", "content": "say ready" }]);
    rig.http.post(url).json(&json!({ "model": "qwen3-coder", "input": "say ready", "messages": messages }))
}

async fn send(request: RequestBuilder) -> Response {
    request.send().await.expect("a response")
}

#[tokio::test]
async fn service_with_both_apis_responds_and_lists_models() {
    let rig = Rig::start().await;
    let (_, listed) = read(send(request(&rig, "both/v1", "models").bearer_auth(KEY)).await).await;
    let ids: Vec<_> = listed["data"].as_array().expect("a list").iter().map(|m| &m["id"]).collect();
    assert_eq!(ids, ["llama-4-scout", "nomic-embed-text", "qwen3-coder"]);
    let (_, response) = read(send(request(&rig, "both/v1", "responses").bearer_auth(KEY)).await).await;
    assert_eq!(response["output"][0]["content"][0]["text"], "ready");
    let (_, chat) = read(send(request(&rig, "both/v1", "chat/completions").bearer_auth(KEY)).await).await;
    assert_eq!(chat["choices"][0]["message"]["content"], "ready");
    for name in ["compatible.models", "compatible.responses", "compatible.chat_completions"] {
        assert_eq!(rig.sandbox.count(name), 1, "{name}");
    }
}

#[tokio::test]
async fn service_with_both_apis_streams() {
    let rig = Rig::start().await;
    for (endpoint, field) in [("responses", "input"), ("chat/completions", "messages")] {
        let url = format!("{}/both/v1/{endpoint}", rig.sandbox.compatible());
        let words = json!([{ "role": "user", "content": "count to 3" }]);
        let body = json!({ "model": "qwen3-coder", field: words, "stream": true });
        let events = events(send(rig.http.post(url).bearer_auth(KEY).json(&body)).await).await;
        let last = events.last().expect("events");
        assert!(*last == "[DONE]" || last["type"] == "response.completed", "{last}");
    }
}

#[tokio::test]
async fn service_with_keys_rejects_wrong_or_missing_key() {
    let rig = Rig::start().await;
    for base in ["both/v1", "chat-only/v1", "responses-only/v1", "unversioned"] {
        for wrong in [Some("sk-live-1"), Some("sk-sandbox-revoked"), None] {
            let mut request = request(&rig, base, "models");
            if let Some(key) = wrong {
                request = request.bearer_auth(key);
            }
            let (status, body) = read(send(request).await).await;
            assert_eq!((status, &body["error"]["type"]), (401, &json!("invalid_request_error")), "{base}");
        }
    }
}

#[tokio::test]
async fn special_keys_at_service_get_their_error() {
    let rig = Rig::start().await;
    let (_, listed) =
        read(send(request(&rig, "both/v1", "models").bearer_auth("sk-sandbox-nomodels")).await).await;
    assert_eq!(listed["data"], json!([]));
    let throttled = send(request(&rig, "both/v1", "responses").bearer_auth("sk-sandbox-ratelimited")).await;
    assert_eq!(throttled.status(), 429);
    assert_eq!(throttled.headers()["retry-after"], "7");
    let spent = send(request(&rig, "chat-only/v1", "chat/completions").bearer_auth("sk-sandbox-spend")).await;
    assert_eq!(read(spent).await.1["error"]["code"], "project_spend_limit_exceeded");
}

#[tokio::test]
async fn service_without_api_is_plain_404() {
    let rig = Rig::start().await;
    for (base, lacks, has) in [
        ("chat-only/v1", "responses", "chat/completions"),
        ("responses-only/v1", "chat/completions", "responses"),
    ] {
        let refused = send(request(&rig, base, lacks).bearer_auth(KEY)).await;
        assert_eq!(refused.status(), 404);
        assert_eq!(refused.text().await.expect("text"), "404 page not found\n");
        for endpoint in ["models", has] {
            assert_eq!(
                send(request(&rig, base, endpoint).bearer_auth(KEY)).await.status(),
                200,
                "{endpoint}"
            );
        }
    }
    assert_eq!(rig.sandbox.count("compatible.responses"), 2, "a missing endpoint is counted too");
}

#[tokio::test]
async fn service_without_keys_ignores_key() {
    let rig = Rig::start().await;
    for endpoint in ENDPOINTS {
        let bare = request(&rig, "keyless/v1", endpoint);
        let rubbish = request(&rig, "keyless/v1", endpoint).bearer_auth("rubbish");
        for request in [bare, rubbish] {
            assert_eq!(send(request).await.status(), 200, "{endpoint}");
        }
    }
}

#[tokio::test]
async fn service_with_header_rejects_key_instead() {
    let rig = Rig::start().await;
    for endpoint in ENDPOINTS {
        let bare = || request(&rig, "header/v1", endpoint);
        assert_eq!(send(bare().header("x-sandbox-secret", "letmein")).await.status(), 200);
        for refused in [bare(), bare().bearer_auth(KEY), bare().header("x-sandbox-secret", "sesame")] {
            assert_eq!(send(refused).await.status(), 401, "{endpoint}");
        }
    }
}

#[tokio::test]
async fn service_without_version_responds_below_its_base() {
    let rig = Rig::start().await;
    for endpoint in ENDPOINTS {
        assert_eq!(send(request(&rig, "unversioned", endpoint).bearer_auth(KEY)).await.status(), 200);
        assert_eq!(send(request(&rig, "unversioned/v1", endpoint).bearer_auth(KEY)).await.status(), 404);
        assert_eq!(send(request(&rig, "both", endpoint).bearer_auth(KEY)).await.status(), 404);
    }
    assert_eq!((rig.sandbox.count("compatible.models"), rig.sandbox.count("other")), (1, 6));
}

#[tokio::test]
async fn redirecting_service_points_to_other_origin() {
    let rig = Rig::start().await;
    let http = Client::builder().no_proxy().redirect(Policy::none()).build().expect("a plain HTTP client");
    let url = format!("{}/redirecting/v1/models", rig.sandbox.compatible());
    let response = send(http.get(url).bearer_auth(KEY)).await;
    assert_eq!(response.status(), 307);
    let target = "http://elsewhere.sandbox.invalid/v1/models";
    assert_eq!(response.headers()[LOCATION], target);
    assert_eq!(rig.sandbox.count("compatible.models"), 1);
}

#[tokio::test]
async fn captive_portal_sends_page_for_everything() {
    let rig = Rig::start().await;
    for endpoint in ENDPOINTS {
        let response = send(request(&rig, "html/v1", endpoint).bearer_auth(KEY)).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    }
    assert_eq!(rig.sandbox.count("compatible.chat_completions"), 1);
}

#[tokio::test]
async fn unknown_kind_model_or_broken_body_is_rejected() {
    let rig = Rig::start().await;
    assert_eq!(send(request(&rig, "nobody/v1", "models").bearer_auth(KEY)).await.status(), 404);
    rig.control("settings", &json!({ "compatible_models": ["only-one"] })).await;
    let (_, listed) = read(send(request(&rig, "both/v1", "models").bearer_auth(KEY)).await).await;
    assert_eq!(listed["data"][0]["id"], "only-one");
    for endpoint in ["responses", "chat/completions"] {
        let (status, body) = read(send(request(&rig, "both/v1", endpoint).bearer_auth(KEY)).await).await;
        assert_eq!((status, &body["error"]["code"]), (404, &json!("model_not_found")));
        let url = format!("{}/both/v1/{endpoint}", rig.sandbox.compatible());
        let (status, body) = read(send(rig.http.post(url).bearer_auth(KEY).body("{")).await).await;
        assert_eq!((status, &body["error"]["code"]), (400, &Value::Null));
    }
}

#[tokio::test]
async fn faults_apply_to_services() {
    let rig = Rig::start().await;
    let rules = json!([
        { "at": "compatible.models", "fault": { "kind": "status", "status": 503 } },
        { "at": "compatible.models", "fault": { "kind": "cut", "after_events": 1 } },
    ]);
    assert_eq!(rig.control("script", &rules).await.status(), 400, "a list does not stream");
    rig.sandbox.push_fault("compatible.models", Fault::DropBefore);
    assert!(request(&rig, "keyless/v1", "models").send().await.is_err());
    rig.sandbox.push_fault("compatible.responses", Fault::Cut { after_events: 2, clean: true });
    let url = format!("{}/keyless/v1/responses", rig.sandbox.compatible());
    let body = json!({ "model": "qwen3-coder", "input": "hi", "stream": true });
    assert_eq!(events(send(rig.http.post(url).json(&body)).await).await.len(), 2);
}
