//! Sign-in with the browser, from the page to the store.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use usher_auth::{FlowKind, SignInProgress};
use usher_domain::{ErrorCode, RedirectHost};
use usher_sandbox::browser::Browser;

use crate::support::{BROWSER, LONG, PendingSignIn, World, get, token};

#[tokio::test]
async fn browser_sign_in_returns_token_that_backend_accepts() {
    let world = World::new().await;
    let mut pending = world.start(BROWSER).await;
    let landing = Browser::new().approve(&pending.url, "ada").await;
    assert_eq!(landing.status, Some(200));
    assert_eq!(landing.url.path(), "/auth/callback");
    assert_eq!(pending.next().await, SignInProgress::Exchanging);
    let account = pending.ended().await.unwrap();
    assert_eq!(
        (account.user_id.as_str(), account.email.as_deref(), account.plan.0.as_str()),
        ("user-ada", Some("ada@example.com"), "plus")
    );
    assert_eq!(account.account_id, "ada00000-0000-4000-8000-000000000002");

    let summary = world.summary();
    assert_eq!(summary.active().map(|summary| &summary.account), Some(&account));
    let given = token(&world.source(&account)).await.unwrap();
    assert_eq!((given.account_id, given.fedramp), (Some(account.account_id.clone()), false));
    assert_eq!(world.refreshes(), 0);

    let sent = &world.sandbox.requests("token.authorization_code")[0];
    assert_eq!(sent.header("originator"), None, "as recorded");
    let mut fields: Vec<&String> = sent.body.as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(fields, ["client_id", "code", "code_verifier", "grant_type", "redirect_uri"]);
}

#[tokio::test]
async fn browser_sign_in_with_localhost_redirect_works() {
    let world = World::new().await;
    let pending = world.start(FlowKind::Browser(RedirectHost::Name)).await;
    assert!(pending.parameter("redirect_uri").starts_with("http://localhost:"));
    let landing = Browser::new().approve(&pending.url, "pia").await;
    assert_eq!(landing.status, Some(200), "{landing:?}");
    pending.ended().await.unwrap();
}

#[tokio::test]
async fn browser_sign_in_declined_is_access_denied() {
    let world = World::new().await;
    let pending = world.start(BROWSER).await;
    let landing = Browser::new().deny(&pending.url, "ada").await;
    assert_eq!(landing.status, Some(200));
    assert_eq!(pending.ended().await.unwrap_err().code, ErrorCode::AccessDenied);
    assert_eq!(world.sandbox.count("token.authorization_code"), 0);
    assert!(world.summary().sign_ins.is_empty());
}

#[tokio::test]
async fn browser_sign_in_without_entitlement_has_its_code() {
    let world = World::new().await;
    let pending = world.start(BROWSER).await;
    Browser::new().approve(&pending.url, "noa").await;
    assert_eq!(pending.ended().await.unwrap_err().code, ErrorCode::MissingEntitlement);
}

#[tokio::test]
async fn browser_sign_in_without_redirect_times_out() {
    let world = World::new().await;
    let pending = PendingSignIn::start(world.flow(), BROWSER, Duration::from_millis(50)).await;
    let port = pending.port();
    assert_eq!(pending.ended().await.unwrap_err().code, ErrorCode::Timeout);
    TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free again");
}

#[tokio::test]
async fn browser_sign_in_dropped_releases_port() {
    let world = World::new().await;
    let pending = world.start(BROWSER).await;
    let port = pending.port();
    assert!(TcpListener::bind(("127.0.0.1", port)).await.is_err(), "the port was taken");
    pending.cancel().await;
    TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free again");
}

/// The server has issued a grant by then; it is revoked, and nobody is signed in.
#[tokio::test]
async fn browser_sign_in_dropped_during_exchange_revokes_grant() {
    let world = World::new().await;
    world.sandbox.push_fault("token.authorization_code", usher_sandbox::Fault::Delay { ms: 300 });
    let flow = Arc::new(world.flow());
    let pending = PendingSignIn::start_shared(flow.clone(), BROWSER, LONG).await;
    // Its page waits for the result, for which the test does not.
    let url = pending.url.clone();
    tokio::spawn(async move { Browser::new().approve(&url, "ada").await });
    world.sandbox.wait_for("token.authorization_code", 1, LONG).await.unwrap();
    pending.cancel().await;
    flow.wait_idle().await;
    assert_eq!(world.sandbox.count("revoke"), 1);
    assert!(world.summary().sign_ins.is_empty());
}

#[tokio::test]
async fn callback_port_after_redirect_is_closed() {
    let world = World::new().await;
    let pending = world.start(BROWSER).await;
    let (port, state) = (pending.port(), pending.parameter("state"));
    // The exchange is delayed, so a second redirect arrives while the sign-in is in progress.
    world.sandbox.push_fault("token.authorization_code", usher_sandbox::Fault::Delay { ms: 500 });
    let url = pending.url.clone();
    let landing = tokio::spawn(async move { Browser::new().approve(&url, "ada").await });
    world.sandbox.wait_for("token.authorization_code", 1, LONG).await.unwrap();
    assert!(!pending.is_finished());
    let second = format!("http://127.0.0.1:{port}/auth/callback?error=access_denied&state={state}");
    let again = Browser::new().open(&second).await;
    assert_eq!(again.status, None, "nobody is there for a second answer");
    pending.ended().await.unwrap();
    let landing = landing.await.unwrap();
    assert_eq!(landing.status, Some(200));
    assert!(landing.body.contains("You are signed in."), "{}", landing.body);
}

