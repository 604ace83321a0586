//! The callback port among connections and requests that nobody needs.

use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use usher_auth::SignInProgress;
use usher_domain::ErrorCode;

use crate::support::{BROWSER, PendingSignIn, World, get};

const SECOND: Duration = Duration::from_secs(1);

/// Opens connections that send `start` and nothing more.
async fn open_connections(port: u16, size: usize, start: &[u8]) -> Vec<TcpStream> {
    let mut open = Vec::new();
    for _ in 0..size {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        // One that was closed meanwhile cannot be written to.
        let _ = stream.write_all(start).await;
        open.push(stream);
    }
    open
}

/// Sends the true answer, a refusal, and returns how long it took until the sign-in had it.
async fn answer(pending: PendingSignIn) -> Duration {
    let target = format!("/auth/callback?error=access_denied&state={}", pending.parameter("state"));
    let began = Instant::now();
    let page = get(pending.port(), &target).await;
    assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
    assert_eq!(pending.ended().await.unwrap_err().code, ErrorCode::AccessDenied);
    began.elapsed()
}

#[tokio::test]
async fn answer_among_silent_connections_is_taken_within_a_second() {
    let world = World::new().await;
    for size in [10, 300, 600] {
        let pending = world.start(BROWSER).await;
        let silent = open_connections(pending.port(), size, b"").await;
        let took = answer(pending).await;
        assert!(took < SECOND, "{size}: {took:?}");
        drop(silent);
    }
}

#[tokio::test]
async fn answer_among_unfinished_requests_is_taken_within_a_second() {
    let world = World::new().await;
    let pending = world.start(BROWSER).await;
    let slow = open_connections(pending.port(), 400, b"GET /auth/callback?code=c HTTP/1.1\r\nHost: ").await;
    let took = answer(pending).await;
    assert!(took < SECOND, "{took:?}");
    drop(slow);
}

/// It waits longer than the two seconds after which a silent connection is closed under load. Nothing happens meanwhile
/// that could be awaited instead.
#[tokio::test]
async fn silent_connection_without_load_may_answer_later() {
    let world = World::new().await;
    let pending = world.start(BROWSER).await;
    let mut early = TcpStream::connect(("127.0.0.1", pending.port())).await.unwrap();
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let (port, state) = (pending.port(), pending.parameter("state"));
    let request = format!(
        "GET /auth/callback?error=access_denied&state={state} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
    );
    early.write_all(request.as_bytes()).await.unwrap();
    assert_eq!(pending.ended().await.unwrap_err().code, ErrorCode::AccessDenied);
}

#[tokio::test]
async fn wrong_states_are_reported_once_a_second() {
    let world = World::new().await;
    let mut pending = world.start(BROWSER).await;
    let began = Instant::now();
    let mut sent = 0;
    while began.elapsed() < Duration::from_millis(1500) {
        get(pending.port(), "/auth/callback?code=c&state=wrong").await;
        sent += 1;
    }
    let mut reported = 0;
    while let Ok(progress) = pending.progress.try_recv() {
        assert_eq!(progress, SignInProgress::ForeignRedirectIgnored);
        reported += 1;
    }
    assert!(sent > 10 && reported == 2, "{reported} of {sent}");
    answer(pending).await;
}

/// Nobody has made such a request, and the page that is shown later would meet a closed port.
#[tokio::test]
async fn callback_loaded_in_advance_is_no_answer() {
    let world = World::new().await;
    let pending = world.start(BROWSER).await;
    let (port, state) = (pending.port(), pending.parameter("state"));
    for mark in
        ["Sec-Purpose: prefetch", "Sec-Purpose: prefetch;prerender", "Purpose: prefetch", "X-Moz: prefetch"]
    {
        let request = format!(
            "GET /auth/callback?error=access_denied&state={state} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{mark}\r\n\r\n"
        );
        let page = crate::support::raw(port, &request).await;
        assert!(page.starts_with("HTTP/1.1 503 "), "{mark}: {page}");
    }
    assert!(!pending.is_finished());
    answer(pending).await;
}
