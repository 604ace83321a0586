//! Failed refreshes: which ones end a sign-in, and what is recorded about them.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use usher_domain::{Account, ErrorCode, Failure};
use usher_sandbox::{Fault, GrantOperation};

use crate::support::{LIFE, LONG, World, after_401, token};

const REFRESH: &str = "token.refresh_token";

/// Requests a token that has to be refreshed, with `fault` in the refresh.
async fn refresh_expired_with(fault: Fault) -> (World, Account, Failure) {
    let world = World::new().await;
    let account = world.signed_in_with_left(-60).await;
    world.sandbox.push_fault(REFRESH, fault);
    let failure = token(&world.source(&account)).await.err().expect("a failure");
    assert_eq!(world.refreshes(), 1, "asked once");
    (world, account, failure)
}

fn refuse(status: u16, code: &str) -> Fault {
    Fault::Refuse { code: code.into(), status }
}

/// Asserts that every process of the home reports the end, and sends no further request.
async fn assert_ended(world: &World, account: &Account, code: ErrorCode) {
    let ended = world.summary().sign_ins[0].ended.clone().expect("written down");
    assert_eq!(ended.code, code);
    let other = world.source_of(world.another_store(), account);
    assert_eq!(token(&other).await.err().unwrap().code, code);
    assert_eq!(world.refreshes(), 1);
}

/// Asserts that the refresh token is still valid: the next try, after the backoff, gets new tokens.
async fn assert_next_refresh_succeeds(world: &World, account: &Account) {
    assert_eq!(world.summary().sign_ins[0].ended, None);
    world.forward(10);
    token(&world.source(account)).await.unwrap();
    let sent = world.sandbox.requests(REFRESH);
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].body["refresh_token"], sent[1].body["refresh_token"]);
}

fn plain_text(status: u16, text: &str) -> Fault {
    let headers = [("content-type".to_owned(), "text/plain".to_owned())].into();
    Fault::Status { status, body: text.into(), headers }
}

#[tokio::test]
async fn refresh_error_code_that_ends_sign_in_is_saved_for_all_processes() {
    let rows = [
        (401, "refresh_token_expired", ErrorCode::SignInExpired),
        (400, "token_expired", ErrorCode::SignInExpired),
        (401, "refresh_token_invalidated", ErrorCode::SignInRevoked),
        (400, "invalid_grant", ErrorCode::SignInRevoked),
        (403, "token_invalidated", ErrorCode::SignInRevoked),
        (401, "App_Session_Terminated", ErrorCode::SignInRevoked),
        (401, "account_session_expired", ErrorCode::SignInRevoked),
        (401, "something_new", ErrorCode::SignInRevoked),
        (401, "refresh_token_reused", ErrorCode::SignInReused),
        (403, "account_deactivated", ErrorCode::AccountProblem),
        (403, "account_suspended", ErrorCode::AccountProblem),
        (401, "account_deleted", ErrorCode::AccountProblem),
    ];
    for (status, error, code) in rows {
        let (world, account, failure) = refresh_expired_with(refuse(status, error)).await;
        assert_eq!(failure.code, code, "{error}");
        assert_ended(&world, &account, code).await;
    }
}

#[tokio::test]
async fn refresh_error_unrelated_to_sign_in_keeps_it() {
    let rows = [
        (Fault::Region, ErrorCode::RegionUnsupported),
        (Fault::HtmlChallenge, ErrorCode::ChallengePage),
        (refuse(429, "slow_down"), ErrorCode::Overloaded),
        (refuse(429, "rate_limit_exceeded"), ErrorCode::RateLimited),
        (refuse(429, ""), ErrorCode::RateLimited),
        (refuse(403, "something_new"), ErrorCode::UpstreamError),
        (refuse(400, "invalid_request"), ErrorCode::UpstreamError),
        // Of a gateway of the network: the authorization server sends JSON.
        (plain_text(401, "Authentication required\n"), ErrorCode::UpstreamError),
    ];
    for (fault, code) in rows {
        let (world, account, failure) = refresh_expired_with(fault.clone()).await;
        assert_eq!(failure.code, code, "{fault:?}");
        assert_next_refresh_succeeds(&world, &account).await;
    }
}

