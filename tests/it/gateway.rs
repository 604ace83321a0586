//! `usher serve`: who is let in, what comes of a request in each dialect, and what ends one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use usher_sandbox::{Fault, Options, Sandbox};
use usher_tests::{Gateway, Home, request, signed_in};

/// A signed-in home, its sandbox, and a gateway in it.
async fn serving() -> (Sandbox, Home, Gateway) {
    let (sandbox, home) = signed_in().await;
    let gateway = Gateway::start(&home).await;
    (sandbox, home, gateway)
}

fn ask(stream: bool) -> Value {
    json!({ "model": "", "input": "Say ready.", "stream": stream })
}

fn code(answer: &Value) -> &str {
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
async fn one_renewal_and_one_more_try_after_a_401() {
    let (sandbox, _home, gateway) = serving().await;
    sandbox.change_grants(usher_sandbox::GrantOperation::ExpireAccess, Some("ada"));
    let answer = gateway.post("/v1/responses", &ask(false)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!((sandbox.count("token.refresh_token"), sandbox.count("responses")), (1, 2));
}

#[tokio::test]
async fn what_is_wrong_with_the_account_is_403_and_a_limit_says_when_it_ends() {
    let (sandbox, home, gateway) = serving().await;
    sandbox.push_fault("responses", Fault::UsageLimit);
    let limited = gateway.post("/v1/responses", &ask(true)).await;
    assert_eq!(limited.status, 429, "{limited:?}");
    assert_eq!(limited.json()["error"]["type"], "usage_limit_reached");
    assert!(limited.header("retry-after").parse::<u64>().is_ok(), "{limited:?}");
    let body =
        json!({ "model": "claude-x", "max_tokens": 9, "messages": [{ "role": "user", "content": "a" }] });
    sandbox.push_fault("responses", Fault::UsageLimit);
    let limited = gateway.post("/v1/messages", &body).await;
    assert_eq!((limited.status, &limited.json()["error"]["type"]), (429, &json!("rate_limit_error")));
    assert_eq!(home.run(&["logout", "--yes"]).await.code, 0);
    let refused = gateway.post("/v1/responses", &ask(true)).await;
    assert_eq!((refused.status, code(&refused.json())), (403, "sign_in_required"), "{refused:?}");
}

#[tokio::test]
async fn reasoning_that_another_account_sealed_costs_one_refusal_and_no_more() {
    let (sandbox, _home, gateway) = serving().await;
    let sealed = |content: &str| json!({ "type": "reasoning", "summary": [], "encrypted_content": content });
    let asked = |reasoning: &[&str]| {
        let mut input: Vec<Value> = reasoning.iter().map(|content| sealed(content)).collect();
        input.push(json!({ "role": "user", "content": "Say ready." }));
        json!({ "model": "", "input": input, "stream": true })
    };
    let left = |request: usize| -> Vec<String> {
        let input = sandbox.requests("responses")[request].body["input"].clone();
        let items = input.as_array().unwrap().iter();
        items.filter_map(|item| item["encrypted_content"].as_str().map(str::to_owned)).collect()
    };
    let own = gateway.sealed().await;
    let answer = gateway.post("/v1/responses", &asked(&["foreign"])).await;
    assert_eq!((answer.status, sandbox.count("responses")), (200, 3), "{answer:?}");
    assert_eq!(answer.header("x-usher-dropped"), "reasoning.encrypted_content");
    assert!(left(1) == ["foreign"] && left(2).is_empty());
    let answer = gateway.post("/v1/responses", &asked(&["foreign", &own])).await;
    assert_eq!((answer.status, sandbox.count("responses")), (200, 4), "{answer:?}");
    assert_eq!(left(3), [own]);
    // Where nothing can be left out the backend's word stands.
    sandbox.push_fault("responses", Fault::Refuse { code: "invalid_encrypted_content".into(), status: 400 });
    let refused = gateway.post("/v1/responses", &asked(&[])).await;
    assert_eq!((refused.status, code(&refused.json())), (400, "invalid_encrypted_content"), "{refused:?}");
    assert_eq!(sandbox.count("responses"), 5);
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
async fn an_answer_that_breaks_off_before_its_first_word_is_asked_for_once_more() {
    let (sandbox, _home, gateway) = serving().await;
    sandbox.push_fault("responses", Fault::Cut { after_events: 1, clean: true });
    let answer = gateway.post("/v1/responses", &ask(true)).await;
    assert_eq!(sandbox.count("responses"), 2);
    let created = answer.events().iter().filter(|event| **event == "response.created").count();
    assert_eq!((created, answer.events().last()), (1, Some(&"response.completed")), "{answer:?}");
}

#[tokio::test]
async fn one_that_breaks_off_later_ends_in_an_error_of_the_dialect() {
    let (sandbox, _home, gateway) = serving().await;
    let long = |stream| json!({ "model": "", "input": "count to 9", "stream": stream });
    sandbox.push_fault("responses", Fault::Cut { after_events: 6, clean: false });
    let answer = gateway.post("/v1/responses", &long(true)).await;
    assert_eq!(
        (sandbox.count("responses"), answer.events().last()),
        (1, Some(&"response.failed")),
        "{answer:?}"
    );
    let messages = json!({
        "model": "claude-x", "max_tokens": 9, "stream": true,
        "messages": [{ "role": "user", "content": "count to 9" }],
    });
    sandbox.push_fault("responses", Fault::Cut { after_events: 6, clean: false });
    let answer = gateway.post("/v1/messages", &messages).await;
    assert_eq!(answer.events().last(), Some(&"error"), "{answer:?}");
}

#[tokio::test]
async fn a_caller_who_leaves_frees_the_provider_at_once() {
    let (sandbox, _home, gateway) = serving().await;
    sandbox.push_fault("responses", Fault::HangAfter { events: 3 });
    let pass = format!("Bearer {}", gateway.pass());
    let headers = [("host", gateway.authority()), ("authorization", pass.as_str())];
    let mut connection = gateway.connect().await;
    let asked = request("POST", "/v1/responses", &headers, &ask(true).to_string());
    connection.write_all(asked.as_bytes()).await.unwrap();
    let mut first = [0; 64];
    connection.read_exact(&mut first).await.unwrap();
    drop(connection);
    let left = sandbox.wait_for("responses.cancelled", 1, Duration::from_secs(5)).await;
    assert_eq!(left, Some(1), "the provider still thinks that somebody listens");
}

#[tokio::test]
async fn a_pass_that_another_process_revokes_is_refused_and_its_answers_end() {
    let (sandbox, home, gateway) = serving().await;
    sandbox.push_fault("responses", Fault::HangAfter { events: 3 });
    let asked = async { gateway.post("/v1/responses", &ask(true)).await };
    let revoked = async {
        sandbox.wait_for("responses", 1, Duration::from_secs(5)).await.expect("it was asked");
        assert_eq!(home.run(&["pass", "revoke", "test"]).await.code, 0);
    };
    let (cut, ()) = tokio::join!(asked, revoked);
    assert!(cut.body.contains("revoked"), "{cut:?}");
    let refused = gateway.get("/v1/models", &[]).await;
    assert_eq!(refused.status, 401, "{refused:?}");
}

#[tokio::test]
async fn the_access_token_goes_to_a_pass_that_was_made_for_it_and_to_no_other() {
    let (sandbox, home) = signed_in().await;
    let gateway = Gateway::start_with(&home, &["--allow", "token"]).await;
    let token = gateway.post("/usher/token", &json!({})).await;
    assert_eq!(token.status, 200, "{token:?}");
    let fields: Vec<String> = token.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["access_token", "account_id", "expires_at", "token_type"]);
    assert_eq!(home.run(&["pass", "new", "other"]).await.code, 0);
    let other = home.run(&["pass", "print", "other"]).await;
    let other = format!("Bearer {}", other.stdout.trim());
    let refused = gateway.send("POST", "/usher/token", &[("authorization", &other)], "{}").await;
    assert_eq!((refused.status, code(&refused.json())), (403, "not_allowed"), "{refused:?}");
    drop(sandbox);
}

#[tokio::test]
async fn a_pass_is_good_for_what_it_was_made_for() {
    let (sandbox, home) = signed_in().await;
    let gateway = Gateway::start_with(&home, &["--provider", "chatgpt", "--model", "gpt-6-sol"]).await;
    let answer = gateway.post("/v1/responses", &ask(false)).await;
    assert_eq!((answer.status, answer.header("x-usher-model")), (200, "gpt-6-sol"), "{answer:?}");
    let listed = gateway.get("/v1/models", &[]).await.json();
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1), "{listed}");
    let passes = home.json(&["pass", "list"]).await.done();
    assert_eq!(passes["passes"][0]["model"], "gpt-6-sol", "{passes}");
    assert!(!passes.to_string().contains(gateway.pass()));
    assert_eq!(home.run(&["providers", "add", "codex-cli"]).await.code, 0);
    let both = ["pass", "new", "x", "--provider", "codex-cli", "--account", "ada@example.com"];
    for wrong in [&["pass", "new", "test"][..], &["pass", "new", "x", "--expires", "soon"], &both] {
        assert_eq!(home.run(wrong).await.code, 2, "{wrong:?}");
    }
    drop(sandbox);
}

