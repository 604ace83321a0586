//! Limits: connections, requests per pass, and the silence of a provider.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use usher_domain::ports::{Authorization, Bearer};
use usher_domain::{AccessToken, Endpoints, OAuthProvider};
use usher_gateway::Limits;
use usher_sandbox::{Fault, Options, Sandbox};
use usher_upstream::BackendConfig;

use crate::support::{Served, route, serve};

struct Running {
    sandbox: Sandbox,
    served: Served,
}

/// Starts a gateway with `limits` and two passes, whose provider is a sandbox.
async fn start(limits: Limits) -> Running {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let endpoints = Endpoints::parse(sandbox.issuer(), sandbox.chatgpt()).unwrap();
    let token = sandbox.issue("ada");
    let workspace = &usher_sandbox::ACCOUNTS.iter().find(|known| known.key == "ada").unwrap().workspaces[0];
    let authorization = Authorization {
        bearer: Bearer::AccessToken(Arc::new(AccessToken::new(token.access_token))),
        account_id: Some(workspace.account_id.to_owned()),
        fedramp: false,
        headers: Vec::new(),
        base: endpoints.backend.clone(),
        expires_at: None,
    };
    let config = BackendConfig::for_plan(&OAuthProvider::chatgpt(endpoints));
    let route = route(config, authorization, "gpt-6-sol");
    let served = serve([("one", route.clone()), ("two", route)].into(), limits).await;
    Running { sandbox, served }
}

impl Running {
    /// Sends a request and returns the connection.
    async fn send(&self, method: &str, path: &str, pass: &str, body: &str) -> TcpStream {
        let mut connection = TcpStream::connect(self.served.address).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nx-api-key: {pass}\r\ncontent-length: {}\r\n\r\n{body}",
            self.served.address,
            body.len()
        );
        connection.write_all(request.as_bytes()).await.unwrap();
        connection
    }

    /// Sends a request but for the last byte of its body, and waits until the gateway reads that.
    async fn upload(&self, path: &str, body: &str) -> TcpStream {
        let mut connection = TcpStream::connect(self.served.address).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nx-api-key: one\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
            self.served.address,
            body.len()
        );
        connection.write_all(head.as_bytes()).await.unwrap();
        let mut go_on = [0; 25];
        connection.read_exact(&mut go_on).await.unwrap();
        assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
        connection.write_all(&body.as_bytes()[..body.len() - 1]).await.unwrap();
        connection
    }

    /// Sends a request whose response stops after its first events, and waits for its status.
    async fn send_hanging(&self, pass: &str) -> TcpStream {
        self.sandbox.push_fault("responses", Fault::HangAfter { events: 3 });
        let body = r#"{"model":"","input":"hi","stream":true}"#;
        let mut connection = self.send("POST", "/v1/responses", pass, body).await;
        assert_eq!(status(&mut connection).await, "200");
        connection
    }
}

async fn status(connection: &mut TcpStream) -> String {
    let mut line = [0; 12];
    let read = tokio::time::timeout(Duration::from_secs(20), connection.read_exact(&mut line)).await;
    read.expect("no timeout").expect("the connection is open");
    String::from_utf8(line[9..].to_vec()).unwrap()
}

/// Reads the rest of a response until its error says that the pass was revoked.
async fn until_revoked(connection: &mut TcpStream) {
    let mut received = Vec::new();
    let ended = async {
        while !String::from_utf8_lossy(&received).contains("the pass was revoked") {
            let read = connection.read_buf(&mut received).await.unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&received));
        }
    };
    tokio::time::timeout(Duration::from_secs(20), ended).await.expect("it ends soon");
}