#[tokio::test]
async fn refresh_with_unclear_outcome_keeps_sign_in_and_attempt() {
    let rows = [
        (refuse(500, "server_error"), ErrorCode::UpstreamError),
        (refuse(503, ""), ErrorCode::UpstreamError),
        (refuse(503, "server_is_overloaded"), ErrorCode::Overloaded),
        (Fault::DropBefore, ErrorCode::Offline),
    ];
    for (fault, code) in rows {
        let (world, account, failure) = refresh_expired_with(fault.clone()).await;
        assert_eq!(failure.code, code, "{fault:?}");
        // The token had not been spent after all, so one more try succeeds.
        assert_next_refresh_succeeds(&world, &account).await;
    }
}

#[tokio::test]
async fn refresh_after_server_ended_sign_in_reports_it() {
    let rows = [
        (GrantOperation::ExpireRefresh, ErrorCode::SignInExpired),
        (GrantOperation::Invalidate, ErrorCode::SignInRevoked),
        (GrantOperation::Reuse, ErrorCode::SignInReused),
    ];
    for (operation, code) in rows {
        let world = World::new().await;
        let account = world.sign_in("ada").await;
        let source = world.source(&account);
        let used = token(&source).await.unwrap();
        world.sandbox.change_grants(operation, Some("ada"));
        assert_eq!(after_401(&source, &used).await.err().unwrap().code, code);
        assert_ended(&world, &account, code).await;
    }
}

#[tokio::test]
async fn sign_in_again_after_end_restores_account() {
    let (world, account, _) = refresh_expired_with(refuse(401, "refresh_token_expired")).await;
    let run_test_in_process = world.sign_in("ada").await;
    assert_eq!(run_test_in_process.id(), account.id());
    assert_eq!(world.summary().sign_ins[0].ended, None);
    token(&world.source(&run_test_in_process)).await.unwrap();
}

#[tokio::test]
async fn refresh_after_reused_token_adopts_newer_one() {
    let world = World::new().await;
    let account = world.signed_in_with_left(-60).await;
    let source = Arc::new(world.source(&account));
    let file = world.home.path().join("secrets.usher");
    // What another program saves while the request is in transit: a refreshed sign-in.
    let before = std::fs::read(&file).unwrap();
    let theirs = token(&world.source_of(world.another_store(), &account)).await.unwrap();
    let renewed = std::fs::read(&file).unwrap();
    std::fs::write(&file, before).unwrap();
    world.sandbox.script(vec![usher_sandbox::Rule::once(REFRESH, Fault::Delay { ms: 300 })]);
    let asked = {
        let source = source.clone();
        tokio::spawn(async move { token(&source).await })
    };
    world.sandbox.wait_for(REFRESH, 2, LONG).await.unwrap();
    std::fs::write(&file, renewed).unwrap();
    let given = asked.await.unwrap().expect("adopted, not ended");
    assert!(given.bearer.matches(&theirs.bearer));
    assert_eq!(world.summary().sign_ins[0].ended, None);
}

#[tokio::test]
async fn refresh_that_was_not_sent_leaves_no_attempt() {
    let world = World::new().await;
    let account = world.signed_in_with_left(60).await;
    let port = world.provider.endpoints.issuer.port().unwrap();
    let World { sandbox, home, clock, http, provider, store, revocation } = world;
    drop(sandbox);
    let world = Gone { home, clock, http, provider, store };
    token(&world.source(&account)).await.expect("the old token still works");
    // The server is up again. With a recorded attempt, no refresh would be sent while the old token is valid.
    let issuer = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let source = world.source(&account);
    let asked = tokio::spawn(async move { token(&source).await });
    let (mut stream, _) = tokio::time::timeout(LONG, issuer.accept()).await.expect("asked again").unwrap();
    let mut head = [0; 17];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"POST /oauth/token");
    drop((stream, issuer));
    asked.await.unwrap().expect("the old token still works");
    drop(revocation);
}

/// A home whose server is down.
struct Gone {
    home: tempfile::TempDir,
    clock: Arc<crate::support::MovedClock>,
    http: Arc<usher_net::HttpClient>,
    provider: usher_domain::OAuthProvider,
    store: Arc<usher_auth::Store>,
}

impl Gone {
    fn source(&self, account: &Account) -> usher_auth::RefreshingTokenSource {
        assert!(self.home.path().exists());
        usher_auth::RefreshingTokenSource::new(
            self.store.clone(),
            self.http.clone(),
            self.provider.clone(),
            self.clock.clone(),
            account.id(),
            usher_auth::LockTimeouts::default(),
        )
    }
}