/// Everything below `folder`.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn neither_passes_nor_questions_nor_answers_are_left_anywhere() {
    let (sandbox, mut home) = signed_in().await;
    home.set("USHER_LOG", "trace");
    let gateway = Gateway::start(&home).await;
    let (question, own) = ("wisteria-quagmire-71", "eyJh.eyJvd24iOiJ3aXN0ZXJpYSJ9.c2lnbmF0dXJl");
    let body = json!({ "model": "", "input": question, "stream": true });
    assert_eq!(gateway.post("/v1/responses", &body).await.status, 200);
    let messages = json!([{ "role": "user", "content": question }]);
    let chat = json!({ "model": "", "messages": messages, "max_tokens": 99 });
    assert_eq!(gateway.post("/v1/chat/completions", &chat).await.status, 200);
    assert_eq!(gateway.post("/v1/messages", &chat).await.status, 200);
    let broken = format!("{{\"model\":\"{question}");
    for pass in [gateway.pass().to_owned(), own.to_owned(), format!("{}x", gateway.pass())] {
        let pass = format!("Bearer {pass}");
        gateway.send("POST", "/v1/responses", &[("authorization", &pass)], &broken).await;
    }
    let secrets = [gateway.pass().to_owned(), question.to_owned(), own.to_owned()];
    let ended = gateway.stop().await;
    for secret in secrets {
        assert!(!ended.stderr.contains(&secret), "{secret} is in the log");
        for file in files_below(home.path()) {
            let bytes = std::fs::read(&file).unwrap();
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {}", file.display());
        }
    }
    assert!(ended.stderr.contains("TRACE"), "everything was to be logged");
    drop(sandbox);
}

