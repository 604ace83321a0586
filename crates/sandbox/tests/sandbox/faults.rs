//! Each kind of fault, and which requests it applies to.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;
use usher_sandbox::{Fault, Rule, TokenSet};

use crate::support::{Rig, model_request, read};

const REFRESH: &str = "token.refresh_token";

struct Struck {
    rig: Rig,
    refresh_token: String,
}

/// Makes a client with a refresh token, and `fault` for its next refresh.
async fn struck_by(fault: Fault) -> Struck {
    let rig = Rig::start().await;
    let refresh_token = rig.sandbox.issue("ada").refresh_token.expect("a token");
    rig.sandbox.push_fault(REFRESH, fault);
    Struck { rig, refresh_token }
}

#[tokio::test]
async fn status_fault_does_not_process_request() {
    let headers = BTreeMap::from([("retry-after".to_owned(), "7".to_owned())]);
    let Struck { rig, refresh_token } =
        struck_by(Fault::Status { status: 503, body: json!({ "error": "busy" }), headers }).await;
    let response = rig.refresh(&refresh_token).await;
    assert_eq!(response.headers()["retry-after"], "7");
    assert_eq!(read(response).await, (503, json!({ "error": "busy" })));
    assert_eq!(rig.refresh(&refresh_token).await.status(), 200, "the token was not spent");
}

#[tokio::test]
async fn status_fault_with_string_sends_it_unchanged() {
    let fault = Fault::Status { status: 500, body: json!("oops"), headers: BTreeMap::new() };
    let Struck { rig, refresh_token } = struck_by(fault).await;
    assert_eq!(rig.refresh(&refresh_token).await.text().await.expect("text"), "oops");
}

#[tokio::test]
async fn refuse_fault_sends_any_code() {
    for code in ["refresh_token_expired", "account_deactivated", "app_session_terminated"] {
        let Struck { rig, refresh_token } =
            struck_by(Fault::Refuse { code: code.to_owned(), status: 401 }).await;
        let (status, body) = read(rig.refresh(&refresh_token).await).await;
        assert_eq!((status, body["error"]["code"].as_str()), (401, Some(code)));
    }
}

