//! `usher serve` against requests that no regular client sends: a wrongly admitted caller could use up a person's plan,
//! and a rejected one must be able to read why.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use usher_sandbox::{Fault, Options, Sandbox};
use usher_tests::{Gateway, Home, request};

use crate::gateway::dialects::serving;

const MIB: usize = 1024 * 1024;

/// Creates a home whose only provider is the service at `base`, and a gateway with a pass for it.
async fn serving_for(sandbox: &Sandbox, base: &str, wire: &str) -> (Home, Gateway) {
    let home = Home::at(sandbox);
    let added =
        ["providers", "add", "openai-compatible", "--name", "own", "--base-url", base, "--api-key-stdin"];
    home.json_with_input(&added, "sk-sandbox-own-0001").await.done();
    let provider = "openai-compatible:own";
    assert_eq!(home.run(&["providers", "set", provider, "--wire", wire]).await.code, 0);
    let gateway = Gateway::start_with(&home, &["--provider", provider]).await;
    (home, gateway)
}

/// Returns the head of a POST request with the pass, without the blank line.
fn head(gateway: &Gateway, path: &str, lines: &str) -> String {
    let (host, pass) = (gateway.authority(), gateway.pass());
    format!("POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {pass}\r\n{lines}")
}

fn code(body: &Value) -> &str {
    body["error"]["code"].as_str().or(body["error"]["type"].as_str()).unwrap_or_default()
}

#[tokio::test]
async fn foreign_host_or_origin_is_rejected() {
    let (_sandbox, _home, gateway) = serving().await;
    let port = gateway.authority().rsplit_once(':').unwrap().1.to_owned();
    let pass = format!("Bearer {}", gateway.pass());
    let status_of = async |target: &str, host: &str, more: &[(&str, &str)]| {
        let own = [("host", host), ("authorization", pass.as_str())];
        gateway.raw(&request("GET", target, &[&own[..], more].concat(), "")).await.status
    };
    for host in ["127.0.0.1", "[::1]", "localhost", "LOCALHOST"] {
        assert_eq!(status_of("/v1/models", &format!("{host}:{port}"), &[]).await, 200, "{host}");
    }
    let foreign = [
        "localhost.",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::1%25lo]",
        "0.0.0.0",
        "127.1",
        "evil.example",
        "127.0.0.1.evil.example",
        "user@127.0.0.1",
    ];
    for host in foreign {
        let status = status_of("/v1/models", &format!("{host}:{port}"), &[]).await;
        assert!(matches!(status, 400 | 403), "{host}: {status}");
    }
    let ours = format!("127.0.0.1:{port}");
    assert_eq!(status_of("/v1/models", "127.0.0.1", &[]).await, 403);
    for (target, status) in [
        (format!("http://{ours}/v1/models"), 200),
        (format!("http://localhost:{port}/v1/models"), 400),
        ("http://evil.example/v1/models".to_owned(), 403),
        (format!("http://evil.example@{ours}/v1/models"), 403),
    ] {
        assert_eq!(status_of(&target, &ours, &[]).await, status, "{target}");
    }
    for origin in ["null", "https://evil.example", "file://", &format!("http://{ours}")] {
        assert_eq!(status_of("/v1/models", &ours, &[("origin", origin)]).await, 403, "{origin}");
    }
    for (site, status) in [("none", 200), ("cross-site", 403), ("same-site", 403), ("same-origin", 403)] {
        assert_eq!(status_of("/v1/models", &ours, &[("sec-fetch-site", site)]).await, status, "{site}");
    }
    assert_eq!(status_of("/v1/models", &ours, &[("host", "evil.example")]).await, 400);
    let nameless = format!("GET /v1/models HTTP/1.0\r\nauthorization: {pass}\r\n\r\n");
    assert_eq!(gateway.raw(&nameless).await.status, 403);
}

