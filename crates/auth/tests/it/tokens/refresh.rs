//! Refresh: when and how often, and that the new token is saved before it is used.

use std::sync::Arc;

use usher_domain::ErrorCode;
use usher_domain::ports::TokenSource as _;
use usher_sandbox::{Fault, GrantOperation};

use crate::support::small_disk::{SmallDisk, has_leftovers};
use crate::support::{LIFE, LONG, World, after_401, file_store, token};

const REFRESH: &str = "token.refresh_token";
const DAY: i64 = 24 * 60 * 60;

#[tokio::test]
async fn refresh_starts_five_minutes_before_expiry() {
    let world = World::new().await;
    let account = world.signed_in_with_left(6 * 60).await;
    let source = world.source(&account);
    let old = token(&source).await.unwrap();
    assert_eq!(world.refreshes(), 0);
    world.forward(2 * 60);
    let new = token(&source).await.unwrap();
    assert_eq!(world.refreshes(), 1);
    assert!(!old.bearer.matches(&new.bearer));
    assert!(token(&source).await.unwrap().bearer.matches(&new.bearer));
}

#[tokio::test]
async fn refresh_request_equals_recording() {
    let world = World::new().await;
    let account = world.signed_in_with_left(60).await;
    let source = world.source(&account);
    let given = token(&source).await.unwrap();
    after_401(&source, &given).await.unwrap();
    let requests = world.sandbox.requests(REFRESH);
    for (request, reason) in requests.iter().zip(["proactive_expiry", "unauthorized_recovery"]) {
        let body = request.body.as_object().unwrap();
        let mut names: Vec<&String> = body.keys().collect();
        names.sort();
        assert_eq!(names, ["client_id", "grant_type", "refresh_reason", "refresh_token"]);
        assert_eq!(body["client_id"], "app_EMoamEEZ73f0CkXaXp7hrann");
        assert_eq!(body["grant_type"], "refresh_token");
        assert_eq!(body["refresh_reason"], reason);
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("originator"), Some("usher"));
        assert!(request.header("user-agent").unwrap().starts_with("usher/"), "never another's name");
    }
    assert_eq!(requests.len(), 2);
    assert_ne!(requests[0].body["refresh_token"], requests[1].body["refresh_token"], "each is used once");
}

