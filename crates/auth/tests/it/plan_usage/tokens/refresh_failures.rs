//! Failed refreshes of plan usage: what ends the sign-in, what does not, and what is not known (siwc §7.4).

use usher_auth::RevocationStatus;
use usher_domain::{Account, ErrorCode, Failure};
use usher_sandbox::{Fault, PlanGrantOperation, TokenErrorBody};

use super::MINUTE;
use crate::support::{World, after_401, token};

const REFRESH: &str = "plan.token.refresh_token";

/// Requests a token that has to be refreshed, with `fault` in the refresh.
async fn refresh_expired_with(fault: Fault) -> (World, Account, Failure) {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    world.forward(61 * MINUTE);
    world.sandbox.push_fault(REFRESH, fault);
    let failure = token(&world.source(&account)).await.err().expect("a failure");
    assert_eq!(world.plan_refreshes(), 1, "asked once");
    (world, account, failure)
}

fn status(status: u16, body: serde_json::Value) -> Fault {
    Fault::Status { status, body, headers: [].into() }
}

/// Asserts that every process reports the end and sends nothing more, and what is kept.
async fn assert_ended(world: &World, account: &Account, code: ErrorCode) {
    let sign_in = world.only_sign_in();
    assert_eq!(sign_in.ended.expect("written down").code, code);
    assert_eq!(sign_in.account.id(), account.id(), "the account stays");
    assert_eq!(world.saved_registrations().len(), 1, "and the registration");
    let other = world.source_of(world.another_store(), account);
    assert_eq!(token(&other).await.err().unwrap().code, code);
    assert_eq!(world.plan_refreshes(), 1);
    // The tokens are gone: there is nothing to revoke.
    let disconnected = world.revocation.disconnect(account.id()).await.unwrap();
    assert_eq!(disconnected, RevocationStatus::NotNeeded);
    assert_eq!(world.sandbox.count("plan.revoke"), 0);
}

/// Asserts that the sign-in is kept: the next try, after the backoff, gets new tokens for the same refresh token.
async fn assert_next_refresh_succeeds(world: &World, account: &Account) {
    assert_eq!(world.only_sign_in().ended, None);
    world.forward(10);
    token(&world.source(account)).await.unwrap();
    let sent = world.sandbox.requests(REFRESH);
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].body["refresh_token"], sent[1].body["refresh_token"]);
}

#[tokio::test]
async fn error_that_ends_the_sign_in_is_read_in_each_envelope() {
    let rows = [
        ("invalid_grant", ErrorCode::SignInRevoked),
        ("invalid_refresh_token", ErrorCode::SignInRevoked),
        ("token_expired", ErrorCode::SignInExpired),
        ("refresh_token_expired", ErrorCode::SignInExpired),
        ("refresh_token_invalidated", ErrorCode::SignInRevoked),
        ("refresh_token_reused", ErrorCode::SignInReused),
    ];
    for (error, code) in rows {
        for body in [TokenErrorBody::Oauth, TokenErrorBody::Object, TokenErrorBody::TopLevel] {
            let fault = Fault::TokenError { code: error.into(), status: 400, body };
            let (world, account, failure) = refresh_expired_with(fault).await;
            assert_eq!(failure.code, code, "{error} in {body:?}");
            assert_ended(&world, &account, code).await;
        }
    }
}

#[tokio::test]
async fn end_at_the_server_is_reported() {
    let rows = [
        (PlanGrantOperation::ExpireRefresh, ErrorCode::SignInExpired),
        (PlanGrantOperation::Invalidate, ErrorCode::SignInRevoked),
        (PlanGrantOperation::Reuse, ErrorCode::SignInReused),
    ];
    for (operation, code) in rows {
        let world = World::new().await;
        let account = world.sign_in_with_plan("ada").await;
        let source = world.source(&account);
        world.forward(56 * MINUTE);
        world.sandbox.change_plan_grants(operation, Some("ada"));
        // Although the access token would be valid for minutes more.
        assert_eq!(token(&source).await.err().unwrap().code, code);
        assert_ended(&world, &account, code).await;
    }
}

#[tokio::test]
async fn rejected_client_is_configuration_and_keeps_the_tokens() {
    for (status, body) in
        [(401, TokenErrorBody::Oauth), (400, TokenErrorBody::Object), (401, TokenErrorBody::TopLevel)]
    {
        let fault = Fault::TokenError { code: "invalid_client".into(), status, body };
        let (world, account, failure) = refresh_expired_with(fault).await;
        assert_eq!(failure.code, ErrorCode::RegistrationIncomplete);
        assert!(failure.cause.contains("did not accept this registration"), "{failure}");
        assert_next_refresh_succeeds(&world, &account).await;
    }
}