#[tokio::test]
async fn delay_fault_delays_response() {
    let Struck { rig, refresh_token } = struck_by(Fault::Delay { ms: 80 }).await;
    let begun = Instant::now();
    assert_eq!(rig.refresh(&refresh_token).await.status(), 200);
    assert!(begun.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn hang_fault_never_responds() {
    let Struck { rig, refresh_token } = struck_by(Fault::Hang).await;
    let response = tokio::time::timeout(Duration::from_millis(100), rig.refresh(&refresh_token)).await;
    assert!(response.is_err(), "responded: {response:?}");
    assert_eq!(rig.sandbox.count(REFRESH), 1, "it was received");
}

#[tokio::test]
async fn drop_before_fault_keeps_refresh_token_valid() {
    let Struck { rig, refresh_token } = struck_by(Fault::DropBefore).await;
    assert!(rig.refresh_request(&refresh_token).send().await.is_err());
    assert_eq!(rig.sandbox.count(REFRESH), 1);
    assert_eq!(rig.refresh(&refresh_token).await.status(), 200);
}

#[tokio::test]
async fn drop_after_fault_rotates_refresh_token() {
    let Struck { rig, refresh_token } = struck_by(Fault::DropAfter).await;
    assert!(rig.refresh_request(&refresh_token).send().await.is_err());
    let (_, body) = read(rig.refresh(&refresh_token).await).await;
    assert_eq!(body["error"]["code"], "refresh_token_reused");
}

#[tokio::test]
async fn reset_mid_body_fault_sends_half_of_body() {
    let Struck { rig, refresh_token } = struck_by(Fault::ResetMidBody).await;
    let mut response = rig.refresh(&refresh_token).await;
    assert_eq!(response.status(), 200);
    let promised = response.content_length().expect("a length");
    let mut received = 0;
    let broken = loop {
        match response.chunk().await {
            Ok(Some(bytes)) => received += bytes.len() as u64,
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(broken);
    assert_eq!(received, promised / 2);
    let (_, body) = read(rig.refresh(&refresh_token).await).await;
    assert_eq!(body["error"]["code"], "refresh_token_reused", "it was processed");
}

#[tokio::test]
async fn malformed_fault_is_200_with_text() {
    let Struck { rig, refresh_token } = struck_by(Fault::Malformed { body: "<html>".to_owned() }).await;
    let response = rig.refresh(&refresh_token).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.text().await.expect("text"), "<html>");
}

#[tokio::test]
async fn html_challenge_fault_is_cloudflare_page() {
    let Struck { rig, refresh_token } = struck_by(Fault::HtmlChallenge).await;
    let response = rig.refresh(&refresh_token).await;
    assert_eq!(response.status(), 403);
    assert!(response.headers()["content-type"].to_str().expect("text").starts_with("text/html"));
    assert_eq!(response.headers()["cf-mitigated"], "challenge");
    assert!(response.headers().contains_key("cf-ray"));
}

#[tokio::test]
async fn region_fault_is_403_with_code() {
    let Struck { rig, refresh_token } = struck_by(Fault::Region).await;
    let (status, body) = read(rig.refresh(&refresh_token).await).await;
    assert_eq!(status, 403);
    assert_eq!(body["error"]["code"], "unsupported_country_region_territory");
    assert_eq!(body["error"]["type"], "request_forbidden");
    assert_eq!(rig.refresh(&refresh_token).await.status(), 200, "the tokens are still good");
}

#[tokio::test]
async fn usage_limit_fault_is_429_with_headers() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    rig.sandbox.push_fault("responses", Fault::UsageLimit);
    let response = rig.respond(&tokens, &model_request("hi")).send().await.expect("a response");
    assert_eq!(response.headers()["x-codex-primary-used-percent"], "100.0");
    assert_eq!(response.headers()["x-codex-rate-limit-reached-type"], "rate_limit_reached");
    let (status, body) = read(response).await;
    assert_eq!((status, &body["error"]["type"]), (429, &json!("usage_limit_reached")));
    assert_eq!(body["error"]["plan_type"], "plus");
    assert_eq!(rig.respond(&tokens, &model_request("hi")).send().await.expect("a response").status(), 200);
}

#[tokio::test]
async fn rule_applies_after_and_times() {
    let rig = Rig::start().await;
    let fault = || Fault::Refuse { code: "x".to_owned(), status: 418 };
    rig.sandbox.script(vec![
        Rule { at: "usage".to_owned(), times: 2, after: 1, fault: fault() },
        Rule::once("models", fault()),
    ]);
    let token = rig.sandbox.issue("ada").access_token;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(rig.usage(&token, "ada").await.status().as_u16());
    }
    assert_eq!(statuses, [200, 418, 418, 200]);
    assert_eq!(rig.sandbox.pending_faults().len(), 1, "the other endpoint's rule waits");
}

#[tokio::test]
async fn rule_with_zero_times_applies_until_reset() {
    let rig = Rig::start().await;
    rig.sandbox.script(vec![Rule::always("usage", Fault::Region)]);
    let token = rig.sandbox.issue("ada").access_token;
    for _ in 0..3 {
        assert_eq!(rig.usage(&token, "ada").await.status(), 403);
    }
    rig.sandbox.reset();
    assert_eq!(rig.usage(&token, "ada").await.status(), 200);
}

#[tokio::test]
async fn rules_of_one_endpoint_apply_in_order() {
    let rig = Rig::start().await;
    rig.sandbox.push_fault(REFRESH, Fault::Refuse { code: "first".to_owned(), status: 500 });
    rig.sandbox.push_fault(REFRESH, Fault::Refuse { code: "second".to_owned(), status: 502 });
    let tokens: TokenSet = rig.sandbox.issue("ada");
    let token = tokens.refresh_token.expect("a token");
    assert_eq!(rig.refresh(&token).await.status(), 500);
    assert_eq!(rig.refresh(&token).await.status(), 502);
    assert_eq!(rig.refresh(&token).await.status(), 200);
}
