//! The server over real sockets, and what it refuses.

mod harness;

use std::io::Read as _;
use std::time::Duration;

use flate2::read::GzDecoder;
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use usher_page_server::Ended;

use crate::harness::{Request, Server, Session, read_until};

/// A command that answers without the network.
const CALL: &str = "/call/gateway_status";

async fn status(request: Request) -> u16 {
    request.send().await.status
}

#[tokio::test]
async fn link_opens_the_page_once() {
    let server = Server::start().await;
    let exchange = |link: &str| server.post("/session").json(&json!({ "link": link }));
    assert_eq!(status(exchange("guess")).await, 401);
    let session = server.open().await;
    let called = server.post(CALL).of(&session).send().await;
    assert_eq!(called.status, 200, "{}", called.head);
    assert!(called.body.contains(r#""at":"off""#), "{}", called.body);
    let replayed = exchange(&server.link).send().await;
    assert_eq!((replayed.status, replayed.header("set-cookie")), (401, None));
    assert_eq!(status(server.post(CALL).of(&session)).await, 200, "a replay ends no session");
}

#[tokio::test]
async fn link_in_a_get_request_opens_nothing() {
    let server = Server::start().await;
    for path in ["/", "/session"] {
        let got = server.request("GET", &format!("{path}?link={}", server.link)).send().await;
        assert!(got.header("set-cookie").is_none(), "{path}");
    }
    server.open().await;
}

#[tokio::test]
async fn call_without_cookie_or_key_is_refused() {
    let server = Server::start().await;
    for path in [CALL, "/stream/run_test", "/changes"] {
        assert_eq!(status(server.post(path)).await, 401, "{path} before the link was used");
    }
    let Session { cookie, key } = server.open().await;
    for path in [CALL, "/stream/run_test", "/changes"] {
        assert_eq!(status(server.post(path)).await, 401, "{path}");
        assert_eq!(status(server.post(path).header("cookie", &cookie)).await, 401, "{path} without the key");
        assert_eq!(
            status(server.post(path).header("x-usher-key", &key)).await,
            401,
            "{path} without the cookie"
        );
    }
}

#[tokio::test]
async fn session_of_another_run_is_refused() {
    let (one, other) = (Server::start().await, Server::start().await);
    let (old, new) = (one.open().await, other.open().await);
    assert_eq!(status(other.post(CALL).of(&old)).await, 401);
    let mixed = Session { cookie: old.cookie, key: new.key };
    assert_eq!(status(other.post(CALL).of(&mixed)).await, 401, "the cookie of the other run");
}

#[tokio::test]
async fn rebound_host_is_refused_also_with_a_session() {
    let server = Server::start().await;
    let session = server.open().await;
    let host = format!("rebound.example:{}", server.port);
    let call = server.post(CALL).of(&session).header("host", &host);
    assert_eq!(status(call.header("origin", &format!("http://{host}"))).await, 403);
    assert_eq!(status(server.request("GET", "/").header("host", &host)).await, 403);
}

#[tokio::test]
async fn foreign_origin_is_refused_also_with_a_session() {
    let server = Server::start().await;
    let session = server.open().await;
    for origin in ["https://evil.example", "null", "http://127.0.0.1:3000"] {
        assert_eq!(status(server.post(CALL).of(&session).header("origin", origin)).await, 403, "{origin}");
    }
    assert_eq!(status(server.post(CALL).of(&session).without("origin")).await, 403);
}

#[tokio::test]
async fn cross_site_fetch_metadata_is_refused_also_with_a_session() {
    let server = Server::start().await;
    let session = server.open().await;
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("sec-fetch-mode", "navigate")]
    {
        assert_eq!(status(server.post(CALL).of(&session).header(name, value)).await, 403, "{name}: {value}");
    }
    let framed = server.request("GET", "/").header("sec-fetch-dest", "iframe");
    assert_eq!(status(framed.header("sec-fetch-site", "same-origin")).await, 403);
}

#[tokio::test]
async fn page_through_a_forwarded_port_is_served() {
    let server = Server::start().await;
    let session = server.open().await;
    for host in ["127.0.0.1:9999", "localhost:9999"] {
        let call = server.post(CALL).of(&session).header("host", host);
        assert_eq!(status(call.header("origin", &format!("http://{host}"))).await, 200, "{host}");
    }
}

#[tokio::test]
async fn every_response_has_the_protecting_headers() {
    let server = Server::start().await;
    let session = server.open().await;
    let requests = [
        (server.request("GET", "/"), 200),
        (server.request("GET", "/nothing"), 404),
        (server.request("GET", "/").header("host", "evil.example"), 403),
        (server.post(CALL), 401),
        (server.post(CALL).of(&session), 200),
    ];
    for (request, expected) in requests {
        let response = request.send().await;
        assert_eq!(response.status, expected, "{}", response.head);
        let policy = response.header("content-security-policy").unwrap_or_default();
        for rule in
            ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'none'"]
        {
            assert!(policy.contains(rule), "{}", response.head);
        }
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(response.header(name), Some(value), "{}", response.head);
        }
        assert!(!response.head.to_lowercase().contains("access-control-"), "{}", response.head);
    }
}

