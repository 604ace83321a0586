//! Refreshes of plan usage: the gate that every path keeps, and one refresh for all.

use std::sync::Arc;

use usher_domain::ports::{Authorization, Clock as _, TokenSource as _};
use usher_domain::{Account, ErrorCode, Failure, PlanUse};
use usher_sandbox::{EarlyRefresh, Fault, TimeFormat, TokenField};

use super::MINUTE;
use crate::support::{LONG, World, after_401, token};

const REFRESH: &str = "plan.token.refresh_token";

#[tokio::test]
async fn early_401_spends_nothing_and_the_sign_in_works_on() {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    let source = world.source(&account);
    world.forward(10 * MINUTE);
    let given = token(&source).await.unwrap();
    for _ in 0..5 {
        let failure = after_401(&source, &given).await.err().expect("too early");
        assert_eq!(failure.code, ErrorCode::UpstreamError);
        let wait = failure.retry_at.expect("it says when").since(world.clock.now());
        assert!((44 * MINUTE - 10..=44 * MINUTE + 10).contains(&wait), "{wait} s");
    }
    assert_eq!(world.sandbox.count("plan.discovery"), 1, "callers share the answer");
    // Another process keeps the gate, too.
    let other = world.source_of(world.another_store(), &account);
    after_401(&other, &given).await.err().expect("too early");
    assert_eq!(world.plan_refreshes(), 0);
    assert!(token(&source).await.unwrap().bearer.matches(&given.bearer), "it is in use all the same");
    world.forward(45 * MINUTE);
    let new = token(&source).await.unwrap();
    assert!(!new.bearer.matches(&given.bearer));
    assert_eq!(world.plan_refreshes(), 1);
    world.assert_never_too_early();
}