/// As after a crash between the server's rotation and the save: the token is spent, and this is not recorded.
#[tokio::test]
async fn refresh_after_unclear_outcome_uses_valid_token_then_reports_reuse() {
    let world = World::new().await;
    let account = world.sign_in("ada").await;
    let old = token(&world.source(&account)).await.unwrap();
    world.forward(LIFE - 240);
    world.sandbox.push_fault(REFRESH, Fault::DropAfter);
    let given = token(&world.source(&account)).await.unwrap();
    assert!(given.bearer.matches(&old.bearer));
    assert_eq!(world.refreshes(), 1);
    // Every later process uses the valid access token, and does not send the refresh token that may be spent.
    world.forward(120);
    let later = world.source_of(world.another_store(), &account);
    assert!(token(&later).await.unwrap().bearer.matches(&given.bearer));
    assert_eq!(world.refreshes(), 1);
    // Once the access token has expired, one try; then the real cause.
    world.forward(180);
    let failure = token(&later).await.err().unwrap();
    assert_eq!((failure.code, world.refreshes()), (ErrorCode::SignInReused, 2));
    assert!(failure.cause.contains("interrupted before its response was saved"), "{failure}");
    let ended = world.summary().sign_ins[0].ended.clone().unwrap();
    assert_eq!((ended.code, ended.cause), (failure.code, failure.cause));
}

#[tokio::test]
async fn refresh_failure_backs_off_for_all_callers() {
    let world = World::new().await;
    let account = world.signed_in_with_left(240).await;
    let source = world.source(&account);
    world.sandbox.push_fault(REFRESH, refuse(429, "slow_down"));
    for _ in 0..5 {
        token(&source).await.expect("the old token still works");
    }
    assert_eq!(world.refreshes(), 1);
    world.forward(61);
    token(&source).await.unwrap();
    assert_eq!(world.refreshes(), 2);
}

#[tokio::test]
async fn refresh_with_retry_after_waits_for_it() {
    let world = World::new().await;
    let account = world.signed_in_with_left(-60).await;
    let source = world.source(&account);
    let headers = [("retry-after".to_owned(), "90".to_owned())].into();
    world.sandbox.push_fault(REFRESH, Fault::Status { status: 429, body: serde_json::Value::Null, headers });
    let failure = token(&source).await.err().unwrap();
    assert_eq!(failure.code, ErrorCode::RateLimited);
    let now = usher_domain::ports::Clock::now(&*world.clock);
    let until = failure.retry_at.expect("it named one").since(now);
    assert!((80..=91).contains(&until), "{until} s");
    world.forward(60);
    assert_eq!(token(&source).await.err().unwrap().code, ErrorCode::RateLimited);
    assert_eq!(world.refreshes(), 1);
    world.forward(32);
    token(&source).await.unwrap();
    assert_eq!(world.refreshes(), 2);
}

#[tokio::test]
async fn concurrent_callers_get_same_refresh_failure() {
    let world = World::new().await;
    let account = world.signed_in_with_left(-60).await;
    let source = Arc::new(world.source(&account));
    world.sandbox.script(vec![usher_sandbox::Rule::always(REFRESH, refuse(429, "slow_down"))]);
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let source = source.clone();
            tokio::spawn(async move { token(&source).await.err().unwrap().code })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), ErrorCode::Overloaded);
    }
    assert_eq!(world.refreshes(), 1);
    // A clock that was set back does not make the backoff longer.
    world.forward(-3600 * 24 * 30);
    world.sandbox.reset();
    world.forward(3600 * 24 * 30 - 30);
    token(&source).await.unwrap();
}

#[tokio::test]
async fn token_request_without_response_times_out() {
    let world = World::new().await;
    let account = world.signed_in_with_left(-60).await;
    world.sandbox.push_fault(REFRESH, Fault::Hang);
    let asked = tokio::time::timeout(Duration::from_secs(30), token(&world.source(&account))).await;
    let failure = asked.expect("within the limit of a refresh").err().unwrap();
    assert_eq!(failure.code, ErrorCode::Timeout);
    assert_eq!(world.summary().sign_ins[0].ended, None);
}
