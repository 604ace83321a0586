//! The code exchange: sent once, and saved only if every step succeeds.

use usher_domain::{ErrorCode, Failure};
use usher_sandbox::Fault;
use usher_sandbox::browser::Browser;

use crate::support::{BROWSER, World};

const EXCHANGE: &str = "token.authorization_code";

/// Signs in with `fault` in the exchange. Whatever the fault, the code is sent once and nothing is saved.
async fn exchange_with(fault: Fault) -> Failure {
    let world = World::new().await;
    world.sandbox.push_fault(EXCHANGE, fault);
    let pending = world.start(BROWSER).await;
    Browser::new().approve(&pending.url, "ada").await;
    let failure = pending.ended().await.unwrap_err();
    assert_eq!(world.sandbox.count(EXCHANGE), 1, "never a second time");
    assert!(world.summary().sign_ins.is_empty());
    assert!(!world.home.path().join("secrets.usher").exists(), "nothing is kept");
    failure
}

fn response(status: u16, body: &str) -> Fault {
    let body = serde_json::from_str(body).unwrap_or_else(|_| body.into());
    Fault::Status { status, body, headers: [].into() }
}

#[tokio::test]
async fn code_exchange_with_unclear_outcome_is_not_repeated() {
    assert_eq!(exchange_with(Fault::DropAfter).await.code, ErrorCode::Offline);
    assert_eq!(exchange_with(Fault::DropBefore).await.code, ErrorCode::Offline);
    assert_eq!(exchange_with(Fault::ResetMidBody).await.code, ErrorCode::Offline);
}

#[tokio::test]
async fn code_exchange_in_unsupported_region_has_its_code() {
    assert_eq!(exchange_with(Fault::Region).await.code, ErrorCode::RegionUnsupported);
}

#[tokio::test]
async fn code_exchange_with_html_page_is_challenge_page() {
    let failure = exchange_with(Fault::HtmlChallenge).await;
    assert_eq!(failure.code, ErrorCode::ChallengePage);
    assert!(failure.cause.contains("8a1b2c3d4e5f6789-SBX"), "the ray id helps support: {failure}");
    assert!(!failure.cause.contains('<'), "{failure}");
}

#[tokio::test]
async fn code_exchange_with_malformed_response_does_not_echo_it() {
    for body in [
        "{\"access_token\":\"rt_secret_0123456789\"",
        "[]",
        "",
        "rt_secret_0123456789",
        "{\"access_token\":7}",
    ] {
        let failure = exchange_with(Fault::Malformed { body: body.into() }).await;
        assert_eq!(failure.code, ErrorCode::MalformedAnswer, "{body}");
        assert!(!failure.cause.contains("rt_secret"), "{failure}");
    }
}

#[tokio::test]
async fn code_exchange_without_one_of_three_tokens_fails() {
    for body in [
        r#"{"access_token":"a","refresh_token":"r"}"#,
        r#"{"access_token":"a","id_token":"i"}"#,
        r#"{"refresh_token":"r","id_token":"i","access_token":null}"#,
        r#"{"refresh_token":"r","id_token":"i","access_token":""}"#,
        r#"{"refresh_token":" ","id_token":"i","access_token":"a"}"#,
        r#"{"refresh_token":"r","id_token":"","access_token":"a"}"#,
    ] {
        assert_eq!(exchange_with(response(200, body)).await.code, ErrorCode::MalformedAnswer, "{body}");
    }
}

#[tokio::test]
async fn code_exchange_error_keeps_provider_message() {
    let body = r#"{"error":"invalid_grant","error_description":"Code rt_secret_0123456789 is old."}"#;
    let failure = exchange_with(response(400, body)).await;
    // What helps is to sign in again, at once.
    assert_eq!(failure.code, ErrorCode::SignInExpired);
    assert!(failure.cause.contains("too old or was used already"), "{failure}");
    assert!(failure.cause.contains("invalid_grant: Code [redacted] is old."), "{failure}");
}

