//! New tokens whose identity is not verified: nobody gets them, and they are not lost (siwc §6).

use usher_auth::RevocationStatus;
use usher_domain::{Account, ErrorCode, Failure};
use usher_sandbox::{Fault, IdTokenVariant, Rule};

use super::MINUTE;
use crate::support::{World, token};

const KEYS: &str = "plan.keys";

/// Refreshes while the keys of the issuer cannot be had. The old token is valid for four minutes more.
async fn refreshed_without_keys() -> (World, Account) {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    let source = world.source(&account);
    let old = token(&source).await.unwrap();
    world.forward(56 * MINUTE);
    let down = Fault::Status { status: 503, body: serde_json::Value::Null, headers: [].into() };
    world.sandbox.script(vec![Rule::always(KEYS, down)]);
    assert!(token(&source).await.unwrap().bearer.matches(&old.bearer), "nobody gets the new one");
    assert_eq!(world.plan_refreshes(), 1);
    (world, account)
}

#[tokio::test]
async fn tokens_are_kept_aside_without_keys_and_verified_at_the_next_need() {
    let (world, account) = refreshed_without_keys().await;
    // The old one has expired, and the new one is not verified.
    world.forward(5 * MINUTE);
    let other = world.source_of(world.another_store(), &account);
    let failure = token(&other).await.err().expect("not verified");
    assert_eq!(failure.code, ErrorCode::UpstreamError);
    assert_eq!(world.only_sign_in().ended, None, "no bad identity");
    world.sandbox.script(Vec::new());
    world.sandbox.reset();
    world.forward(10);
    let new = token(&other).await.unwrap();
    assert_eq!(world.sandbox.count(KEYS), 1);
    assert_eq!(world.plan_refreshes(), 0, "verified, and refreshed nothing");
    assert!(token(&world.source(&account)).await.unwrap().bearer.matches(&new.bearer));
    // The refresh token beside them is the new one.
    world.forward(54 * MINUTE);
    token(&other).await.unwrap();
    assert_eq!(world.plan_refreshes(), 1);
    world.assert_never_too_early();
}

/// The ID token is verified by the time when it came, not by that of the verification.
#[tokio::test]
async fn tokens_that_expired_while_aside_are_verified_and_refreshed() {
    let (world, account) = refreshed_without_keys().await;
    world.sandbox.reset();
    world.forward(180 * MINUTE);
    let new = token(&world.source(&account)).await.unwrap();
    assert!(new.expires_at.unwrap().since(usher_domain::ports::Clock::now(&*world.clock)) > 59 * MINUTE);
    assert_eq!(world.plan_refreshes(), 1);
    world.assert_never_too_early();
}

#[tokio::test]
async fn tokens_are_verified_by_keys_that_changed() {
    for keep_old in [true, false] {
        let world = World::new().await;
        let account = world.sign_in_with_plan("ada").await;
        let source = world.source(&account);
        world.sandbox.rotate_signing_keys(keep_old);
        for _ in 0..2 {
            let old = token(&source).await.unwrap();
            world.forward(56 * MINUTE);
            assert!(!token(&source).await.unwrap().bearer.matches(&old.bearer));
        }
    }
}

/// Refreshes with an ID token of this variant while the old access token is valid.
async fn refreshed_with(variant: IdTokenVariant) -> (World, Account, Failure) {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    let source = world.source(&account);
    world.sandbox.change_settings(|settings| settings.plan_usage.id_token = Some(variant));
    world.forward(56 * MINUTE);
    let failure = token(&source).await.err().expect("the sign-in has ended");
    (world, account, failure)
}

#[tokio::test]
async fn identity_that_is_not_genuine_ends_the_sign_in() {
    for variant in [
        IdTokenVariant::WrongSignature,
        IdTokenVariant::AlgNone,
        IdTokenVariant::WrongAudience,
        IdTokenVariant::Expired,
    ] {
        let (world, account, failure) = refreshed_with(variant).await;
        assert_eq!(failure.code, ErrorCode::SignInRequired, "{variant:?}");
        assert!(failure.cause.contains("identity of the sign-in could not be confirmed"), "{failure}");
        assert_ended(&world, &account, &failure).await;
    }
}

/// A key may sign before every copy of the list of keys has it.
#[tokio::test]
async fn key_that_is_not_published_yet_ends_nothing() {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    let source = world.source(&account);
    let old = token(&source).await.unwrap();
    world.forward(56 * MINUTE);
    let without_keys =
        Fault::Status { status: 200, body: serde_json::json!({"keys": []}), headers: [].into() };
    world.sandbox.script(vec![Rule::always(KEYS, without_keys)]);
    assert!(token(&source).await.unwrap().bearer.matches(&old.bearer));
    world.sandbox.script(Vec::new());
    world.sandbox.reset();
    world.forward(5 * MINUTE);
    assert!(!token(&source).await.unwrap().bearer.matches(&old.bearer), "verified, and in use");
    assert_eq!((world.plan_refreshes(), world.only_sign_in().ended), (0, None), "since the keys are back");
}

#[tokio::test]
async fn identity_of_another_person_ends_the_sign_in() {
    let (world, account, failure) = refreshed_with(IdTokenVariant::OtherSubject).await;
    assert_eq!(failure.code, ErrorCode::OtherAccount);
    assert_ended(&world, &account, &failure).await;
}

async fn assert_ended(world: &World, account: &Account, failure: &Failure) {
    let ended = world.only_sign_in().ended.expect("written down");
    assert_eq!((ended.code, &ended.cause), (failure.code, &failure.cause));
    let other = world.source_of(world.another_store(), account);
    assert_eq!(token(&other).await.err().unwrap().code, failure.code);
    assert_eq!((world.plan_refreshes(), world.sandbox.count("plan.revoke")), (1, 1));
    let disconnected = world.revocation.disconnect(account.id()).await.unwrap();
    assert_eq!(disconnected, RevocationStatus::NotNeeded, "no token is left");
    assert_eq!(world.saved_registrations().len(), 1);
}

#[tokio::test]
async fn tokens_of_a_refresh_are_saved_before_they_are_verified() {
    let (world, account) = refreshed_without_keys().await;
    // As after a crash: all that is left is on disk.
    let sent = world.sandbox.requests("plan.token.refresh_token")[0].body["refresh_token"].clone();
    world.sandbox.reset();
    assert_eq!(world.revocation.disconnect(account.id()).await.unwrap(), RevocationStatus::Confirmed);
    let revoked = world.sandbox.requests("plan.revoke")[0].body["token"].clone();
    assert_ne!(revoked, sent, "the new one is revoked, not the spent one");
}
