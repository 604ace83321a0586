//! A 401: one other token, one retry, then an end (protocol §3.2).

use std::collections::BTreeMap;

use serde_json::json;
use usher_domain::{ErrorCode, Failure};
use usher_sandbox::{Fault, GrantOperation, Rule};

use crate::support::fixture;

const MODEL: &str = "gpt-6.2-sol";

#[tokio::test]
async fn request_after_401_is_retried_with_other_token() {
    let fixture = fixture("ada").await;
    fixture.sandbox.change_grants(GrantOperation::ExpireAccess, None);
    let fresh = fixture.sandbox.issue("ada").access_token;
    fixture.tokens.prepare(fresh.clone());
    assert_eq!(fixture.backend.probe(MODEL, None).await.unwrap(), "ready");
    assert_eq!(fixture.tokens.refreshes(), 1);
    let sent = fixture.sandbox.requests("responses");
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[1].header("authorization"), Some(format!("Bearer {fresh}").as_str()));
    assert_eq!(sent[0].body, sent[1].body);
}

#[tokio::test]
async fn models_and_usage_after_401_are_retried() {
    let fixture = fixture("ada").await;
    fixture.sandbox.change_grants(GrantOperation::ExpireAccess, None);
    fixture.tokens.prepare(fixture.sandbox.issue("ada").access_token);
    fixture.backend.models(Some(&fixture.plan)).await.unwrap();
    fixture.backend.usage().await.unwrap();
    assert_eq!(fixture.tokens.refreshes(), 2, "once for each request");
    assert_eq!((fixture.sandbox.count("models"), fixture.sandbox.count("usage")), (2, 2));
}

#[tokio::test]
async fn second_401_is_an_error() {
    let fixture = fixture("ada").await;
    fixture.tokens.prepare(fixture.sandbox.issue("ada").access_token);
    fixture.sandbox.change_grants(GrantOperation::Invalidate, None);
    let failure = fixture.backend.probe(MODEL, None).await.unwrap_err();
    // The body says "Unauthorized" only; the code comes from the header.
    assert_eq!(failure.code, ErrorCode::SignInRevoked, "{failure}");
    assert!(failure.cause.contains("token_invalidated"), "{failure}");
    assert_eq!((fixture.tokens.refreshes(), fixture.sandbox.count("responses")), (1, 2));
}

#[tokio::test]
async fn last_401_maps_to_its_code() {
    let coded = |code: &str| json!({ "error": { "code": code } });
    // {"error":{"code":"token_invalidated"}}, without its padding.
    let header = "eyJlcnJvciI6eyJjb2RlIjoidG9rZW5faW52YWxpZGF0ZWQifX0";
    let rows = [
        (coded("token_expired"), "", ErrorCode::SignInExpired),
        (coded("refresh_token_expired"), "", ErrorCode::SignInExpired),
        (coded("Token_Invalidated"), "", ErrorCode::SignInRevoked),
        (coded("refresh_token_invalidated"), "", ErrorCode::SignInRevoked),
        (coded("app_session_terminated"), "", ErrorCode::SignInRevoked),
        (coded("account_session_expired"), "", ErrorCode::SignInRevoked),
        (coded("refresh_token_reused"), "", ErrorCode::SignInReused),
        (coded("invalid_api_key"), "", ErrorCode::InvalidKey),
        (json!({ "detail": "Unauthorized" }), "", ErrorCode::SignInExpired),
        (json!({ "detail": "Unauthorized" }), header, ErrorCode::SignInRevoked),
        (json!({ "detail": "Unauthorized" }), "not base64!", ErrorCode::SignInExpired),
        (json!(null), "", ErrorCode::SignInExpired),
    ];
    for (body, header, code) in rows {
        let fixture = fixture("ada").await;
        fixture.tokens.prepare(fixture.sandbox.issue("ada").access_token);
        let headers = BTreeMap::from([("x-error-json".to_owned(), header.to_owned())]);
        let fault = Fault::Status { status: 401, body: body.clone(), headers };
        fixture.sandbox.script(vec![Rule::always("usage", fault)]);
        let failure = fixture.backend.usage().await.unwrap_err();
        assert_eq!(failure.code, code, "{body} {header}: {failure}");
        assert_eq!((fixture.tokens.refreshes(), fixture.sandbox.count("usage")), (1, 2), "{body}");
    }
}

#[tokio::test]
async fn token_source_failure_is_returned() {
    let fixture = fixture("ada").await;
    fixture.sandbox.change_grants(GrantOperation::ExpireAccess, None);
    let failure = Failure::new(ErrorCode::SignInReused, "used elsewhere");
    *fixture.tokens.second.lock().unwrap() = Err(failure.clone());
    assert_eq!(fixture.backend.models(Some(&fixture.plan)).await.unwrap_err(), failure);
    assert_eq!(fixture.sandbox.count("models"), 1, "nothing is sent without a token");
}

#[tokio::test]
async fn closed_account_does_not_refresh() {
    for code in ["account_deactivated", "account_suspended", "account_deleted"] {
        let fixture = fixture("ada").await;
        fixture.tokens.prepare(fixture.sandbox.issue("ada").access_token);
        fixture.sandbox.push_fault("models", Fault::Refuse { code: code.into(), status: 401 });
        let failure = fixture.backend.models(Some(&fixture.plan)).await.unwrap_err();
        assert_eq!((failure.code, fixture.tokens.refreshes()), (ErrorCode::AccountProblem, 0), "{code}");
    }
}

#[tokio::test]
async fn other_status_does_not_refresh() {
    let fixture = fixture("ada").await;
    for status in [400, 403, 429, 500] {
        let fault = Fault::Status { status, body: json!(null), headers: BTreeMap::new() };
        fixture.sandbox.push_fault("models", fault);
        fixture.backend.models(Some(&fixture.plan)).await.unwrap_err();
    }
    assert_eq!((fixture.tokens.refreshes(), fixture.sandbox.count("models")), (0, 4));
}