#[tokio::test]
async fn callback_port_busy_is_reported_and_next_used() {
    let world = World::new().await;
    let squatter = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let taken = squatter.local_addr().unwrap().port();
    let mut provider = world.provider.clone();
    provider.callback_ports = vec![taken, 0];
    let pending = PendingSignIn::start(world.flow_of(provider), BROWSER, LONG).await;
    let Some(SignInProgress::PortTaken { busy, using }) = pending.before.first() else {
        panic!("{:?}", pending.before)
    };
    assert_eq!((busy.port, *using), (taken, pending.port()));
    let holder = busy.holder.as_deref().expect("this system tells");
    assert!(holder.ends_with(&format!("(process {})", std::process::id())), "{holder}");
    Browser::new().approve(&pending.url, "ada").await;
    pending.ended().await.unwrap();
}

#[tokio::test]
async fn callback_ports_all_busy_names_holders() {
    let world = World::new().await;
    let squatters =
        [TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap()];
    let mut provider = world.provider.clone();
    provider.callback_ports = squatters.iter().map(|one| one.local_addr().unwrap().port()).collect();
    let ports = provider.callback_ports.clone();
    let failure =
        PendingSignIn::start(world.flow_of(provider), BROWSER, LONG).await.ended().await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::PortBusy);
    for port in ports {
        assert!(failure.cause.contains(&format!("port {port} is used by ")), "{failure}");
    }
    assert!(failure.cause.contains(&format!("(process {})", std::process::id())), "{failure}");
}

#[tokio::test]
async fn pasted_redirect_completes_sign_in() {
    let world = World::new().await;
    let pending = world.start(FlowKind::Paste).await;
    // Nobody listens: the browser shows an error, and its address bar has the redirect address.
    let landing = Browser::new().approve(&pending.url, "ada").await;
    assert_eq!(landing.status, None);
    let paste = |text: String| async {
        let (reply, result) = tokio::sync::oneshot::channel();
        pending.paste.send((text, reply)).await.unwrap();
        result.await.unwrap()
    };
    let other = landing.url.as_str().replace("state=", "state=x");
    assert_eq!(paste(other).await.unwrap_err().code, ErrorCode::BadUrl);
    assert_eq!(paste("what?".into()).await.unwrap_err().code, ErrorCode::BadUrl);
    paste(landing.url.to_string()).await.unwrap();
    assert_eq!(pending.ended().await.unwrap().user_id, "user-ada");
}

#[tokio::test]
async fn pasted_redirect_while_listening_completes_sign_in() {
    let world = World::new().await;
    let pending = world.start(BROWSER).await;
    let port = pending.port();
    let query = format!("?error=access_denied&state={}", pending.parameter("state"));
    let (reply, result) = tokio::sync::oneshot::channel();
    pending.paste.send((query, reply)).await.unwrap();
    result.await.unwrap().unwrap();
    assert_eq!(pending.ended().await.unwrap_err().code, ErrorCode::AccessDenied);
    TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free again");
}

#[tokio::test]
async fn sign_in_again_replaces_account_and_revokes_old_grant() {
    let world = World::new().await;
    let first = world.sign_in("ada").await;
    let old = token(&world.source(&first)).await.unwrap();
    let run_test_in_process = world.sign_in("ada").await;
    assert_eq!(run_test_in_process.id(), first.id());
    assert_eq!(world.summary().sign_ins.len(), 1);
    world.sandbox.wait_for("revoke", 1, LONG).await.expect("the old grant is ended");
    assert!(!old.bearer.matches(&token(&world.source(&run_test_in_process)).await.unwrap().bearer));
    // The old grant was revoked: the new one can still be refreshed.
    world.forward(crate::support::LIFE - 60);
    token(&world.source(&run_test_in_process)).await.unwrap();
    assert_eq!(world.refreshes(), 1);
}

#[tokio::test]
async fn sign_in_to_other_workspace_adds_account() {
    let world = World::new().await;
    let home = world.sign_in("ada").await;
    let work = world.sign_in("ada-work").await;
    assert_eq!(home.email, work.email);
    let summary = world.summary();
    assert_eq!(summary.sign_ins.len(), 2);
    assert_eq!(summary.active, Some(home.id()), "the one in use stays in use");
    assert_eq!(world.sandbox.count("revoke"), 0);
}

#[tokio::test]
async fn sign_in_of_other_user_in_workspace_adds_account() {
    let world = World::new().await;
    let ada = world.sign_in("ada-work").await;
    let ben = world.sign_in("ben").await;
    assert_eq!(ada.account_id, ben.account_id);
    assert_eq!(world.summary().sign_ins.len(), 2);
}

#[tokio::test]
async fn callback_with_idle_connections_is_served() {
    let world = World::new().await;
    let pending = world.start(BROWSER).await;
    let mut idle = Vec::new();
    for _ in 0..10 {
        idle.push(tokio::net::TcpStream::connect(("127.0.0.1", pending.port())).await.unwrap());
    }
    let page = get(pending.port(), "/auth/callback?state=wrong").await;
    assert!(page.starts_with("HTTP/1.1 400 "), "{page}");
    Browser::new().approve(&pending.url, "ada").await;
    pending.ended().await.unwrap();
    drop(idle);
}
