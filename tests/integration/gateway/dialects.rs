//! `usher serve`: what comes of a request in each dialect.

use serde_json::{Value, json};
use usher_sandbox::{Fault, Options, Sandbox};
use usher_tests::{Gateway, Home, request, signed_in};

/// A signed-in home, its sandbox, and a gateway in it.
pub(crate) async fn serving() -> (Sandbox, Home, Gateway) {
    let (sandbox, home) = signed_in().await;
    let gateway = Gateway::start(&home).await;
    (sandbox, home, gateway)
}

pub(crate) fn ask(stream: bool) -> Value {
    json!({ "model": "", "input": "Say ready.", "stream": stream })
}

pub(crate) fn code(answer: &Value) -> &str {
    answer["error"]["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn only_a_pass_opens_it_and_each_dialect_is_refused_in_its_own_words() {
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
async fn a_model_is_found_by_every_name_that_requests_may_use() {
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
async fn a_web_page_gets_no_further_than_the_door() {
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
async fn a_responses_stream_is_passed_on() {
    let (sandbox, _home, gateway) = serving().await;
    let answer = gateway.post("/v1/responses", &ask(true)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), "text/event-stream; charset=utf-8");
    assert!(!answer.header("x-usher-account").is_empty() && !answer.header("x-usher-model").is_empty());
    let last: Value = serde_json::from_str(answer.data().last().unwrap()).unwrap();
    assert_eq!(last["type"], "response.completed");
    // The backend leaves the output of its last event empty; clients of the public API read it.
    assert_eq!(last["response"]["output"][0]["content"][0]["text"], "ready", "{last}");
    let sent = &sandbox.requests("responses")[0];
    let body = &sent.body;
    assert_eq!((&body["store"], &body["stream"]), (&json!(false), &json!(true)));
    assert_eq!(body["input"][0]["role"], "user");
}

#[tokio::test]
async fn a_caller_who_does_not_stream_gets_it_whole() {
    let (_sandbox, _home, gateway) = serving().await;
    let answer = gateway.post("/v1/responses", &ask(false)).await;
    let whole = answer.json();
    assert_eq!(
        (answer.status, &whole["object"], &whole["status"]),
        (200, &json!("response"), &json!("completed"))
    );
    assert_eq!(whole["output"][0]["content"][0]["text"], "ready", "{whole}");
}

#[tokio::test]
async fn codex_gets_the_backends_own_catalogue_as_far_as_its_pass_goes() {
    let (sandbox, home, gateway) = serving().await;
    let told = gateway.get("/v1/models?client_version=0.169.0", &[]).await;
    let models = told.json()["models"].as_array().unwrap().clone();
    let slugs: Vec<&str> = models.iter().map(|model| model["slug"].as_str().unwrap()).collect();
    assert!(slugs.contains(&"gpt-6.1-sol") && slugs.contains(&"codex-auto-review"), "{slugs:?}");
    // What Codex cannot work without: the prompt, and in which form the model is asked (protocol §7.1).
    let fields = ["base_instructions", "use_responses_lite", "shell_type", "truncation_policy", "priority"];
    assert!(fields.iter().all(|field| models[0].get(field).is_some()), "{}", models[0]);
    let answer = gateway.post("/v1/responses", &ask(true)).await;
    assert!(!told.header("etag").is_empty() && told.header("etag") == answer.header("x-models-etag"));
    let older = gateway.get("/v1/models?client_version=0.124.0", &[]).await.json();
    assert!(!older.to_string().contains("gpt-6.1-sol"), "{older}");
    let mut asked = sandbox.requests("models").into_iter().map(|request| request.path);
    assert_eq!(asked.next_back().as_deref(), Some("/backend-api/codex/models?client_version=0.124.0"));
    let narrow = ["pass", "new", "narrow", "--provider", "chatgpt", "--model", "gpt-5.5"];
    let pass = home.run(&narrow).await.stdout;
    let key = [("x-api-key", pass.trim())];
    let only = gateway.send("GET", "/v1/models?client_version=0.169.0", &key, "").await.json();
    assert_eq!(
        (only["models"].as_array().map(Vec::len), &only["models"][0]["slug"]),
        (Some(1), &json!("gpt-5.5"))
    );
}

#[tokio::test]
async fn a_chat_completion_streamed_and_whole() {
    let (_sandbox, _home, gateway) = serving().await;
    let messages = json!([{ "role": "user", "content": "Say ready." }]);
    let whole = gateway.post("/v1/chat/completions", &json!({ "model": "", "messages": messages })).await;
    assert_eq!(whole.json()["choices"][0]["message"]["content"], "ready", "{whole:?}");
    let streamed = json!({ "model": "", "messages": messages, "stream": true, "temperature": 0.5 });
    let streamed = gateway.post("/v1/chat/completions", &streamed).await;
    assert_eq!(streamed.data().last(), Some(&"[DONE]"), "{streamed:?}");
    assert_eq!(streamed.header("x-usher-dropped"), "temperature");
}

#[tokio::test]
async fn a_message_streamed_and_whole() {
    let (_sandbox, _home, gateway) = serving().await;
    let messages = json!([{ "role": "user", "content": "Say ready." }]);
    let body = json!({ "model": "claude-opus-5-5", "max_tokens": 100, "messages": messages });
    let version = [("anthropic-version", "2023-06-01")];
    let whole = gateway.post_with("/v1/messages", &version, &body).await;
    assert_eq!(whole.json()["content"][0]["text"], "ready", "{whole:?}");
    assert_eq!(whole.json()["model"], "claude-opus-5-5");
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
async fn tokens_are_counted_here_for_26_at_once() {
    let (sandbox, _home, gateway) = serving().await;
    let body = json!({
        "model": "claude-opus-5-5", "system": "Be brief.",
        "messages": [{ "role": "user", "content": "hello world ".repeat(500) }],
        "tools": [{ "name": "read", "description": "Reads a file", "input_schema": { "type": "object" } }],
    });
    let asked = (0..26).map(|_| gateway.post("/v1/messages/count_tokens?beta=true", &body));
    for counted in futures_util::future::join_all(asked).await {
        let tokens = counted.json()["input_tokens"].as_u64().unwrap_or_default();
        assert!((1000..1060).contains(&tokens), "{counted:?}");
    }
    assert_eq!(sandbox.count("responses"), 0);
}

#[tokio::test]
async fn a_service_of_chat_completions_serves_every_dialect() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    let base = format!("{}/chat-only", sandbox.compatible());
    let added =
        ["providers", "add", "openai-compatible", "--name", "own", "--base-url", &base, "--api-key-stdin"];
    home.given(&added, "sk-sandbox-own-0001").await.done();
    let provider = "openai-compatible:own";
    // Nobody has tested it, so which API it has is found out by the first request.
    let gateway = Gateway::start_with(&home, &["--provider", provider]).await;
    let catalogue = gateway.get("/v1/models?client_version=0.169.0", &[]).await;
    assert_eq!((catalogue.status, catalogue.json()), (200, json!({ "models": [] })));
    let messages = json!([{ "role": "user", "content": "count to 3" }]);
    let chat = json!({ "model": "", "messages": messages, "stream": true });
    let told = gateway.post("/v1/chat/completions", &chat).await;
    assert_eq!(told.data().last(), Some(&"[DONE]"), "{told:?}");
    let responses = json!({ "model": "", "input": "count to 3", "stream": true });
    let told = gateway.post("/v1/responses", &responses).await;
    let last: Value = serde_json::from_str(told.data().last().unwrap()).unwrap();
    assert_eq!(last["response"]["output"][0]["content"][0]["text"], "1 2 3 ", "{told:?}");
    let message = json!({ "model": "claude-x", "max_tokens": 99, "messages": messages });
    let told = gateway.post("/v1/messages", &message).await;
    assert_eq!(told.json()["content"][0]["text"], "1 2 3 ", "{told:?}");
    sandbox.push_fault("compatible.chat_completions", Fault::Cut { after_events: 3, clean: false });
    let cut = gateway.post("/v1/chat/completions", &chat).await;
    assert!(cut.data().last().is_some_and(|last| last.contains("\"error\"")), "{cut:?}");
}

#[tokio::test]
async fn a_history_is_made_shorter_with_a_body_that_the_backend_takes() {
    let (sandbox, _home, gateway) = serving().await;
    let shorter = json!({ "output": [{ "type": "compaction", "encrypted_content": "history" }] });
    let headers = std::collections::BTreeMap::new();
    // The sandbox does not play this endpoint.
    sandbox.push_fault("other", Fault::Status { status: 200, body: shorter.clone(), headers });
    let body = json!({ "model": "", "input": "a long story", "instructions": "Be brief.", "temperature": 1 });
    let answer = gateway.post("/v1/responses/compact", &body).await;
    assert_eq!((answer.status, answer.json()), (200, shorter), "{answer:?}");
    assert_eq!(answer.header("x-usher-dropped"), "temperature");
    let sent = &sandbox.requests("other")[0];
    assert_eq!(sent.path, "/backend-api/codex/responses/compact");
    let fields: Vec<&str> = sent.body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["input", "instructions", "model"]);
    assert_eq!(sent.body["input"][0]["content"], "a long story");
}

#[tokio::test]
async fn a_websocket_is_told_to_post_and_a_body_too_long_is_refused() {
    let (_sandbox, _home, gateway) = serving().await;
    let upgrade = [("upgrade", "websocket"), ("sec-websocket-version", "13")];
    assert_eq!(gateway.get("/v1/responses", &upgrade).await.status, 426);
    let pass = format!("Bearer {}", gateway.pass());
    let headers =
        [("host", gateway.authority()), ("authorization", pass.as_str()), ("content-length", "67108865")];
    let long = request("POST", "/v1/responses", &headers, "");
    assert_eq!(gateway.raw(&long).await.status, 413);
}