#[tokio::test]
async fn refusal_without_meaning_for_the_sign_in_keeps_it() {
    let error = |status: u16, code: &str| Fault::TokenError {
        code: code.into(),
        status,
        body: TokenErrorBody::Oauth,
    };
    let rows = [
        (Fault::Region, ErrorCode::RegionUnsupported),
        (Fault::HtmlChallenge, ErrorCode::ChallengePage),
        (error(429, "slow_down"), ErrorCode::Overloaded),
        (error(429, "rate_limit_exceeded"), ErrorCode::RateLimited),
        (error(400, "invalid_request"), ErrorCode::UpstreamError),
        (error(400, "invalid_target"), ErrorCode::UpstreamError),
        (error(401, "something_new"), ErrorCode::UpstreamError),
    ];
    for (fault, code) in rows {
        let (world, account, failure) = refresh_expired_with(fault.clone()).await;
        assert_eq!(failure.code, code, "{fault:?}");
        assert_next_refresh_succeeds(&world, &account).await;
    }
}

/// What reached the server may have spent the token. It is sent again only when there is no other way.
#[tokio::test]
async fn unknown_outcome_is_noted_and_not_sent_again_while_the_token_is_valid() {
    let redirect = Fault::Status {
        status: 307,
        body: serde_json::Value::Null,
        headers: [("location".to_owned(), "https://elsewhere.example/".to_owned())].into(),
    };
    let rows = [
        (status(500, serde_json::Value::Null), false),
        (
            Fault::TokenError {
                code: "temporarily_unavailable".into(),
                status: 503,
                body: TokenErrorBody::Oauth,
            },
            false,
        ),
        (Fault::TokenError { code: "invalid_grant".into(), status: 502, body: TokenErrorBody::Oauth }, false),
        (redirect, false),
        (Fault::DropBefore, false),
        (status(200, serde_json::json!({})), false),
        (status(200, serde_json::json!([])), false),
        (Fault::DropAfter, true),
        (Fault::ResetMidBody, true),
        (Fault::Malformed { body: "{".into() }, true),
    ];
    for (fault, spent) in rows {
        let world = World::new().await;
        let account = world.sign_in_with_plan("ada").await;
        world.forward(56 * MINUTE);
        world.sandbox.push_fault(REFRESH, fault.clone());
        let given = token(&world.source(&account)).await.expect("valid for minutes more");
        world.forward(2 * MINUTE);
        // Another process finds the note.
        let later = world.source_of(world.another_store(), &account);
        assert!(token(&later).await.unwrap().bearer.matches(&given.bearer), "{fault:?}");
        assert_eq!(world.plan_refreshes(), 1, "{fault:?}");
        assert_eq!(world.only_sign_in().ended, None, "{fault:?}");
        world.forward(3 * MINUTE);
        let outcome = token(&later).await;
        assert_eq!(world.plan_refreshes(), 2, "{fault:?}");
        if spent {
            let failure = outcome.err().expect("the token was spent");
            assert_eq!(failure.code, ErrorCode::SignInReused, "{fault:?}");
            assert!(failure.cause.contains("interrupted before its response was saved"), "{failure}");
        } else {
            assert!(!outcome.unwrap().bearer.matches(&given.bearer), "{fault:?}");
        }
    }
}

#[tokio::test]
async fn refresh_that_was_not_sent_leaves_no_note() {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    let source = world.source(&account);
    let given = token(&source).await.unwrap();
    world.forward(54 * MINUTE + 30);
    let fault = Fault::TokenError { code: "slow_down".into(), status: 429, body: TokenErrorBody::Oauth };
    world.sandbox.push_fault(REFRESH, fault);
    assert_eq!(after_401(&source, &given).await.err().unwrap().code, ErrorCode::Overloaded);
    world.forward(2 * MINUTE);
    assert!(
        !token(&source).await.unwrap().bearer.matches(&given.bearer),
        "renewed while the old one is valid"
    );
    assert_eq!(world.plan_refreshes(), 2);
}

/// As seen on the real service after a refresh that was cancelled.
#[tokio::test]
async fn end_after_an_interrupted_refresh_names_that() {
    for (error, code, is_named) in [
        ("refresh_token_invalidated", ErrorCode::SignInRevoked, true),
        ("invalid_grant", ErrorCode::SignInRevoked, true),
        ("refresh_token_expired", ErrorCode::SignInExpired, false),
    ] {
        let (world, account, _) = refresh_expired_with(Fault::DropAfter).await;
        world.forward(10);
        let fault = Fault::TokenError { code: error.into(), status: 400, body: TokenErrorBody::Oauth };
        world.sandbox.push_fault(REFRESH, fault);
        let failure = token(&world.source(&account)).await.err().unwrap();
        assert_eq!(failure.code, code);
        let named = failure.cause.contains("interrupted before its response was saved");
        assert_eq!(named, is_named, "{error}: {failure}");
        let ended = world.only_sign_in().ended.unwrap();
        assert_eq!((ended.code, ended.cause), (failure.code, failure.cause));
    }
}