#[tokio::test]
async fn a_second_gateway_of_a_home_says_who_holds_it() {
    let (_sandbox, home, gateway) = serving().await;
    let second = home.json(&["serve", "--port", "0"]).await;
    let error = second.error(1);
    let holder = format!("process {} at {}", gateway.id(), gateway.address());
    assert!(error["message"].as_str().unwrap().contains(&holder), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("usher serve --port"), "{error}");
    let status = home.json(&["status"]).await.done();
    assert_eq!(status["gateway"], json!({ "running": true, "address": gateway.address() }));
    let shown = home.run(&["status"]).await.stdout;
    assert!(shown.contains(&format!("Gateway    {}", gateway.address())), "{shown}");
    assert_eq!(gateway.stop().await.code, 0);
    let status = home.json(&["status"]).await.done();
    assert_eq!(status["gateway"], json!({ "running": false, "address": null }));
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_with_its_holder_and_no_other_is_taken() {
    let (_sandbox, home) = signed_in().await;
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let error = home.json(&["serve", "--port", &port]).await.error(1);
    let holder = format!("port {port} is used by");
    assert!(error["message"].as_str().unwrap().contains(&holder), "{error}");
    let pid = format!("process {}", std::process::id());
    assert!(error["message"].as_str().unwrap().contains(&pid), "{error}");
}

#[tokio::test]
async fn others_than_loopback_are_wrong_usage() {
    let (_sandbox, home) = signed_in().await;
    for host in ["0.0.0.0", "192.168.1.1", "example.com"] {
        assert_eq!(home.run(&["serve", "--host", host, "--port", "0"]).await.code, 2, "{host}");
    }
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
