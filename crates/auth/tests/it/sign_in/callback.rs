//! The callback port's responses to requests that are not the right redirect.

use usher_auth::SignInProgress;
use usher_domain::ErrorCode;
use usher_sandbox::Fault;
use usher_sandbox::browser::Browser;

use crate::support::{BROWSER, World, get, raw};

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[tokio::test]
async fn callback_with_wrong_state_is_rejected_and_wait_continues() {
    let world = World::new().await;
    let mut pending = world.start(BROWSER).await;
    let port = pending.port();
    for query in ["code=c&state=wrong", "code=c", "error=access_denied", "error=access_denied&state=wrong"] {
        let answer = get(port, &format!("/auth/callback?{query}")).await;
        assert_eq!(status(&answer), "400", "{query}");
    }
    assert_eq!(pending.next().await, SignInProgress::ForeignRedirectIgnored);
    assert_eq!(world.sandbox.count("token.authorization_code"), 0);
    Browser::new().approve(&pending.url, "ada").await;
    pending.ended().await.unwrap();
}

#[tokio::test]
async fn callback_error_with_right_state_is_access_denied() {
    let world = World::new().await;
    let pending = world.start(BROWSER).await;
    let target = format!("/auth/callback?error=access_denied&state={}", pending.parameter("state"));
    assert_eq!(status(&get(pending.port(), &target).await), "200");
    assert_eq!(pending.ended().await.unwrap_err().code, ErrorCode::AccessDenied);
}

#[tokio::test]
async fn callback_with_other_method_or_path_does_not_cancel() {
    let world = World::new().await;
    let pending = world.start(BROWSER).await;
    let (port, state) = (pending.port(), pending.parameter("state"));
    for method in ["HEAD", "POST", "PUT", "OPTIONS"] {
        let request = format!(
            "{method} /auth/callback?code=c&state={state} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\n\r\n"
        );
        assert_eq!(status(&raw(port, &request).await), "405", "{method}");
    }
    for path in ["/cancel", "/", "/auth/callback/", "/success", "/favicon.ico"] {
        assert_eq!(status(&get(port, &format!("{path}?code=c&state={state}")).await), "404", "{path}");
    }
    Browser::new().approve(&pending.url, "ada").await;
    pending.ended().await.unwrap();
    assert_eq!(world.sandbox.count("token.authorization_code"), 1);
}

#[tokio::test]
async fn callback_with_other_host_is_rejected() {
    let world = World::new().await;
    let pending = world.start(BROWSER).await;
    let (port, state) = (pending.port(), pending.parameter("state"));
    let target = format!("/auth/callback?code=c&state={state}");
    let hosts = [
        format!("Host: evil.example:{port}"),
        "Host: evil.example".into(),
        "Host: 127.0.0.1".into(),
        format!("Host: 127.0.0.1.evil.example:{port}"),
        format!("Host: 127.0.0.1:{port}\r\nHost: 127.0.0.1:{port}"),
        format!("Host: 127.0.0.1:{port}\r\nHost: evil.example"),
        "X-None: 1".into(),
    ];
    for host in hosts {
        let answer = raw(port, &format!("GET {target} HTTP/1.1\r\n{host}\r\n\r\n")).await;
        assert_eq!(status(&answer), "403", "{host}");
    }
    let whole = format!("GET http://evil.example{target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
    assert_eq!(status(&raw(port, &whole).await), "403", "the request line names another host");
    assert!(!pending.is_finished());
    Browser::new().approve(&pending.url, "ada").await;
    pending.ended().await.unwrap();
}

#[tokio::test]
async fn callback_page_is_not_cached_and_echoes_nothing() {
    let world = World::new().await;
    let pending = world.start(BROWSER).await;
    let (port, state) = (pending.port(), pending.parameter("state"));
    let code = "ac_0123456789abcdef";
    let wrong = get(port, "/auth/callback?code=ac_0123456789abcdef&state=%3Cscript%3E").await;
    let right = get(port, &format!("/auth/callback?code={code}&state={state}")).await;
    assert_eq!((status(&wrong), status(&right)), ("400", "200"));
    for answer in [wrong, right] {
        let low = answer.to_ascii_lowercase();
        for header in ["cache-control: no-store", "referrer-policy: no-referrer", "connection: close"] {
            assert!(low.contains(header), "{header} in {answer}");
        }
        assert!(low.contains("content-security-policy: default-src 'none'"), "{answer}");
        for secret in [code, &state, "script"] {
            assert!(!answer.contains(secret), "{secret} in {answer}");
        }
        assert!(!low.contains("\r\nlocation:"), "no redirect carries anything on");
    }
    // The code is invented, so the exchange fails; this test is about the page.
    assert_eq!(pending.ended().await.unwrap_err().code, ErrorCode::SignInExpired);
}

#[tokio::test]
async fn callback_page_says_who_is_signed_in_and_that_it_worked() {
    let world = World::new().await;
    let pending = world.start(BROWSER).await;
    let page = Browser::new().approve(&pending.url, "ada").await;
    pending.ended().await.unwrap();
    for text in ["You are signed in.", "ada@example.com, Plus", "go back to Usher", "<svg"] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
}

#[tokio::test]
async fn callback_page_says_that_it_failed_when_the_exchange_is_refused() {
    let world = World::new().await;
    world
        .sandbox
        .push_fault("token.authorization_code", Fault::Refuse { code: "invalid_grant".into(), status: 400 });
    let pending = world.start(BROWSER).await;
    let page = Browser::new().approve(&pending.url, "ada").await;
    assert_eq!(pending.ended().await.unwrap_err().code, ErrorCode::SignInExpired);
    assert!(page.body.contains("You were not signed in."), "{}", page.body);
    assert!(!page.body.contains("You are signed in."), "{}", page.body);
}

/// A server that hangs must not keep the browser waiting.
#[tokio::test]
async fn callback_page_comes_while_the_exchange_still_runs() {
    let world = World::new().await;
    world.sandbox.push_fault("token.authorization_code", Fault::Hang);
    let pending = world.start(BROWSER).await;
    let page = Browser::new().approve(&pending.url, "ada").await;
    assert!(page.body.contains("Almost done."), "{}", page.body);
    assert!(!pending.is_finished());
    pending.cancel().await;
}
