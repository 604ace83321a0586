//! Failures of the provider, and the responses of the gateway to its clients.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use usher_sandbox::Fault;
use usher_tests::request;

use crate::gateway::dialects::{code, responses_request, serving};

#[tokio::test]
async fn request_after_401_refreshes_and_retries_once() {
    let (sandbox, _home, gateway) = serving().await;
    sandbox.change_grants(usher_sandbox::GrantOperation::ExpireAccess, Some("ada"));
    let response = gateway.post("/v1/responses", &responses_request(false)).await;
    assert_eq!(response.status, 200, "{response:?}");
    assert_eq!((sandbox.count("token.refresh_token"), sandbox.count("responses")), (1, 2));
}

#[tokio::test]
async fn account_problem_is_403_and_limit_has_retry_after() {
    let (sandbox, home, gateway) = serving().await;
    sandbox.push_fault("responses", Fault::UsageLimit);
    let limited = gateway.post("/v1/responses", &responses_request(true)).await;
    assert_eq!(limited.status, 429, "{limited:?}");
    assert_eq!(limited.json()["error"]["type"], "usage_limit_reached");
    assert!(limited.header("retry-after").parse::<u64>().is_ok(), "{limited:?}");
    let body =
        json!({ "model": "claude-x", "max_tokens": 9, "messages": [{ "role": "user", "content": "a" }] });
    sandbox.push_fault("responses", Fault::UsageLimit);
    let limited = gateway.post("/v1/messages", &body).await;
    assert_eq!((limited.status, &limited.json()["error"]["type"]), (429, &json!("rate_limit_error")));
    assert_eq!(home.run(&["logout", "--yes"]).await.code, 0);
    let refused = gateway.post("/v1/responses", &responses_request(true)).await;
    assert_eq!((refused.status, code(&refused.json())), (403, "sign_in_required"), "{refused:?}");
}

#[tokio::test]
async fn foreign_encrypted_reasoning_is_rejected_once_then_dropped() {
    let (sandbox, _home, gateway) = serving().await;
    let sealed = |content: &str| json!({ "type": "reasoning", "summary": [], "encrypted_content": content });
    let body_with = |reasoning: &[&str]| {
        let mut input: Vec<Value> = reasoning.iter().map(|content| sealed(content)).collect();
        input.push(json!({ "role": "user", "content": "Say ready." }));
        json!({ "model": "", "input": input, "stream": true })
    };
    let left = |request: usize| -> Vec<String> {
        let input = sandbox.requests("responses")[request].body["input"].clone();
        let items = input.as_array().unwrap().iter();
        items.filter_map(|item| item["encrypted_content"].as_str().map(str::to_owned)).collect()
    };
    let own = gateway.encrypted_reasoning().await;
    let response = gateway.post("/v1/responses", &body_with(&["foreign"])).await;
    assert_eq!((response.status, sandbox.count("responses")), (200, 3), "{response:?}");
    assert_eq!(response.header("x-usher-dropped"), "reasoning.encrypted_content");
    assert!(left(1) == ["foreign"] && left(2).is_empty());
    let response = gateway.post("/v1/responses", &body_with(&["foreign", &own])).await;
    assert_eq!((response.status, sandbox.count("responses")), (200, 4), "{response:?}");
    assert_eq!(left(3), [own]);
    // When nothing can be dropped, the backend's error is forwarded.
    sandbox.push_fault("responses", Fault::Refuse { code: "invalid_encrypted_content".into(), status: 400 });
    let refused = gateway.post("/v1/responses", &body_with(&[])).await;
    assert_eq!((refused.status, code(&refused.json())), (400, "invalid_encrypted_content"), "{refused:?}");
    assert_eq!(sandbox.count("responses"), 5);
}

#[tokio::test]
async fn response_cut_before_first_output_is_retried_once() {
    let (sandbox, _home, gateway) = serving().await;
    sandbox.push_fault("responses", Fault::Cut { after_events: 1, clean: true });
    let response = gateway.post("/v1/responses", &responses_request(true)).await;
    assert_eq!(sandbox.count("responses"), 2);
    let created = response.events().iter().filter(|event| **event == "response.created").count();
    assert_eq!((created, response.events().last()), (1, Some(&"response.completed")), "{response:?}");
    // The same for a non-streaming request.
    sandbox.push_fault("responses", Fault::Cut { after_events: 1, clean: true });
    let response = gateway.post("/v1/responses", &responses_request(false)).await;
    assert_eq!((sandbox.count("responses"), response.status), (4, 200), "{response:?}");
    sandbox.push_fault("responses", Fault::Cut { after_events: 6, clean: true });
    let response = gateway.post("/v1/responses", &responses_request(false)).await;
    assert_eq!((sandbox.count("responses"), response.status), (5, 502), "{response:?}");
}