#[tokio::test]
async fn duplicate_credentials_or_lengths_are_rejected() {
    let (_sandbox, _home, gateway) = serving().await;
    let lines = |lines: &str| head(&gateway, "/v1/responses", lines);
    let two_passes =
        lines(&format!("authorization: Bearer x{}\r\nconnection: close\r\n\r\n", gateway.pass()));
    assert_eq!(gateway.raw(&two_passes).await.status, 401);
    let two_keys = format!(
        "GET /v1/models HTTP/1.1\r\nhost: {}\r\nx-api-key: {}\r\nx-api-key: other\r\nconnection: close\r\n\r\n",
        gateway.authority(),
        gateway.pass()
    );
    assert_eq!(gateway.raw(&two_keys).await.status, 401);
    for lengths in ["content-length: 2\r\ncontent-length: 3", "content-length: -1", "content-length: 2, 3"] {
        let two_lengths = lines(&format!("{lengths}\r\n\r\n{{}}"));
        assert_eq!(gateway.raw(&two_lengths).await.status, 400, "{lengths}");
    }
    // Both framings at once: one side of a proxy could read a second request where the other reads a body.
    let smuggled = format!(
        "content-length: 4\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nhost: {}\r\n\r\n",
        gateway.authority()
    );
    let response = String::from_utf8(gateway.exchange(lines(&smuggled).as_bytes()).await).unwrap();
    assert_eq!(response.matches("HTTP/1.1 ").count(), 1, "{response}");
}

#[tokio::test]
async fn oversized_head_is_rejected() {
    let (_sandbox, _home, gateway) = serving().await;
    let long = format!("x-long: {}\r\n\r\n", "a".repeat(128 * 1024));
    let many = ["x-one: 1\r\n"; 200].concat();
    for lines in [long, format!("{many}\r\n")] {
        let refused = gateway.raw(&head(&gateway, "/v1/responses", &lines)).await;
        assert_eq!(refused.status, 431, "{refused:?}");
    }
    let many = format!("x-one: {}\r\n", "a".repeat(200)).repeat(90);
    let taken = head(&gateway, "/v1/responses", &format!("{many}connection: close\r\n\r\n"));
    assert_eq!(gateway.raw(&taken).await.status, 400, "only the empty body is wrong");
}

#[tokio::test]
async fn too_long_body_is_rejected_before_and_during_upload() {
    let (_sandbox, _home, gateway) = serving().await;
    for (path, kind) in [
        ("/v1/responses", "request_too_large"),
        ("/v1/chat/completions", "request_too_large"),
        ("/v1/messages", "request_too_large"),
        ("/v1/messages/count_tokens", "request_too_large"),
    ] {
        let announced = head(&gateway, path, &format!("content-length: {}\r\n\r\n", 64 * MIB + 1));
        let refused = gateway.raw(&announced).await;
        assert_eq!((refused.status, code(&refused.json())), (413, kind), "{path} {refused:?}");
        assert_eq!(refused.json().get("type").is_some(), path.starts_with("/v1/messages"), "{refused:?}");
    }
    let mut chunked = head(&gateway, "/v1/responses", "transfer-encoding: chunked\r\n\r\n").into_bytes();
    let chunk = [&b"100000\r\n"[..], &vec![b' '; MIB], b"\r\n"].concat();
    for _ in 0..80 {
        chunked.extend_from_slice(&chunk);
    }
    // Simple clients write everything before they read: the response must still be readable then.
    let refused = String::from_utf8(gateway.exchange(&chunked).await).unwrap();
    assert!(refused.starts_with("HTTP/1.1 413 "), "{refused}");
    let mut bomb =
        head(&gateway, "/v1/messages", "content-encoding: zstd\r\nconnection: close\r\n").into_bytes();
    let packed = bomb_of(65);
    assert!(packed.len() < 4096, "it is small");
    bomb.extend_from_slice(format!("content-length: {}\r\n\r\n", packed.len()).as_bytes());
    bomb.extend_from_slice(&packed);
    let refused = String::from_utf8(gateway.exchange(&bomb).await).unwrap();
    assert!(refused.starts_with("HTTP/1.1 413 "), "{refused}");
}

/// Returns a zstd frame that decompresses to this many MiB of spaces (RFC 8878 §3.1.1): blocks of one repeated byte.
fn bomb_of(mib: u32) -> Vec<u8> {
    const BLOCK: u32 = 128 * 1024;
    let blocks = mib * 8;
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38];
    for number in 1..=blocks {
        let header = BLOCK << 3 | 1 << 1 | u32::from(number == blocks);
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.push(b' ');
    }
    frame
}

#[tokio::test]
async fn rejection_is_readable_after_complete_upload() {
    let (_sandbox, _home, gateway) = serving().await;
    let body = "x".repeat(8 * MIB);
    let headers = [("host", gateway.authority()), ("authorization", "Bearer wrong")];
    let request_text = request("POST", "/v1/responses", &headers, &body).replace("connection: close\r\n", "");
    let refused = String::from_utf8(gateway.exchange(request_text.as_bytes()).await).unwrap();
    assert!(refused.starts_with("HTTP/1.1 401 "), "{refused}");
}