#[tokio::test]
async fn refresh_is_sent_in_minute_55_as_the_protocol_has_it() {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    let source = world.source(&account);
    let old = token(&source).await.unwrap();
    assert_eq!((old.account_id.clone(), old.fedramp), (None, false));
    assert_eq!(old.base.as_str().trim_end_matches('/'), world.sandbox.platform());
    world.forward(55 * MINUTE - 10);
    assert!(token(&source).await.unwrap().bearer.matches(&old.bearer));
    assert_eq!(world.plan_refreshes(), 0);
    world.forward(20);
    let new = token(&source).await.unwrap();
    assert!(!new.bearer.matches(&old.bearer));
    let end = new.expires_at.unwrap().since(world.clock.now());
    assert!((59 * MINUTE..=60 * MINUTE).contains(&end), "{end} s");
    let sent = &world.sandbox.requests(REFRESH)[0];
    let mut fields: Vec<&String> = sent.body.as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(fields, ["client_id", "grant_type", "refresh_token", "resource"]);
    assert_eq!(sent.body["client_id"], account.account_id);
    assert_eq!(sent.body["resource"], "https://api.openai.com/v1");
    assert_eq!(sent.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(sent.header("originator"), None);
    // Every hour once more, each time with the newest refresh token, and for every process.
    for hour in 2..5 {
        world.forward(55 * MINUTE + 10);
        token(&world.source_of(world.another_store(), &account)).await.unwrap();
        assert_eq!(world.plan_refreshes(), hour);
    }
    world.assert_never_too_early();
}

#[tokio::test]
async fn refresh_waits_for_a_gate_in_the_margin_and_needs_none_without_one() {
    for format in [TimeFormat::Seconds, TimeFormat::Milliseconds, TimeFormat::Iso] {
        let world = World::new().await;
        world.sandbox.change_settings(|settings| {
            settings.plan_usage.access_token_lifetime_s = 20 * MINUTE;
            settings.plan_usage.earliest_refresh_at = format;
        });
        let account = world.sign_in_with_plan("ada").await;
        let source = world.source(&account);
        world.forward(18 * MINUTE - 5);
        token(&source).await.unwrap();
        assert_eq!(world.plan_refreshes(), 0, "{format:?}");
        world.forward(15);
        token(&source).await.unwrap();
        assert_eq!(world.plan_refreshes(), 1, "{format:?}");
        world.assert_never_too_early();
    }
    let world = World::new().await;
    world.sandbox.change_settings(|settings| {
        settings.plan_usage.earliest_refresh_at = TimeFormat::Absent;
        settings.plan_usage.early_refresh = EarlyRefresh::Off;
    });
    let account = world.sign_in_with_plan("ada").await;
    let source = world.source(&account);
    let given = token(&source).await.unwrap();
    after_401(&source, &given).await.expect("nothing forbids it");
    assert_eq!((world.plan_refreshes(), world.sandbox.count("plan.discovery")), (1, 0));
}

#[tokio::test]
async fn expired_token_before_the_gate_waits() {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    let source = world.source(&account);
    world.forward(56 * MINUTE);
    let gate = world.clock.now().plus(30 * MINUTE).0;
    let body = serde_json::json!({
        "access_token": "short", "refresh_token": "next", "expires_in": 60, "earliest_refresh_at": gate,
    });
    world.sandbox.push_fault(REFRESH, Fault::Status { status: 200, body, headers: [].into() });
    assert_eq!(token(&source).await.unwrap().bearer.expose(), "short");
    world.forward(2 * MINUTE);
    let failure = token(&source).await.err().expect("it has expired");
    assert_eq!(failure.code, ErrorCode::UpstreamError);
    let wait = failure.retry_at.unwrap().since(world.clock.now());
    assert!((28 * MINUTE - 10..=28 * MINUTE + 10).contains(&wait), "{wait} s");
    assert_eq!(world.plan_refreshes(), 1);
    assert_eq!(world.only_sign_in().ended, None);
}

/// The clock of this computer is wrong by an hour all the time.
#[tokio::test]
async fn wrong_clock_never_opens_the_gate() {
    for off in [-60 * MINUTE, 60 * MINUTE] {
        let world = World::new().await;
        world.clock.forward(off);
        let account = world.sign_in_with_plan("ada").await;
        let source = world.source(&account);
        let given = token(&source).await.unwrap();
        world.forward(53 * MINUTE);
        after_401(&source, &given).await.err().expect("too early");
        assert!(token(&source).await.unwrap().bearer.matches(&given.bearer));
        assert_eq!(world.plan_refreshes(), 0, "{off}");
        world.forward(3 * MINUTE);
        assert!(!token(&source).await.unwrap().bearer.matches(&given.bearer));
        assert_eq!(world.plan_refreshes(), 1, "{off}");
        world.assert_never_too_early();
    }
}

/// The clock is set by an hour between sign-in and refresh.
#[tokio::test]
async fn clock_that_is_set_meanwhile_never_opens_the_gate() {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    let source = world.source(&account);
    let given = token(&source).await.unwrap();
    world.clock.forward(60 * MINUTE);
    assert!(token(&source).await.unwrap().bearer.matches(&given.bearer), "it is valid at the server");
    let asked = world.sandbox.count("plan.discovery");
    for _ in 0..5 {
        token(&source).await.unwrap();
    }
    assert_eq!(world.sandbox.count("plan.discovery"), asked, "not asked for each request");
    world.forward(2 * MINUTE);
    after_401(&source, &given).await.err().expect("too early");
    assert_eq!(world.plan_refreshes(), 0);
    world.forward(54 * MINUTE);
    assert!(!token(&source).await.unwrap().bearer.matches(&given.bearer));
    assert_eq!(world.plan_refreshes(), 1);

    // Set back: the token seems valid for longer than it is, and a 401 helps.
    world.clock.forward(-60 * MINUTE);
    world.forward(61 * MINUTE);
    let expired = token(&source).await.unwrap();
    assert_eq!(world.plan_refreshes(), 1);
    assert!(!after_401(&source, &expired).await.unwrap().bearer.matches(&expired.bearer));
    assert_eq!(world.plan_refreshes(), 2);
    world.assert_never_too_early();
}

#[tokio::test]
async fn nothing_is_sent_while_the_servers_time_is_not_known() {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    let source = world.source(&account);
    let given = token(&source).await.unwrap();
    world.forward(56 * MINUTE);
    let down = || Fault::Status { status: 503, body: serde_json::Value::Null, headers: [].into() };
    world.sandbox.push_fault("plan.discovery", down());
    assert!(token(&source).await.unwrap().bearer.matches(&given.bearer), "it is valid for minutes more");
    world.forward(5 * MINUTE);
    world.sandbox.push_fault("plan.discovery", down());
    assert_eq!(token(&source).await.err().unwrap().code, ErrorCode::UpstreamError);
    world.forward(MINUTE);
    let location = [("location".to_owned(), world.sandbox.issuer().to_owned())].into();
    let redirect = Fault::Status { status: 302, body: serde_json::Value::Null, headers: location };
    world.sandbox.push_fault("plan.discovery", redirect);
    after_401(&source, &given).await.err().expect("no redirect is followed");
    assert_eq!(world.plan_refreshes(), 0);
    world.forward(MINUTE);
    token(&source).await.unwrap();
    assert_eq!(world.plan_refreshes(), 1);
}

/// Starts `count` callers, each with a store of its own as another process has, and returns what they got.
async fn at_once(
    world: &World,
    account: &Account,
    count: usize,
    used: Option<&Arc<Authorization>>,
) -> Vec<Result<String, Failure>> {
    let callers: Vec<_> = (0..count)
        .map(|_| {
            let source = world.source_of(world.another_store(), account);
            let used = used.cloned();
            tokio::spawn(async move {
                let given = match used {
                    None => token(&source).await,
                    Some(used) => after_401(&source, &used).await,
                };
                given.map(|given| given.bearer.expose().to_owned())
            })
        })
        .collect();
    let mut given = Vec::new();
    for caller in callers {
        given.push(caller.await.unwrap());
    }
    given
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_callers_share_one_refresh() {
    for rejected in [false, true] {
        let world = World::new().await;
        let account = world.sign_in_with_plan("ada").await;
        let used = Arc::new(token(&world.source(&account)).await.unwrap());
        world.forward(if rejected { 54 * MINUTE + 30 } else { 56 * MINUTE });
        world.sandbox.push_fault(REFRESH, Fault::Delay { ms: 300 });
        let given = at_once(&world, &account, 24, rejected.then_some(&used)).await;
        let mut tokens: Vec<String> = given.into_iter().map(Result::unwrap).collect();
        tokens.sort();
        tokens.dedup();
        assert_eq!((tokens.len(), world.plan_refreshes()), (1, 1), "rejected: {rejected}");
        assert_ne!(tokens[0], used.bearer.expose());
        world.assert_never_too_early();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_callers_after_an_early_401_spend_nothing() {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    let used = Arc::new(token(&world.source(&account)).await.unwrap());
    world.forward(30 * MINUTE);
    for given in at_once(&world, &account, 24, Some(&used)).await {
        assert_eq!(given.unwrap_err().code, ErrorCode::UpstreamError);
    }
    assert_eq!(world.plan_refreshes(), 0);
}

/// A sent refresh is never aborted: its tokens would be lost.
#[tokio::test]
async fn refresh_with_dropped_caller_is_still_saved() {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    let source = Arc::new(world.source(&account));
    world.forward(61 * MINUTE);
    world.sandbox.push_fault(REFRESH, Fault::Delay { ms: 300 });
    let caller = {
        let source = source.clone();
        tokio::spawn(async move { source.authorization().await.map(|_| ()) })
    };
    world.sandbox.wait_for(REFRESH, 1, LONG).await.unwrap();
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    let new = token(&source).await.unwrap();
    assert_eq!(world.plan_refreshes(), 1);
    let other = world.source_of(world.another_store(), &account);
    assert!(token(&other).await.unwrap().bearer.matches(&new.bearer));
}

#[tokio::test]
async fn refresh_response_without_field_keeps_the_old_value() {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    let source = world.source(&account);
    world.sandbox.change_settings(|settings| {
        settings.plan_usage.refresh_omits = vec![TokenField::Scope, TokenField::IdToken];
    });
    world.forward(56 * MINUTE);
    token(&source).await.unwrap();
    assert_eq!(world.only_sign_in().plan_use, Some(PlanUse::Allowed));
    assert_eq!(world.sandbox.count("plan.keys"), 1, "of the sign-in: there is nothing to verify");
    // Without an access token the old one stays, for as long as it is valid, and the new refresh token is kept.
    world.sandbox.change_settings(|settings| {
        settings.plan_usage.refresh_omits = vec![TokenField::AccessToken];
    });
    world.forward(56 * MINUTE);
    token(&source).await.unwrap();
    world.forward(5 * MINUTE);
    let failure = token(&source).await.err().expect("expired, and the gate of the new one is closed");
    assert_eq!((failure.code, world.plan_refreshes()), (ErrorCode::UpstreamError, 2));
    world.sandbox.change_settings(|settings| settings.plan_usage.refresh_omits.clear());
    world.forward(50 * MINUTE);
    token(&source).await.unwrap();
    assert_eq!(world.plan_refreshes(), 3);
    world.assert_never_too_early();
}

#[tokio::test]
async fn without_leave_for_the_plan_nothing_is_sent() {
    let world = World::new().await;
    let account = world.sign_in_without_plan("ada").await;
    let source = world.source(&account);
    assert_eq!(token(&source).await.err().unwrap().code, ErrorCode::PlanUseNotAllowed);
    world.forward(61 * MINUTE);
    assert_eq!(token(&source).await.err().unwrap().code, ErrorCode::PlanUseNotAllowed);
    assert_eq!((world.plan_refreshes(), world.sandbox.count("plan.discovery")), (0, 0));
}

#[tokio::test]
async fn refresh_that_takes_the_plan_away_is_obeyed_at_once() {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    let source = world.source(&account);
    world.forward(56 * MINUTE);
    let body = serde_json::json!({
        "access_token": "a", "refresh_token": "r", "expires_in": 3600, "scope": "openid profile email",
    });
    world.sandbox.push_fault(REFRESH, Fault::Status { status: 200, body, headers: [].into() });
    // Although the old access token would be valid for minutes more.
    assert_eq!(token(&source).await.err().unwrap().code, ErrorCode::PlanUseNotAllowed);
    let kept = world.only_sign_in();
    assert_eq!((kept.plan_use, kept.ended), (Some(PlanUse::NotAllowed), None));
    let other = world.source_of(world.another_store(), &account);
    assert_eq!(token(&other).await.err().unwrap().code, ErrorCode::PlanUseNotAllowed);
    assert_eq!(world.plan_refreshes(), 1);
}

/// The server may issue no refresh token. Then a 401 ends the sign-in once the access token cannot be valid.
#[tokio::test]
async fn sign_in_without_refresh_token_lasts_as_long_as_its_access_token() {
    let world = World::new().await;
    world.sandbox.change_settings(|settings| {
        settings.plan_usage.exchange_omits = vec![TokenField::RefreshToken];
    });
    let account = world.sign_in_with_plan("ada").await;
    let source = world.source(&account);
    let given = token(&source).await.unwrap();
    world.forward(30 * MINUTE);
    after_401(&source, &given).await.err().expect("there is no other");
    assert!(token(&source).await.unwrap().bearer.matches(&given.bearer));
    world.forward(31 * MINUTE);
    assert_eq!(after_401(&source, &given).await.err().unwrap().code, ErrorCode::SignInExpired);
    assert_eq!(world.only_sign_in().ended.unwrap().code, ErrorCode::SignInExpired);
    assert_eq!(world.plan_refreshes(), 0);
}