/// The token of a request must not be in the error text of the upstream that the client gets.
#[tokio::test]
async fn token_echoed_by_upstream_is_redacted() {
    let (sandbox, _home, gateway) = serving().await;
    assert_eq!(gateway.post("/v1/responses", &responses_request(true)).await.status, 200);
    let sent = sandbox.requests("responses");
    let token = sent[0].header("authorization").unwrap().strip_prefix("Bearer ").unwrap().to_owned();
    let error = json!({ "message": format!("Bearer {token} may not"), "code": "no", "of": [token] });
    let refuse = || {
        let headers = [("x-error-json".to_owned(), token.clone())].into();
        Fault::Status { status: 403, body: json!({ "error": error }), headers }
    };
    for (path, body_with) in [
        ("/v1/responses", responses_request(true)),
        ("/v1/chat/completions", json!({ "model": "", "messages": [{ "role": "user", "content": "hi" }] })),
    ] {
        sandbox.push_fault("responses", refuse());
        let refused = gateway.post(path, &body_with).await;
        assert_eq!(refused.status, 403, "{path}");
        assert!(!format!("{refused:?}").contains(&token), "{path}");
        assert!(refused.body.contains("[redacted] may not"), "{path}: {refused:?}");
    }
}

#[tokio::test]
async fn response_cut_after_output_ends_with_error_of_dialect() {
    let (sandbox, _home, gateway) = serving().await;
    let long = |stream| json!({ "model": "", "input": "count to 9", "stream": stream });
    sandbox.push_fault("responses", Fault::Cut { after_events: 6, clean: false });
    let response = gateway.post("/v1/responses", &long(true)).await;
    assert_eq!(
        (sandbox.count("responses"), response.events().last()),
        (1, Some(&"response.failed")),
        "{response:?}"
    );
    // The sandbox numbers no events.
    assert_eq!(numbers(&response), (0..response.events().len() as u64).map(Some).collect::<Vec<_>>());
    let limit = json!({ "error": { "code": "rate_limit_exceeded", "message": "Slow down." } });
    sandbox.push_fault(
        "responses",
        Fault::Event { event: json!({ "type": "response.failed", "response": limit }), after_events: 1 },
    );
    let response = gateway.post("/v1/responses", &long(true)).await;
    assert_eq!(numbers(&response).last(), Some(&Some(response.events().len() as u64 - 1)), "{response:?}");
    let messages = json!({
        "model": "claude-x", "max_tokens": 9, "stream": true,
        "messages": [{ "role": "user", "content": "count to 9" }],
    });
    sandbox.push_fault("responses", Fault::Cut { after_events: 6, clean: false });
    let response = gateway.post("/v1/messages", &messages).await;
    assert_eq!(response.events().last(), Some(&"error"), "{response:?}");
}

/// Returns the `sequence_number` of each event.
fn numbers(response: &usher_tests::Response) -> Vec<Option<u64>> {
    let events = response.data().into_iter();
    let events = events.map(|data| serde_json::from_str::<Value>(data).unwrap_or_default());
    events.map(|event| event["sequence_number"].as_u64()).collect()
}

#[tokio::test]
async fn client_disconnect_closes_upstream_at_once() {
    let (sandbox, _home, gateway) = serving().await;
    sandbox.push_fault("responses", Fault::HangAfter { events: 3 });
    let pass = format!("Bearer {}", gateway.pass());
    let headers = [("host", gateway.authority()), ("authorization", pass.as_str())];
    let mut connection = gateway.connect().await;
    let body_with = request("POST", "/v1/responses", &headers, &responses_request(true).to_string());
    connection.write_all(body_with.as_bytes()).await.unwrap();
    let mut first = [0; 64];
    connection.read_exact(&mut first).await.unwrap();
    drop(connection);
    let left = sandbox.wait_for("responses.cancelled", 1, Duration::from_secs(30)).await;
    assert_eq!(left, Some(1), "the upstream request is still running");
}
