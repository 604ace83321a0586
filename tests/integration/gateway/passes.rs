//! Passes: what each one allows and for how long; and one gateway per home.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use usher_sandbox::{Fault, Options, Sandbox};
use usher_tests::{Gateway, Home, signed_in};

use crate::gateway::dialects::{code, responses_request, serving};

#[tokio::test]
async fn pass_revoked_by_another_process_ends_running_responses() {
    let (sandbox, home, gateway) = serving().await;
    sandbox.push_fault("responses", Fault::HangAfter { events: 3 });
    let running = async { gateway.post("/v1/responses", &responses_request(true)).await };
    let revoked = async {
        sandbox.wait_for("responses", 1, Duration::from_secs(30)).await.expect("the request arrived");
        assert_eq!(home.run(&["pass", "revoke", "test"]).await.code, 0);
    };
    let (cut, ()) = tokio::join!(running, revoked);
    assert!(cut.body.contains("revoked"), "{cut:?}");
    let refused = gateway.get("/v1/models", &[]).await;
    assert_eq!(refused.status, 401, "{refused:?}");
}

/// Also while the retry waits for a response of the provider.
#[tokio::test]
async fn retry_ends_when_provider_is_disabled() {
    let (sandbox, home, gateway) = serving().await;
    for stream in [true, false] {
        sandbox.reset();
        sandbox.push_fault("responses", Fault::Cut { after_events: 1, clean: true });
        sandbox.push_fault("responses", Fault::Hang);
        let running = async { gateway.post("/v1/responses", &responses_request(stream)).await };
        let switched_off = async {
            sandbox
                .wait_for("responses", 2, Duration::from_secs(30))
                .await
                .expect("the request was repeated");
            assert_eq!(home.run(&["providers", "disable", "chatgpt"]).await.code, 0);
        };
        let (cut, ()) = tokio::join!(running, switched_off);
        assert!(cut.body.contains("was switched off"), "{cut:?}");
        assert_eq!(home.run(&["providers", "enable", "chatgpt"]).await.code, 0);
    }
}

#[tokio::test]
async fn removed_key_ends_running_responses() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    home.json_with_input(&["login", "--api-key-stdin"], "sk-sandbox-0123456789abcd").await.done();
    let gateway = Gateway::start_with(&home, &["--provider", "openai"]).await;
    sandbox.push_fault("platform.responses", Fault::HangAfter { events: 3 });
    let running = async { gateway.post("/v1/responses", &responses_request(true)).await };
    let removed = async {
        sandbox
            .wait_for("platform.responses", 1, Duration::from_secs(30))
            .await
            .expect("the request arrived");
        assert_eq!(home.run(&["logout", "--provider", "openai", "--yes"]).await.code, 0);
    };
    let (cut, ()) = tokio::join!(running, removed);
    assert!(cut.body.contains("the key was removed"), "{cut:?}");
}

#[tokio::test]
async fn access_token_is_given_only_to_pass_with_that_scope() {
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
async fn printed_pass_has_its_expiry_only_in_the_document() {
    let (_sandbox, home) = signed_in().await;
    home.json(&["pass", "new", "nightly", "--expires", "12h"]).await.done();
    home.json(&["pass", "new", "always"]).await.done();
    let list = home.json(&["pass", "list"]).await.done();
    for (at, name) in ["nightly", "always"].into_iter().enumerate() {
        let text = home.run(&["pass", "print", name]).await.stdout;
        let expires_at = &list["passes"][at]["expires_at"];
        assert_eq!(expires_at.is_number(), name == "nightly", "{list}");
        let pass = json!({"name": name, "secret": text.trim_end(), "expires_at": expires_at});
        assert_eq!(home.json(&["pass", "print", name]).await.done(), json!({ "pass": pass }));
    }
}

#[tokio::test]
async fn access_tokens_are_limited_in_rate() {
    let (_sandbox, home) = signed_in().await;
    let gateway = Gateway::start_with(&home, &["--allow", "token"]).await;
    for _ in 0..30 {
        assert_eq!(gateway.post("/usher/token", &json!({})).await.status, 200);
    }
    let refused = gateway.post("/usher/token", &json!({})).await;
    assert_eq!((refused.status, code(&refused.json())), (429, "too_many_requests"), "{refused:?}");
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|wait| wait <= 60), "{refused:?}");
}

/// The token that it reads is good for every model and project.
#[tokio::test]
async fn pass_for_tokens_is_not_limited_to_model_or_project() {
    let (_sandbox, home) = signed_in().await;
    for narrow in [["--model", "gpt-6-sol"], ["--project", "."]] {
        let refused = home.run(&[&["pass", "new", "box", "--allow", "token"], &narrow[..]].concat()).await;
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(refused.stderr.contains("every model and project"), "{refused:?}");
    }
}

#[tokio::test]
async fn pass_that_expires_ends_running_responses() {
    let (sandbox, home) = signed_in().await;
    let gateway = Gateway::start_with(&home, &["--expires", "3s"]).await;
    sandbox.push_fault("responses", Fault::HangAfter { events: 3 });
    let cut = gateway.post("/v1/responses", &responses_request(true)).await;
    assert!(cut.body.contains("the pass has expired"), "{cut:?}");
    assert_eq!(gateway.get("/v1/models", &[]).await.status, 401);
}

#[tokio::test]
async fn pass_is_limited_to_its_scope() {
    let (sandbox, home) = signed_in().await;
    let gateway = Gateway::start_with(&home, &["--provider", "chatgpt", "--model", "gpt-6-sol"]).await;
    let response = gateway.post("/v1/responses", &responses_request(false)).await;
    assert_eq!((response.status, response.header("x-usher-model")), (200, "gpt-6-sol"), "{response:?}");
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

/// Returns all files below `folder`.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn passes_prompts_and_tokens_are_left_nowhere() {
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
    assert!(ended.stderr.contains("TRACE"), "everything is logged");
    drop(sandbox);
}

#[tokio::test]
async fn second_gateway_of_home_names_the_running_one() {
    let (_sandbox, home, gateway) = serving().await;
    let second = home.json(&["serve", "--port", "0"]).await;
    let error = second.error(1);
    let (process, address) = (gateway.id(), gateway.address());
    let message =
        format!("`usher serve` (process {process}) already runs the gateway at {address}. Use that one.");
    assert_eq!(error["message"], message);
    assert!(error["hint"].as_str().unwrap().contains("usher pass new"), "{error}");
    let status = home.json(&["status"]).await.done();
    assert_eq!(status["gateway"], json!({ "running": true, "address": gateway.address(), "locked": false }));
    let text = home.run(&["status"]).await.stdout;
    assert!(text.contains(&format!("Gateway    {}", gateway.address())), "{text}");
    assert_eq!(gateway.stop().await.code, 0);
    let status = home.json(&["status"]).await.done();
    assert_eq!(status["gateway"], json!({ "running": false, "address": null, "locked": false }));
}

#[tokio::test]
async fn taken_port_is_reported_with_holder() {
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
async fn non_loopback_host_is_wrong_usage() {
    let (_sandbox, home) = signed_in().await;
    for host in ["0.0.0.0", "192.168.1.1", "example.com"] {
        assert_eq!(home.run(&["serve", "--host", host, "--port", "0"]).await.code, 2, "{host}");
    }
}