#[tokio::test]
async fn refresh_response_without_field_keeps_old_value() {
    let world = World::new().await;
    let account = world.signed_in_with_left(60).await;
    let source = world.source(&account);
    // Only an access token, without an expiry.
    world.sandbox.push_fault(REFRESH, response_with(r#"{"access_token":"opaque"}"#));
    let new = token(&source).await.unwrap();
    assert_eq!((new.bearer.expose(), new.expires_at), ("opaque", None));
    assert_eq!(new.account_id, Some(account.account_id));
    let sent = |at: usize| world.sandbox.requests(REFRESH)[at].body["refresh_token"].clone();
    // It is refreshed after eight days, with the unchanged refresh token, and not a second earlier.
    world.forward(8 * DAY - 10);
    token(&source).await.unwrap();
    assert_eq!(world.refreshes(), 1);
    world.forward(10);
    world.sandbox.push_fault(REFRESH, response_with(r#"{"refresh_token":"rt_next"}"#));
    assert_eq!(token(&source).await.unwrap().bearer.expose(), "opaque");
    assert_eq!(world.refreshes(), 2);
    assert_eq!(sent(0), sent(1));
    world.forward(60);
    let third = after_401(&source, &new).await.err().unwrap();
    assert_eq!(sent(2), "rt_next");
    assert_eq!(third.code, ErrorCode::SignInRevoked, "the stand-in does not know that one");
}

#[tokio::test]
async fn refresh_response_with_empty_field_keeps_old_value() {
    let world = World::new().await;
    let account = world.signed_in_with_left(60).await;
    let source = world.source(&account);
    let body = r#"{"access_token":"opaque","refresh_token":"","id_token":" "}"#;
    world.sandbox.push_fault(REFRESH, response_with(body));
    let new = token(&source).await.unwrap();
    assert_eq!((new.bearer.expose(), new.account_id.clone()), ("opaque", Some(account.account_id)));
    after_401(&source, &new).await.unwrap();
    let requests = world.sandbox.requests(REFRESH);
    assert_eq!(requests[0].body["refresh_token"], requests[1].body["refresh_token"]);
}

#[tokio::test]
async fn refresh_response_without_access_token_backs_off() {
    for body in ["{}", r#"{"access_token":""}"#] {
        let world = World::new().await;
        let account = world.signed_in_with_left(200).await;
        let source = world.source(&account);
        world.sandbox.push_fault(REFRESH, response_with(body));
        for _ in 0..5 {
            assert_ne!(token(&source).await.unwrap().bearer.expose(), "", "{body}");
        }
        assert_eq!(world.refreshes(), 1, "{body}");
    }
}

#[tokio::test]
async fn refresh_with_clock_ahead_backs_off() {
    let world = World::new().await;
    let account = world.sign_in("ada").await;
    world.clock.forward(300 * DAY);
    let source = world.source(&account);
    let first = token(&source).await.unwrap();
    for _ in 0..5 {
        assert!(token(&source).await.unwrap().bearer.matches(&first.bearer));
    }
    assert_eq!(world.refreshes(), 1);
}

#[tokio::test]
async fn refreshed_token_is_saved_before_use() {
    let world = World::new().await;
    let account = world.signed_in_with_left(60).await;
    let new = token(&world.source(&account)).await.unwrap();
    let other = world.source_of(world.another_store(), &account);
    assert!(token(&other).await.unwrap().bearer.matches(&new.bearer));
    assert_eq!(world.refreshes(), 1);
    // The refresh token is the new one, too: it can be refreshed.
    after_401(&other, &new).await.unwrap();
    assert_eq!(world.refreshes(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_callers_share_one_refresh() {
    let world = World::new().await;
    let account = world.signed_in_with_left(60).await;
    let sources = [world.source(&account), world.source_of(world.another_store(), &account)].map(Arc::new);
    let callers: Vec<_> = (0..50)
        .map(|number| {
            let source = sources[number % 2].clone();
            tokio::spawn(async move { token(&source).await.unwrap().bearer.expose().to_owned() })
        })
        .collect();
    let mut tokens = Vec::new();
    for caller in callers {
        tokens.push(caller.await.unwrap());
    }
    tokens.dedup();
    assert_eq!((tokens.len(), world.refreshes()), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_callers_after_401_share_one_refresh() {
    let world = World::new().await;
    let account = world.sign_in("ada").await;
    let sources = [world.source(&account), world.source_of(world.another_store(), &account)].map(Arc::new);
    let used = Arc::new(token(&sources[0]).await.unwrap());
    world.sandbox.change_grants(GrantOperation::ExpireAccess, Some("ada"));
    let callers: Vec<_> = (0..50)
        .map(|number| {
            let (source, used) = (sources[number % 2].clone(), used.clone());
            tokio::spawn(async move { after_401(&source, &used).await.unwrap().bearer.expose().to_owned() })
        })
        .collect();
    let mut tokens = Vec::new();
    for caller in callers {
        tokens.push(caller.await.unwrap());
    }
    tokens.dedup();
    assert_eq!((tokens.len(), world.refreshes()), (1, 1));
    assert_ne!(tokens[0], used.bearer.expose());
}

#[tokio::test]
async fn refresh_after_other_process_refreshed_adopts_its_token() {
    let world = World::new().await;
    let account = world.signed_in_with_left(60).await;
    let source = world.source(&account);
    let theirs = token(&world.source_of(world.another_store(), &account)).await.unwrap();
    assert!(token(&source).await.unwrap().bearer.matches(&theirs.bearer));
    assert_eq!(world.refreshes(), 1);
}

#[tokio::test]
async fn unauthorized_with_newer_saved_token_adopts_it_first() {
    let world = World::new().await;
    let account = world.sign_in("ada").await;
    let source = world.source(&account);
    let used = token(&source).await.unwrap();
    let theirs = after_401(&world.source_of(world.another_store(), &account), &used).await.unwrap();
    assert_eq!(world.refreshes(), 1);
    let ours = after_401(&source, &used).await.unwrap();
    assert!(ours.bearer.matches(&theirs.bearer), "adopted");
    assert_eq!(world.refreshes(), 1);
    let next = after_401(&source, &ours).await.unwrap();
    assert!(!next.bearer.matches(&ours.bearer));
    assert_eq!(world.refreshes(), 2);
}

/// A caller may be dropped, like a stopped test or a client that disconnects. The rotated token is saved.
#[tokio::test]
async fn refresh_with_dropped_caller_is_still_saved() {
    let (world, proxy) = World::behind_proxy().await;
    let account = world.signed_in_with_left(60).await;
    let source = Arc::new(world.source(&account));
    proxy.hold();
    let caller = {
        let source = source.clone();
        tokio::spawn(async move { source.authorization().await.map(|_| ()) })
    };
    proxy.is_holding().await;
    // The server has rotated the token, and its response is in transit.
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    proxy.release();
    // The next caller waits for the refresh in progress, and gets its token.
    let new = token(&source).await.unwrap();
    assert_eq!(world.refreshes(), 1);
    after_401(&source, &new).await.expect("the newest refresh token was kept");
}

#[tokio::test]
async fn refresh_with_full_disk_sends_nothing() {
    let Some(disk) = SmallDisk::mount() else { return };
    let world = World::with(file_store(), disk.home()).await;
    let account = world.signed_in_with_left(60).await;
    let source = world.source(&account);
    disk.fill();
    token(&source).await.expect("the old token still works for a minute");
    world.forward(120);
    let failure = token(&source).await.err().unwrap();
    assert_eq!(failure.code, ErrorCode::StoreUnavailable);
    assert!(failure.cause.contains("No space left"), "{failure}");
    assert_eq!(world.refreshes(), 0, "the attempt could not be written down, so it was not made");
    assert!(!has_leftovers(world.home.path()), "no half-written file stays");
    disk.empty();
    world.forward(10);
    token(&source).await.expect("with space it renews");
}

/// The disk fills up between sending the refresh token and saving the new one, which has its room already.
#[tokio::test]
async fn refreshed_token_is_saved_although_the_disk_fills_up_meanwhile() {
    let Some(disk) = SmallDisk::mount() else { return };
    let world = World::with(file_store(), disk.home()).await;
    let account = world.sign_in("ada").await;
    let source = Arc::new(world.source(&account));
    let old = token(&source).await.unwrap();
    world.forward(LIFE + 60);
    world.sandbox.push_fault(REFRESH, Fault::Delay { ms: 300 });
    let caller = {
        let source = source.clone();
        tokio::spawn(async move { token(&source).await })
    };
    world.sandbox.wait_for(REFRESH, 1, LONG).await.unwrap();
    disk.fill();
    let new = caller.await.unwrap().unwrap();
    assert!(!new.bearer.matches(&old.bearer));
    let other = world.source_of(world.another_store(), &account);
    assert!(token(&other).await.unwrap().bearer.matches(&new.bearer), "another process has it too");
    assert_eq!(world.refreshes(), 1);
    disk.empty();
    after_401(&other, &new).await.expect("the refresh token was kept with it");
    assert!(!has_leftovers(world.home.path()));
}

fn response_with(body: &str) -> Fault {
    Fault::Status { status: 200, body: serde_json::from_str(body).unwrap(), headers: [].into() }
}

#[tokio::test]
async fn token_of_disconnected_account_is_refused() {
    let world = World::new().await;
    let account = world.sign_in("ada").await;
    let source = world.source_of(world.another_store(), &account);
    let used = token(&source).await.unwrap();
    world.revocation.disconnect(account.id()).await.unwrap();
    assert_eq!(token(&source).await.err().unwrap().code, ErrorCode::SignInRequired);
    assert_eq!(after_401(&source, &used).await.err().unwrap().code, ErrorCode::SignInRequired);
    assert_eq!(world.refreshes(), 0);
}