#[tokio::test]
async fn page_is_served_compressed_and_with_its_files() {
    let server = Server::start().await;
    let page = server.request("GET", "/").send().await;
    assert_eq!(page.header("content-encoding"), Some("gzip"));
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let mut text = String::new();
    GzDecoder::new(page.bytes.as_slice()).read_to_string(&mut text).unwrap();
    let scripts: Vec<&str> = text.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(scripts.len() > 1, "{text}");
    for script in scripts {
        let file = server.request("GET", script).send().await;
        let is_script = file.header("content-type") == Some("text/javascript; charset=utf-8");
        assert!(file.status == 200 && is_script, "{script}: {}", file.head);
    }
}

#[tokio::test]
async fn page_has_the_language_of_settings_or_browser() {
    let server = Server::start().await;
    let session = server.open().await;
    let language = async |accepted: &'static str| {
        let page = server.request("GET", "/").header("accept-language", accepted).send().await;
        let mut text = String::new();
        GzDecoder::new(page.bytes.as_slice()).read_to_string(&mut text).unwrap();
        let tag = text.split("lang=\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned);
        tag.unwrap_or_else(|| panic!("a page with a language: {text}"))
    };
    for (accepted, shown) in [("de-CH,de;q=0.9,en;q=0.8", "de"), ("nl, zh-CN;q=0.5", "zh-Hans"), ("nl", "en")]
    {
        assert_eq!(language(accepted).await, shown, "{accepted}");
    }
    let chosen = server.post("/call/choose_language").of(&session).json(&json!({ "language": "fr" }));
    let chosen = chosen.send().await;
    assert!(chosen.body.contains(r#"{"chosen":"fr","shown":"fr"}"#), "{}", chosen.body);
    assert_eq!(language("de").await, "fr", "the settings come first");
}

#[tokio::test]
async fn body_beyond_the_limit_is_refused() {
    let server = Server::start().await;
    let session = server.open().await;
    let announced = server.post(CALL).of(&session).announcing(300 * 1024);
    assert_eq!(status(announced).await, 413);
    assert_eq!(status(server.post("/session").announcing(300 * 1024)).await, 413);
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_room() {
    let server = Server::start().await;
    let mut idle = Vec::new();
    for _ in 0..64 {
        idle.push(TcpStream::connect(("127.0.0.1", server.port)).await.unwrap());
    }
    let mut waiting = server.request("GET", "/nothing").begin().await;
    let early = tokio::time::timeout(Duration::from_millis(300), waiting.read_u8()).await;
    assert!(early.is_err(), "it was answered beyond the limit");
    idle.pop();
    read_until(&mut waiting, "404").await;
}

#[tokio::test]
async fn server_ends_when_nobody_uses_the_page() {
    let idle = Duration::from_secs(1);
    let mut server = Server::start_with(idle).await;
    let session = server.open().await;
    let listening = server.post("/changes").of(&session).begin().await;
    let early = tokio::time::timeout(idle * 2, &mut server.running).await;
    assert!(early.is_err(), "a page that is seen keeps it open");
    drop(listening);
    let ended = tokio::time::timeout(Duration::from_secs(20), &mut server.running).await;
    assert_eq!(ended.expect("it ends").unwrap(), Ended::Idle);
}

#[tokio::test]
async fn requests_without_a_session_and_lasting_ones_do_not_keep_it_open() {
    let mut server = Server::start_with(Duration::from_secs(1)).await;
    let session = server.open().await;
    let _watching = server.post("/stream/watch_requests").of(&session).begin().await;
    let stranger = server.post(CALL);
    let asking = tokio::spawn(async move {
        loop {
            if stranger.clone().send().await.status != 401 {
                return;
            }
        }
    });
    let ended = tokio::time::timeout(Duration::from_secs(15), &mut server.running).await;
    assert_eq!(ended.expect("it ends").unwrap(), Ended::Idle);
    asking.abort();
}

#[tokio::test]
async fn stopped_server_closes_its_connections() {
    let server = Server::start().await;
    let session = server.open().await;
    let mut listening = server.post("/changes").of(&session).begin().await;
    read_until(&mut listening, "200 OK").await;
    assert_eq!(server.stop().await, Ended::Stopped);
    let mut rest = Vec::new();
    // Closed or reset.
    let closed = tokio::time::timeout(Duration::from_secs(20), listening.read_to_end(&mut rest)).await;
    assert!(closed.is_ok(), "it is still open");
}
