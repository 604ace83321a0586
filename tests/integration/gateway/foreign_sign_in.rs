//! A client that sends its own sign-in to OpenAI besides the pass, as the Codex desktop app does.

use serde_json::json;
use usher_tests::{Gateway, Response, Secrets, signed_in};

use crate::auth::leftovers::Left;

const PAYLOAD: &str = "eyJ3aXN0ZXJpYSI6InF1YWdtaXJlLW9mLXRoZS1hcHAifQ";
const SIGNATURE: &str = "Zk3vQ9wistariaQuagmireW71hT0";
/// The account of the client's own sign-in.
const ACCOUNT: &str = "acct-own-hornbeam-4711";

fn jwt() -> String {
    format!("eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}.{SIGNATURE}")
}

/// Returns path and body of a request in each dialect.
fn requests() -> [(&'static str, &'static str, String); 6] {
    let chat = json!({ "model": "", "messages": [{ "role": "user", "content": "Say ready." }] });
    let messages =
        json!({ "model": "", "max_tokens": 9, "messages": [{ "role": "user", "content": "Say ready." }] });
    [
        ("POST", "/v1/responses", json!({ "model": "", "input": "Say ready.", "stream": true }).to_string()),
        ("POST", "/v1/chat/completions", chat.to_string()),
        ("POST", "/v1/messages", messages.to_string()),
        ("POST", "/v1/messages/count_tokens", messages.to_string()),
        ("GET", "/v1/models", String::new()),
        ("GET", "/v1/models?client_version=0.171.0", String::new()),
    ]
}

async fn send(gateway: &Gateway, index: usize, headers: &[(&str, &str)]) -> Response {
    let (method, path, body) = &requests()[index];
    let bearer = format!("Bearer {}", jwt());
    let own = [
        ("authorization", bearer.as_str()),
        ("chatgpt-account-id", ACCOUNT),
        ("content-type", "application/json"),
    ];
    gateway.send(method, path, &[&own[..], headers].concat(), body).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_in_of_a_client_is_removed_and_left_nowhere() {
    let (sandbox, mut home) = signed_in().await;
    home.set("USHER_LOG", "trace");
    let gateway = Gateway::start(&home).await;
    let (pass, mut left) = (gateway.pass().to_owned(), Left::default());
    for index in 0..requests().len() {
        let served = send(&gateway, index, &[("x-api-key", &pass)]).await;
        assert_eq!(served.status, 200, "{:?}: {served:?}", requests()[index]);
        left.note("a response", format!("{served:?}"));
    }
    // A provider that refuses, which is logged and shown.
    sandbox.push_fault("responses", usher_sandbox::Fault::UsageLimit);
    left.note("a refusal", format!("{:?}", send(&gateway, 0, &[("x-api-key", &pass)]).await));
    let before = sandbox.all_requests().len();
    for index in 0..requests().len() {
        for headers in [vec![], vec![("x-api-key", "usher_pass_of-nobody-81x")], vec![("x-api-key", &*jwt())]]
        {
            let refused = send(&gateway, index, &headers).await;
            left.note("a refused request", format!("{refused:?}"));
            let what = format!("{:?} with {headers:?}: {refused:?}", requests()[index]);
            assert_eq!((refused.status, refused.header("x-should-retry")), (401, "false"), "{what}");
            let error = &refused.json()["error"];
            let message = error["message"].as_str().unwrap();
            if refused.body.contains("this is your own sign-in") {
                assert!(
                    message.contains("x-api-key") && message.contains("usher tools connect codex-app"),
                    "{what}"
                );
            } else {
                assert!(message.contains("unknown or revoked pass"), "{what}");
            }
            if requests()[index].1.starts_with("/v1/messages") {
                assert_eq!(refused.json()["type"], "error", "{what}");
            } else {
                assert_eq!(error["code"], "invalid_pass", "{what}");
            }
        }
    }
    assert_eq!(sandbox.all_requests().len(), before, "a refused request asks nobody");
    for request in sandbox.all_requests() {
        assert!(request.header("x-api-key").is_none(), "{request:?}");
        left.note("a request to the provider", format!("{request:?}"));
    }
    for command in [&["status"][..], &["usage"], &["doctor"], &["pass", "list"], &["tools"]] {
        left.note_ran(&home, &command.join(" "), &home.json(command).await, "");
    }
    let output = gateway.stop().await;
    left.note_ran(&home, "serve", &output, "");
    left.assert_log_was_on();
    let mut secrets = Secrets::default();
    secrets.add("sign-in of the client", PAYLOAD);
    secrets.add("signature of the client's sign-in", SIGNATURE);
    secrets.add("account of the client", ACCOUNT);
    secrets.add("pass", &pass);
    left.assert_free_of(&secrets);
}