#[tokio::test]
async fn pipelined_requests_get_responses_in_order() {
    let (_sandbox, _home, gateway) = serving().await;
    let body = json!({ "model": "", "input": "Say ready.", "stream": true }).to_string();
    let first = format!(
        "{}{body}",
        head(&gateway, "/v1/responses", &format!("content-length: {}\r\n\r\n", body.len()))
    );
    let count = json!({ "messages": [{ "role": "user", "content": "hello" }] }).to_string();
    let second = head(
        &gateway,
        "/v1/messages/count_tokens",
        &format!("content-length: {}\r\n\r\n{count}", count.len()),
    );
    let third = request("GET", "/healthz", &[("host", gateway.authority())], "");
    let responses = gateway.exchange(format!("{first}{second}{third}").as_bytes()).await;
    let responses = String::from_utf8(responses).unwrap();
    let at = |part: &str| responses.find(part).unwrap_or_else(|| panic!("{part} is not in {responses}"));
    assert!(at("response.completed") < at("input_tokens") && at("input_tokens") < at(r#"{"status":"ok"}"#));
    assert_eq!(responses.matches("HTTP/1.1 200 ").count(), 3, "{responses}");
}

#[tokio::test]
async fn cookies_credentials_and_hop_headers_are_not_forwarded() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let base = format!("{}/both", sandbox.compatible());
    let (_home, gateway) = serving_for(&sandbox, &base, "responses").await;
    let response = json!({ "id": "resp_1", "object": "response", "status": "completed", "output": [] });
    let headers = [
        ("set-cookie", "session=theirs"),
        ("proxy-authenticate", "Basic"),
        ("keep-alive", "timeout=5"),
        ("access-control-allow-origin", "*"),
        ("server", "theirs"),
        ("x-request-id", "req_1"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    sandbox.push_fault("compatible.responses", Fault::Status { status: 200, body: response, headers });
    let sent = [
        ("x-api-key", "sk-of-the-caller"),
        ("cookie", "session=callers"),
        ("proxy-authorization", "Basic eDp5"),
        ("chatgpt-account-id", "callers"),
        ("te", "trailers"),
        ("keep-alive", "timeout=9"),
        ("x-forwarded-for", "10.0.0.1"),
        ("user-agent", "callers/1"),
    ];
    let body = json!({ "model": "llama-4-scout", "input": "hi" });
    let response = gateway.post_with("/v1/responses", &sent, &body).await;
    assert_eq!(response.status, 200, "{response:?}");
    for name in ["set-cookie", "proxy-authenticate", "keep-alive", "access-control-allow-origin", "server"] {
        assert_eq!(response.header(name), "", "{name} {response:?}");
    }
    assert_eq!(response.header("x-request-id"), "req_1");
    let received = &sandbox.requests("compatible.responses")[0];
    for (name, value) in &received.headers {
        assert!(!value.contains("callers") && !value.contains(gateway.pass()), "{name}: {value}");
    }
    for name in ["cookie", "x-api-key", "proxy-authorization", "te", "keep-alive", "x-forwarded-for"] {
        assert_eq!(received.header(name), None, "{received:?}");
    }
    assert_eq!(received.header("authorization"), Some("Bearer sk-sandbox-own-0001"));
}

/// Reads a request without responding, and returns its connection.
async fn silent_service(listener: &TcpListener) -> TcpStream {
    let (mut connection, _) = listener.accept().await.unwrap();
    let mut read = Vec::new();
    while !read.windows(4).any(|four| four == b"\r\n\r\n") {
        assert_ne!(connection.read_buf(&mut read).await.unwrap(), 0, "the connection was closed too early");
    }
    connection
}

#[tokio::test]
async fn client_disconnect_before_response_closes_upstream() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    let (_home, gateway) = serving_for(&sandbox, &base, "responses").await;
    for streams in [true, false] {
        let body =
            json!({ "model": "openai-compatible:own/m", "input": "hi", "stream": streams }).to_string();
        let headers = [("host", gateway.authority()), ("x-api-key", gateway.pass())];
        let mut caller = gateway.connect().await;
        caller.write_all(request("POST", "/v1/responses", &headers, &body).as_bytes()).await.unwrap();
        // Model lists are requested first and rejected; this is the request itself.
        let mut service = silent_service(&listener).await;
        drop(caller);
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(std::time::Duration::from_secs(10), service.read_to_end(&mut rest));
        closed.await.expect("the upstream connection is still open").unwrap();
    }
}
