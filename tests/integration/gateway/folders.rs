//! Passes of a folder: a program that runs outside of it, or of which nobody knows where, is refused.
#![cfg(target_os = "linux")]

use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::{Value, json};
use usher_sandbox::Sandbox;
use usher_tests::{Gateway, Home, Response, signed_in};

use crate::gateway::dialects::responses_request;

/// Starts a gateway and a pass of `folder`. The client is this test, in the folder that it was started in.
async fn bound_to(folder: &Path) -> (Sandbox, Home, Gateway) {
    let (sandbox, home) = signed_in().await;
    let gateway = Gateway::start_with(&home, &["--project", folder.to_str().unwrap()]).await;
    (sandbox, home, gateway)
}

fn chat(stream: bool) -> Value {
    json!({ "model": "", "messages": [{ "role": "user", "content": "hi" }], "stream": stream })
}

fn message(stream: bool) -> Value {
    let messages = [json!({ "role": "user", "content": "hi" })];
    json!({ "model": "claude-opus-5-5", "max_tokens": 100, "messages": messages, "stream": stream })
}

async fn ask_all(gateway: &Gateway) -> Vec<Response> {
    vec![
        gateway.post("/v1/responses", &responses_request(true)).await,
        gateway.post("/v1/chat/completions", &chat(false)).await,
        gateway.post("/v1/messages", &message(true)).await,
        gateway.post("/v1/messages/count_tokens", &message(false)).await,
        gateway.get("/v1/models", &[]).await,
    ]
}

#[tokio::test]
async fn program_in_the_folder_or_below_it_is_answered() {
    let here = std::env::current_dir().unwrap();
    let link = tempfile::tempdir().unwrap();
    let linked = link.path().join("project");
    symlink(&here, &linked).unwrap();
    for folder in [&here, here.parent().unwrap(), &linked] {
        let (_sandbox, home, gateway) = bound_to(folder).await;
        for response in ask_all(&gateway).await {
            assert_eq!(response.status, 200, "{}: {response:?}", folder.display());
        }
        let listed = home.run(&["pass", "list"]).await.stdout;
        assert!(listed.contains("only in /"), "{listed}");
    }
}

#[tokio::test]
async fn program_outside_of_it_is_refused_before_the_provider_is_asked() {
    let here = std::env::current_dir().unwrap();
    let other = tempfile::tempdir().unwrap();
    // Its path begins with the same text, and is no folder above.
    let sibling = here.parent().unwrap().join(format!("{}-sibling", here.file_name().unwrap().display()));
    std::fs::create_dir_all(&sibling).unwrap();
    for folder in [other.path(), &sibling] {
        let (sandbox, _home, gateway) = bound_to(folder).await;
        for response in ask_all(&gateway).await {
            assert_eq!(response.status, 403, "{}: {response:?}", folder.display());
            assert!(response.body.contains("only for programs that run in"), "{response:?}");
            assert!(response.body.contains(here.to_str().unwrap()), "{response:?}");
        }
        assert_eq!(sandbox.count("responses") + sandbox.count("models"), 0);
    }
    std::fs::remove_dir(sibling).unwrap();
}

#[tokio::test]
async fn folder_that_became_a_link_or_is_gone_refuses() {
    let other = tempfile::tempdir().unwrap();
    let folder = other.path().canonicalize().unwrap().join("project");
    std::fs::create_dir(&folder).unwrap();
    let (_sandbox, _home, gateway) = bound_to(&folder).await;
    std::fs::remove_dir(&folder).unwrap();
    assert_eq!(gateway.get("/v1/models", &[]).await.status, 403);
    symlink(std::env::current_dir().unwrap(), &folder).unwrap();
    let refused = gateway.get("/v1/models", &[]).await;
    assert!(refused.status == 403 && refused.body.contains("that folder is gone"), "{refused:?}");
}

#[tokio::test]
async fn pass_of_no_folder_is_not_made() {
    let (_sandbox, home) = signed_in().await;
    home.write("a-file", "");
    let file = home.path().join("a-file");
    for wrong in ["/nowhere/at/all", file.to_str().unwrap()] {
        let failed = home.json(&["pass", "new", "bound", "--project", wrong]).await;
        assert_eq!(failed.error_code(2), "bad_usage");
    }
    assert!(!home.run(&["pass", "list"]).await.stdout.contains("bound"));
}
