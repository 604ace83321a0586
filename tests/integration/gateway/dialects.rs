//! `usher serve`: requests in each dialect.

use serde_json::{Value, json};
use usher_sandbox::{Fault, Options, Sandbox};
use usher_tests::{Gateway, Home, request, signed_in};

use crate::gateway::activity::written;

/// Starts a sandbox, a signed-in home and its gateway.
pub(crate) async fn serving() -> (Sandbox, Home, Gateway) {
    let (sandbox, home) = signed_in().await;
    let gateway = Gateway::start(&home).await;
    (sandbox, home, gateway)
}

pub(crate) fn responses_request(stream: bool) -> Value {
    json!({ "model": "", "input": "Say ready.", "stream": stream })
}

pub(crate) fn code(response: &Value) -> &str {
    response["error"]["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn request_without_valid_pass_is_rejected_in_its_dialect() {
    let (_sandbox, _home, gateway) = serving().await;
    let health = gateway.send("GET", "/healthz", &[], "").await;
    assert_eq!((health.status, health.body.as_str()), (200, r#"{"status":"ok"}"#));
    for path in ["/v1/responses", "/v1/chat/completions"] {
        let refused = gateway.send("POST", path, &[("authorization", "Bearer wrong")], "{}").await;
        assert_eq!((refused.status, code(&refused.json())), (401, "invalid_pass"), "{refused:?}");
    }
    let refused = gateway.send("POST", "/v1/messages", &[("x-api-key", "wrong")], "{}").await;
    assert_eq!(refused.status, 401, "{refused:?}");
    assert_eq!(refused.json()["error"]["type"], "authentication_error");
    let jwt =
        gateway.send("POST", "/v1/responses", &[("authorization", "Bearer eyJh.eyJi.c2ln")], "{}").await;
    assert!(jwt.status == 401 && jwt.body.contains("auth.command"), "{jwt:?}");
    let key = gateway.send("GET", "/v1/models", &[("x-api-key", gateway.pass())], "").await;
    assert_eq!(key.status, 200, "{key:?}");
}

#[tokio::test]
async fn model_is_found_by_every_accepted_name() {
    let (_sandbox, _home, gateway) = serving().await;
    let version = [("anthropic-version", "2023-06-01")];
    for name in ["gpt-6-sol", "claude-gpt-6-sol", "claude-opus-5-5", "chatgpt/gpt-6-sol"] {
        let found = gateway.get(&format!("/v1/models/{name}"), &version).await;
        assert_eq!((found.status, &found.json()["id"]), (200, &json!(name)), "{found:?}");
    }
    let missing = gateway.get("/v1/models/gpt-9", &[]).await;
    assert_eq!((missing.status, code(&missing.json())), (404, "not_found"), "{missing:?}");
}

#[tokio::test]
async fn request_of_web_page_is_rejected() {
    let (_sandbox, _home, gateway) = serving().await;
    let pass = format!("Bearer {}", gateway.pass());
    let own = [("authorization", pass.as_str())];
    let page = gateway.get("/v1/models", &[("origin", "https://evil.example")]).await;
    assert_eq!(page.status, 403, "{page:?}");
    assert_eq!(page.header("access-control-allow-origin"), "");
    let rebound = request("GET", "/v1/models", &[&own[..], &[("host", "evil.example")]].concat(), "");
    assert_eq!(gateway.raw(&rebound).await.status, 403);
    let preflight = gateway.send("OPTIONS", "/v1/responses", &[("origin", "null")], "").await;
    assert_eq!(preflight.status, 403, "{preflight:?}");
    let twice = [("host", gateway.authority()), ("host", gateway.authority())];
    let twice = request("GET", "/v1/models", &[&own[..], &twice].concat(), "");
    assert_eq!(gateway.raw(&twice).await.status, 400);
}

#[tokio::test]
async fn responses_stream_is_forwarded() {
    let (sandbox, _home, gateway) = serving().await;
    let response = gateway.post("/v1/responses", &responses_request(true)).await;
    assert_eq!(response.status, 200, "{response:?}");
    assert_eq!(response.header("content-type"), "text/event-stream; charset=utf-8");
    assert!(!response.header("x-usher-account").is_empty() && !response.header("x-usher-model").is_empty());
    let last: Value = serde_json::from_str(response.data().last().unwrap()).unwrap();
    assert_eq!(last["type"], "response.completed");
    // The backend leaves the output of its last event empty; clients of the public API read it.
    assert_eq!(last["response"]["output"][0]["content"][0]["text"], "ready", "{last}");
    let sent = &sandbox.requests("responses")[0];
    let body = &sent.body;
    assert_eq!((&body["store"], &body["stream"]), (&json!(false), &json!(true)));
    assert_eq!(body["input"][0]["role"], "user");
}

#[tokio::test]
async fn responses_request_without_stream_gets_complete_response() {
    let (_sandbox, _home, gateway) = serving().await;
    let response = gateway.post("/v1/responses", &responses_request(false)).await;
    let complete = response.json();
    assert_eq!(
        (response.status, &complete["object"], &complete["status"]),
        (200, &json!("response"), &json!("completed"))
    );
    assert_eq!(complete["output"][0]["content"][0]["text"], "ready", "{complete}");
}

#[tokio::test]
async fn codex_gets_backend_catalog_limited_by_pass() {
    let (sandbox, home, gateway) = serving().await;
    let catalog = gateway.get("/v1/models?client_version=0.171.0", &[]).await;
    let models = catalog.json()["models"].as_array().unwrap().clone();
    let slugs: Vec<&str> = models.iter().map(|model| model["slug"].as_str().unwrap()).collect();
    assert!(slugs.contains(&"gpt-6.2-sol") && slugs.contains(&"codex-auto-review"), "{slugs:?}");
    // Fields that Codex needs: the prompt, and the request form of the model (protocol §7.1).
    let fields = ["base_instructions", "use_responses_lite", "shell_type", "truncation_policy", "priority"];
    assert!(fields.iter().all(|field| models[0].get(field).is_some()), "{}", models[0]);
    let response = gateway.post("/v1/responses", &responses_request(true)).await;
    assert!(!catalog.header("etag").is_empty() && catalog.header("etag") == response.header("x-models-etag"));
    let older = gateway.get("/v1/models?client_version=0.124.0", &[]).await.json();
    assert!(!older.to_string().contains("gpt-6.2-sol"), "{older}");
    let mut requests = sandbox.requests("models").into_iter().map(|request| request.path);
    assert_eq!(requests.next_back().as_deref(), Some("/backend-api/codex/models?client_version=0.124.0"));
    let narrow = ["pass", "new", "narrow", "--provider", "chatgpt", "--model", "gpt-5.5"];
    let pass = home.run(&narrow).await.stdout;
    let key = [("x-api-key", pass.trim())];
    let only = gateway.send("GET", "/v1/models?client_version=0.171.0", &key, "").await.json();
    assert_eq!(
        (only["models"].as_array().map(Vec::len), &only["models"][0]["slug"]),
        (Some(1), &json!("gpt-5.5"))
    );
}

#[tokio::test]
async fn chat_completion_is_returned_streaming_and_non_streaming() {
    let (_sandbox, _home, gateway) = serving().await;
    let messages = json!([{ "role": "user", "content": "Say ready." }]);
    let complete = gateway.post("/v1/chat/completions", &json!({ "model": "", "messages": messages })).await;
    assert_eq!(complete.json()["choices"][0]["message"]["content"], "ready", "{complete:?}");
    let streamed = json!({ "model": "", "messages": messages, "stream": true, "temperature": 0.5 });
    let streamed = gateway.post("/v1/chat/completions", &streamed).await;
    assert_eq!(streamed.data().last(), Some(&"[DONE]"), "{streamed:?}");
    assert_eq!(streamed.header("x-usher-dropped"), "temperature");
}

#[tokio::test]
async fn message_is_returned_streaming_and_non_streaming() {
    let (_sandbox, _home, gateway) = serving().await;
    let messages = json!([{ "role": "user", "content": "Say ready." }]);
    let body = json!({ "model": "claude-opus-5-5", "max_tokens": 100, "messages": messages });
    let version = [("anthropic-version", "2023-06-01")];
    let complete = gateway.post_with("/v1/messages", &version, &body).await;
    assert_eq!(complete.json()["content"][0]["text"], "ready", "{complete:?}");
    assert_eq!(complete.json()["model"], "claude-opus-5-5");
    let mut body = body;
    body["stream"] = true.into();
    let streamed = gateway.post_with("/v1/messages?beta=true", &version, &body).await;
    let events = streamed.events();
    assert_eq!(
        (events.first(), events.last()),
        (Some(&"message_start"), Some(&"message_stop")),
        "{streamed:?}"
    );
}

#[tokio::test]
async fn count_tokens_for_26_concurrent_requests_is_local() {
    let (sandbox, _home, gateway) = serving().await;
    let body = json!({
        "model": "claude-opus-5-5", "system": "Be brief.",
        "messages": [{ "role": "user", "content": "hello world ".repeat(500) }],
        "tools": [{ "name": "read", "description": "Reads a file", "input_schema": { "type": "object" } }],
    });
    let requests = (0..26).map(|_| gateway.post("/v1/messages/count_tokens?beta=true", &body));
    for counted in futures_util::future::join_all(requests).await {
        let tokens = counted.json()["input_tokens"].as_u64().unwrap_or_default();
        assert!((1000..1060).contains(&tokens), "{counted:?}");
    }
    assert_eq!(sandbox.count("responses"), 0);
}

#[tokio::test]
async fn chat_completions_service_serves_every_dialect() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    let base = format!("{}/chat-only", sandbox.compatible());
    let added =
        ["providers", "add", "openai-compatible", "--name", "own", "--base-url", &base, "--api-key-stdin"];
    home.json_with_input(&added, "sk-sandbox-own-0001").await.done();
    let provider = "openai-compatible:own";
    // The service was never tested, so the first request detects its API.
    let gateway = Gateway::start_with(&home, &["--provider", provider]).await;
    let catalogue = gateway.get("/v1/models?client_version=0.171.0", &[]).await;
    assert_eq!((catalogue.status, catalogue.json()), (200, json!({ "models": [] })));
    let messages = json!([{ "role": "user", "content": "count to 3" }]);
    let chat = json!({ "model": "", "messages": messages, "stream": true });
    let response = gateway.post("/v1/chat/completions", &chat).await;
    assert_eq!(response.data().last(), Some(&"[DONE]"), "{response:?}");
    let responses = json!({ "model": "", "input": "count to 3", "stream": true });
    let response = gateway.post("/v1/responses", &responses).await;
    let last: Value = serde_json::from_str(response.data().last().unwrap()).unwrap();
    assert_eq!(last["response"]["output"][0]["content"][0]["text"], "1 2 3 ", "{response:?}");
    let message = json!({ "model": "claude-x", "max_tokens": 99, "messages": messages });
    let response = gateway.post("/v1/messages", &message).await;
    assert_eq!(response.json()["content"][0]["text"], "1 2 3 ", "{response:?}");
    sandbox.push_fault("compatible.chat_completions", Fault::Cut { after_events: 3, clean: false });
    let cut = gateway.post("/v1/chat/completions", &chat).await;
    assert!(cut.data().last().is_some_and(|last| last.contains("\"error\"")), "{cut:?}");
}

/// As the reference has it: clients plan their context by it.
#[tokio::test]
async fn input_tokens_of_a_request_are_counted() {
    let (sandbox, _home, gateway) = serving().await;
    let count = async |input: &Value| {
        let request = json!({ "model": "", "input": input });
        let counted = gateway.post("/v1/responses/input_tokens", &request).await;
        assert_eq!((counted.status, &counted.json()["object"]), (200, &json!("response.input_tokens")));
        counted.json()["input_tokens"].as_u64().unwrap_or_else(|| panic!("{counted:?}"))
    };
    let (short, long) = (count(&json!("Hi.")).await, count(&json!("Hi, you there. ".repeat(100))).await);
    assert!(short > 0 && long > short + 300, "{short}, {long}");
    assert_eq!(sandbox.count("responses"), 0, "nothing is asked");
}

#[tokio::test]
async fn compact_request_sends_only_accepted_fields() {
    let (sandbox, _home, gateway) = serving().await;
    let shorter = json!({ "output": [{ "type": "compaction", "encrypted_content": "history" }] });
    let headers = std::collections::BTreeMap::new();
    // The sandbox does not implement this endpoint.
    sandbox.push_fault("other", Fault::Status { status: 200, body: shorter.clone(), headers });
    let body = json!({ "model": "", "input": "a long story", "instructions": "Be brief.", "temperature": 1 });
    let response = gateway.post("/v1/responses/compact", &body).await;
    assert_eq!((response.status, response.json()), (200, shorter), "{response:?}");
    assert_eq!(response.header("x-usher-dropped"), "temperature");
    let sent = &sandbox.requests("other")[0];
    assert_eq!(sent.path, "/backend-api/codex/responses/compact");
    let fields: Vec<&str> = sent.body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["input", "instructions", "model"]);
    assert_eq!(sent.body["input"][0]["content"], "a long story");
}

/// A compacted history or an image has more than a response of text, and is not collected for its counts.
#[tokio::test]
async fn tokens_of_a_long_body_are_counted_and_missing_ones_are_named() {
    let (sandbox, home, gateway) = serving().await;
    let history = "A \"usage\" of {words}. ".repeat(15_000);
    let usage = json!({ "input_tokens": 204_000, "output_tokens": 900, "total_tokens": 204_900 });
    let long = json!({ "output": [{ "type": "compaction", "encrypted_content": history }], "usage": usage });
    let compact = json!({ "model": "", "input": "a long story", "instructions": "" });
    for answer in [long, json!({ "output": [] })] {
        let headers = std::collections::BTreeMap::new();
        sandbox.push_fault("other", Fault::Status { status: 200, body: answer.clone(), headers });
        let response = gateway.post("/v1/responses/compact", &compact).await;
        assert_eq!((response.status, response.json()), (200, answer));
    }
    let total = written(&home, 2).await["total"].clone();
    assert_eq!((&total["tokens_in"], &total["tokens_out"]), (&json!(204_000), &json!(900)), "{total}");
    let receipts = home.json(&["activity", "receipts"]).await.done()["receipts"].clone();
    assert_eq!((&receipts[0]["tokens"], &receipts[1]["tokens"]["input"]), (&Value::Null, &json!(204_000)));
    let shown = home.run(&["activity", "receipts"]).await.stdout;
    assert_eq!(shown.matches("tokens not known").count(), 1, "{shown}");
}

#[tokio::test]
async fn websocket_gets_426_and_too_long_body_gets_413() {
    let (_sandbox, _home, gateway) = serving().await;
    let upgrade = [("upgrade", "websocket"), ("sec-websocket-version", "13")];
    assert_eq!(gateway.get("/v1/responses", &upgrade).await.status, 426);
    let pass = format!("Bearer {}", gateway.pass());
    let headers =
        [("host", gateway.authority()), ("authorization", pass.as_str()), ("content-length", "67108865")];
    let long = request("POST", "/v1/responses", &headers, "");
    assert_eq!(gateway.raw(&long).await.status, 413);
}