#[tokio::test]
async fn request_beyond_pass_limit_is_refused_for_that_pass_only() {
    let running = start(Limits { requests_per_pass: 2, ..Limits::default() }).await;
    let (first, _second) = (running.send_hanging("one").await, running.send_hanging("one").await);
    let body = r#"{"model":"","input":"hi","stream":true}"#;
    let mut third = running.send("POST", "/v1/responses", "one", body).await;
    assert_eq!(status(&mut third).await, "429");
    let mut other = running.send("POST", "/v1/responses", "two", body).await;
    assert_eq!(status(&mut other).await, "200");
    let mut changes = running.served.log.changes();
    drop((first, other));
    while running.served.log.requests().iter().filter(|request| request.pass == "one").count() > 1 {
        changes.changed().await.unwrap();
    }
    let mut again = running.send("POST", "/v1/responses", "one", body).await;
    assert_eq!(status(&mut again).await, "200");
}

#[tokio::test]
async fn connection_beyond_limit_waits_for_permit() {
    let running = start(Limits { connections: 2, ..Limits::default() }).await;
    let (first, _second) = (running.send_hanging("one").await, running.send_hanging("one").await);
    let mut third = running.send("GET", "/healthz", "one", "").await;
    let mut byte = [0];
    let early = tokio::time::timeout(Duration::from_millis(300), third.peek(&mut byte)).await;
    assert!(early.is_err(), "there was a third permit");
    drop(first);
    assert_eq!(status(&mut third).await, "200");
}

