//! What goes wrong at the provider on a request's way through the gateway, and what the caller is told.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use usher_sandbox::Fault;
use usher_tests::request;

use crate::gateway::dialects::{ask, code, serving};

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
async fn an_answer_that_breaks_off_before_its_first_word_is_asked_for_once_more() {
    let (sandbox, _home, gateway) = serving().await;
    sandbox.push_fault("responses", Fault::Cut { after_events: 1, clean: true });
    let answer = gateway.post("/v1/responses", &ask(true)).await;
    assert_eq!(sandbox.count("responses"), 2);
    let created = answer.events().iter().filter(|event| **event == "response.created").count();
    assert_eq!((created, answer.events().last()), (1, Some(&"response.completed")), "{answer:?}");
    // The same where the caller wants it whole.
    sandbox.push_fault("responses", Fault::Cut { after_events: 1, clean: true });
    let answer = gateway.post("/v1/responses", &ask(false)).await;
    assert_eq!((sandbox.count("responses"), answer.status), (4, 200), "{answer:?}");
    sandbox.push_fault("responses", Fault::Cut { after_events: 6, clean: true });
    let answer = gateway.post("/v1/responses", &ask(false)).await;
    assert_eq!((sandbox.count("responses"), answer.status), (5, 502), "{answer:?}");
}

/// What a request was let in by must not come back in the words of whoever was asked.
#[tokio::test]
async fn a_server_that_repeats_the_token_is_not_repeated() {
    let (sandbox, _home, gateway) = serving().await;
    assert_eq!(gateway.post("/v1/responses", &ask(true)).await.status, 200);
    let sent = sandbox.requests("responses");
    let token = sent[0].header("authorization").unwrap().strip_prefix("Bearer ").unwrap().to_owned();
    let error = json!({ "message": format!("Bearer {token} may not"), "code": "no", "of": [token] });
    let refuse = || {
        let headers = [("x-error-json".to_owned(), token.clone())].into();
        Fault::Status { status: 403, body: json!({ "error": error }), headers }
    };
    for (path, asked) in [
        ("/v1/responses", ask(true)),
        ("/v1/chat/completions", json!({ "model": "", "messages": [{ "role": "user", "content": "hi" }] })),
    ] {
        sandbox.push_fault("responses", refuse());
        let refused = gateway.post(path, &asked).await;
        assert_eq!(refused.status, 403, "{path}");
        assert!(!format!("{refused:?}").contains(&token), "{path}");
        assert!(refused.body.contains("[redacted] may not"), "{path}: {refused:?}");
    }
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