/// Whichever token is missing, the grant is revoked.
#[tokio::test]
async fn code_exchange_with_missing_token_revokes_grant() {
    let world = World::new().await;
    let body = serde_json::json!({ "access_token": "a.b.c", "refresh_token": "rt_left_over" });
    world.sandbox.push_fault(EXCHANGE, Fault::Status { status: 200, body, headers: [].into() });
    let pending = world.start(BROWSER).await;
    Browser::new().approve(&pending.url, "ada").await;
    assert_eq!(pending.ended().await.unwrap_err().code, ErrorCode::MalformedAnswer);
    assert_eq!(world.sandbox.requests("revoke")[0].body["token"], "rt_left_over");
}

#[tokio::test]
async fn code_exchange_rate_limited_has_its_code() {
    let rows = [("slow_down", ErrorCode::Overloaded), ("rate_limit_exceeded", ErrorCode::RateLimited)];
    for (error, code) in rows {
        let failure = exchange_with(response(429, &format!(r#"{{"error":"{error}"}}"#))).await;
        assert_eq!(failure.code, code, "{failure}");
    }
}

#[tokio::test]
async fn code_exchange_of_closed_account_has_its_code() {
    let fault = Fault::Refuse { code: "account_deactivated".into(), status: 403 };
    assert_eq!(exchange_with(fault).await.code, ErrorCode::AccountProblem);
}

#[tokio::test]
async fn code_exchange_with_tokens_without_account_revokes_grant() {
    let world = World::new().await;
    let body = r#"{"access_token":"a.e30.s","refresh_token":"rt_of_nobody","id_token":"i.e30.s"}"#;
    world.sandbox.push_fault(EXCHANGE, response(200, body));
    let pending = world.start(BROWSER).await;
    Browser::new().approve(&pending.url, "ada").await;
    assert_eq!(pending.ended().await.unwrap_err().code, ErrorCode::MalformedAnswer);
    let revoked = world.sandbox.requests("revoke");
    assert_eq!(revoked.len(), 1);
    assert_eq!(revoked[0].body["token"], "rt_of_nobody");
}

#[tokio::test]
async fn code_exchange_with_unreachable_issuer_is_offline() {
    let world = World::new().await;
    let pending = world.start(BROWSER).await;
    let target = format!("/auth/callback?code=c&state={}", pending.parameter("state"));
    let (port, World { sandbox, .. }) = (pending.port(), world);
    drop(sandbox);
    crate::support::get(port, &target).await;
    assert_eq!(pending.ended().await.unwrap_err().code, ErrorCode::Offline);
}

#[tokio::test]
async fn code_exchange_with_wrong_clock_revokes_grant() {
    let world = World::new().await;
    world.clock.forward(30 * 24 * 60 * 60);
    let pending = world.start(BROWSER).await;
    Browser::new().approve(&pending.url, "ada").await;
    let failure = pending.ended().await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::ClockSkew);
    // Thirty days, give or take a second or two between the clocks.
    assert!(
        failure.cause.contains("clock difference: 2592") || failure.cause.contains("2591999"),
        "{failure}"
    );
    assert!(world.summary().sign_ins.is_empty());
    assert_eq!(world.sandbox.count("revoke"), 1);
}

#[tokio::test]
async fn code_exchange_that_cannot_be_saved_revokes_grant() {
    let world = World::new().await;
    let pending = world.start(BROWSER).await;
    // A folder is at the path of the file by the time the response arrives.
    std::fs::create_dir(world.home.path().join("secrets.usher")).unwrap();
    Browser::new().approve(&pending.url, "ada").await;
    assert_eq!(pending.ended().await.unwrap_err().code, ErrorCode::StoreUnavailable);
    assert_eq!(world.sandbox.count("revoke"), 1);
}

#[tokio::test]
async fn sign_in_with_unusable_store_fails_first() {
    let world = World::new().await;
    std::fs::create_dir(world.home.path().join("secrets.usher")).unwrap();
    let failure = world.start(BROWSER).await.ended().await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::StoreUnavailable);
    assert!(world.sandbox.all_requests().is_empty());
}