#[tokio::test]
async fn stream_of_silent_provider_sends_keep_alives_then_fails() {
    let running = start(Limits::default()).await;
    let mut connection = running.send_hanging("one").await;
    tokio::time::pause();
    let start = tokio::time::Instant::now();
    let mut received = Vec::new();
    // The type is at the end of the event.
    while !String::from_utf8_lossy(&received).contains(r#""type":"response.failed""#) {
        assert!(
            connection.read_buf(&mut received).await.unwrap() > 0,
            "{}",
            String::from_utf8_lossy(&received)
        );
    }
    let received = String::from_utf8(received).unwrap();
    assert!(received.contains("fell silent"), "{received}");
    assert!((19..=20).contains(&received.matches(": keep-alive").count()), "{received}");
    // The silence began before the clock was stopped.
    assert!((270..=310).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
}

/// Requests whose body is still arriving count too.
#[tokio::test]
async fn request_with_unread_body_counts_for_pass_limit() {
    let running = start(Limits { requests_per_pass: 2, ..Limits::default() }).await;
    let head = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nx-api-key: one\r\ncontent-length: 9\r\n\r\n{{",
            running.served.address
        )
    };
    let mut open = Vec::new();
    for path in ["/v1/responses", "/v1/messages/count_tokens"] {
        let mut connection = TcpStream::connect(running.served.address).await.unwrap();
        connection.write_all(head(path).as_bytes()).await.unwrap();
        open.push(connection);
    }
    // It is not visible when a header was read, so a third request is retried until it is refused.
    let refused =
        async { while status(&mut running.send("GET", "/v1/models", "one", "").await).await != "429" {} };
    tokio::time::timeout(Duration::from_secs(20), refused).await.expect("both have a permit");
    assert_eq!(status(&mut running.send("GET", "/v1/models", "two", "").await).await, "200");
    drop(open);
}

/// Any program of this computer can open connections.
#[tokio::test]
async fn idle_connections_without_pass_keep_nobody_out() {
    let running = start(Limits { connections: 64, ..Limits::default() }).await;
    let mut known = running.send("GET", "/v1/models", "one", "").await;
    assert_eq!(status(&mut known).await, "200");
    let mut idle = Vec::new();
    for _ in 0..200 {
        idle.push(TcpStream::connect(running.served.address).await.unwrap());
    }
    for _ in 0..3 {
        let mut connection = running.send("GET", "/v1/models", "one", "").await;
        assert_eq!(status(&mut connection).await, "200");
    }
    // The connection of a client with a pass is still there.
    let request =
        format!("GET /v1/models HTTP/1.1\r\nhost: {}\r\nx-api-key: one\r\n\r\n", running.served.address);
    known.write_all(request.as_bytes()).await.unwrap();
    let mut rest = Vec::new();
    while String::from_utf8_lossy(&rest).matches("HTTP/1.1 200").count() < 1 {
        assert!(known.read_buf(&mut rest).await.unwrap() > 0, "the connection was closed");
    }
}

#[tokio::test]
async fn bodies_beyond_common_memory_are_refused_until_others_end() {
    let running = start(Limits { request_memory: 256 * 1024, ..Limits::default() }).await;
    let body = |length: usize| format!(r#"{{"model":"","input":"{}"}}"#, "x".repeat(length));
    let send = async |length: usize| {
        status(&mut running.send("POST", "/v1/responses", "one", &body(length)).await).await
    };
    assert_eq!(send(300 * 1024).await, "429");
    assert_eq!(send(60 * 1024).await, "200");
    running.sandbox.push_fault("responses", Fault::Hang);
    let _held = running.send("POST", "/v1/responses", "one", &body(100 * 1024)).await;
    let refused = async { while send(100 * 1024).await != "429" {} };
    tokio::time::timeout(Duration::from_secs(20), refused).await.expect("the first body is still held");
}

/// A few hundred kilobytes of `{}` would become gigabytes.
#[tokio::test]
async fn body_of_countless_parts_is_refused() {
    let running = start(Limits::default()).await;
    let parts = format!("[{}{{}}]", "{},".repeat(200_000));
    for (path, body) in [
        ("/v1/responses", format!(r#"{{"model":"","input":{parts}}}"#)),
        ("/v1/chat/completions", format!(r#"{{"model":"","messages":{parts}}}"#)),
        ("/v1/messages", format!(r#"{{"model":"","max_tokens":9,"messages":{parts}}}"#)),
        ("/v1/messages/count_tokens", format!(r#"{{"model":"","messages":{parts}}}"#)),
        ("/v1/responses/input_tokens", format!(r#"{{"model":"","input":{parts}}}"#)),
    ] {
        assert_eq!(status(&mut running.send("POST", path, "one", &body).await).await, "400", "{path}");
    }
}

#[tokio::test]
async fn revoked_pass_ends_its_open_responses() {
    let running = start(Limits::default()).await;
    let mut connection = running.send_hanging("one").await;
    running.served.revoked.store(true, Ordering::Relaxed);
    until_revoked(&mut connection).await;
}

#[tokio::test]
async fn pass_revoked_after_the_shutdown_began_ends_its_open_responses() {
    let running = start(Limits::default()).await;
    let mut connection = running.send_hanging("one").await;
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    drop(running.served.shutdown);
    running.served.revoked.store(true, Ordering::Relaxed);
    until_revoked(&mut connection).await;
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

const UPLOADS: [(&str, &str); 2] = [
    ("/v1/responses", r#"{"model":"","input":"hi","stream":true}"#),
    ("/v1/messages/count_tokens", r#"{"model":"","messages":[]}"#),
];

#[tokio::test]
async fn revoked_pass_ends_uploads() {
    let running = start(Limits::default()).await;
    for (path, body) in UPLOADS {
        running.served.revoked.store(false, Ordering::Relaxed);
        let mut upload = running.upload(path, body).await;
        running.served.revoked.store(true, Ordering::Relaxed);
        assert_eq!(status(&mut upload).await, "403", "{path}");
    }
}

/// A program could keep requests ready and send their last byte after the lock.
#[tokio::test]
async fn request_that_is_whole_after_its_pass_was_revoked_is_not_sent() {
    let running = start(Limits::default()).await;
    for (path, body) in UPLOADS {
        running.served.revoked.store(false, Ordering::Relaxed);
        let mut upload = running.upload(path, body).await;
        running.served.revoked.store(true, Ordering::Relaxed);
        upload.write_all(&body.as_bytes()[body.len() - 1..]).await.unwrap();
        assert_eq!(status(&mut upload).await, "403", "{path}");
    }
    assert_eq!(running.sandbox.count("responses"), 0);
    let outcomes =
        running.served.log.since(0).requests.into_iter().map(|request| request.end.unwrap().outcome);
    let refused = usher_gateway::Outcome::Refused(usher_domain::ErrorCode::AccessDenied);
    assert_eq!(outcomes.collect::<Vec<_>>(), [refused; 2]);
}
