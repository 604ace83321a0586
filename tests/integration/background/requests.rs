//! The gateway and its requests, switched and watched over the socket.

use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use usher_sandbox::{Fault, Sandbox};
use usher_tests::{Home, signed_in};

use super::{Peer, reply, settings_with_port, started, switched_on};

/// Sends a streamed request through the gateway, to its end.
pub(super) async fn request(address: &str, pass: &str) -> String {
    let body = json!({ "model": "", "input": "count to 3", "stream": true }).to_string();
    let authority = address.strip_prefix("http://").expect("it is plain HTTP");
    let headers = [
        ("host", authority),
        ("authorization", &format!("Bearer {pass}")),
        ("content-type", "application/json"),
    ];
    let text = usher_tests::request("POST", "/v1/responses", &headers, &body);
    let mut stream = tokio::net::TcpStream::connect(authority).await.expect("the gateway listens");
    tokio::io::AsyncWriteExt::write_all(&mut stream, text.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    // A gateway that ends cuts what it has not sent.
    let _ = tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut answer).await;
    answer
}

async fn with_pass() -> (Sandbox, Home, String) {
    let (sandbox, home) = signed_in().await;
    let pass = home.run(&["pass", "new", "nightly"]).await.stdout.trim().to_owned();
    (sandbox, home, pass)
}

/// Reads updates until one has a request with this status.
pub(super) async fn until_status(feed: &mut Peer, status: &str) -> Value {
    loop {
        let update = feed.done().await;
        let found = update["requests"].as_array().into_iter().flatten().find(|one| one["status"] == status);
        if let Some(found) = found {
            return found.clone();
        }
    }
}

#[tokio::test]
async fn gateway_and_its_requests_outlive_the_window() {
    let (_sandbox, home, pass) = with_pass().await;
    let port = settings_with_port(&home, false);
    let mut running = started(&home).await;
    let mut feed = Peer::ask(&home, json!({ "do": "watch_requests" })).await;
    assert_eq!(feed.done().await, json!({ "requests": [], "whole": true }));
    let address = switched_on(&home).await;
    assert_eq!(address, format!("http://127.0.0.1:{port}"));
    assert!(request(&address, &pass).await.contains("response.completed"));
    let seen = until_status(&mut feed, "done").await;
    assert_eq!((&seen["pass"], &seen["payer"]["paid_by"]), (&json!("nightly"), &json!("plan")));
    let receipt = &seen["receipt"];
    assert_eq!(
        (&receipt["asked"]["model"], &receipt["asked"]["effort"]),
        (&receipt["sent"]["model"], &json!(null))
    );
    assert!(receipt["request_id"].is_string() && receipt["first_output_ms"].is_u64(), "{receipt}");
    assert!(seen["payer"]["account"].as_str().is_some_and(|name| name != "Account 1"), "{seen}");
    drop(feed);

    // The next window sees what it missed, and no name that the person hides meanwhile.
    home.json(&["preferences", "set", "hide-personal-data", "on"]).await.done();
    assert!(request(&address, &pass).await.contains("response.completed"));
    let mut feed = Peer::ask(&home, json!({ "do": "watch_requests" })).await;
    let all = feed.done().await;
    assert_eq!((all["whole"].as_bool(), all["requests"].as_array().map(Vec::len)), (Some(true), Some(2)));
    for one in all["requests"].as_array().into_iter().flatten() {
        assert_eq!(one["payer"]["account"], "Account 1");
    }
    let status = home.json(&["status"]).await.done();
    assert_eq!(
        (&status["gateway"]["running"], &status["gateway"]["address"]),
        (&json!(true), &json!(address))
    );
    running.signal(Signal::SIGTERM);
    assert_eq!(running.end().await.code, 0);
}

#[tokio::test]
async fn another_version_ends_it_only_when_nothing_is_answered() {
    let (sandbox, home, pass) = with_pass().await;
    settings_with_port(&home, false);
    let mut running = started(&home).await;
    let address = switched_on(&home).await;
    sandbox.push_fault("responses", Fault::HangAfter { events: 3 });
    let cut = tokio::spawn(async move { request(&address, &pass).await });
    sandbox.wait_for("responses", 1, Duration::from_secs(30)).await.expect("the request arrived");
    let kept = reply(&home, json!({ "do": "quit", "if_idle": true })).await;
    assert_eq!(kept, json!({ "running": 1, "ends": false }));
    assert_eq!(reply(&home, json!({ "do": "status" })).await["at"], "on");
    assert!(!cut.is_finished(), "nothing is cut silently");
    let status = reply(&home, json!({ "do": "switch", "on": false })).await;
    assert_eq!(status["at"], "off", "{status}");
    assert!(cut.await.expect("it was answered").contains("the gateway was switched off"));
    let quit = reply(&home, json!({ "do": "quit", "if_idle": true })).await;
    assert_eq!(quit, json!({ "running": 0, "ends": true }));
    assert_eq!(running.end().await.code, 0);
}

#[tokio::test]
async fn port_of_another_program_is_named() {
    let (_sandbox, home, _) = with_pass().await;
    let port = settings_with_port(&home, false);
    let taken = std::net::TcpListener::bind(("127.0.0.1", port)).expect("it is free");
    let mut running = started(&home).await;
    let _window = Peer::ask(&home, json!({ "do": "stay" })).await;
    let status = reply(&home, json!({ "do": "switch", "on": true })).await;
    assert_eq!((&status["at"], &status["failure"]["code"]), (&json!("failed"), &json!("port_busy")));
    assert_eq!(reply(&home, json!({ "do": "status" })).await, status, "the next window is shown it, too");
    let mut refused = Peer::ask(&home, json!({ "do": "set_port", "port": port })).await;
    assert_eq!(refused.line().await.expect("a reply")["failed"]["code"], "port_busy");
    drop(taken);
    let status = reply(&home, json!({ "do": "set_port", "port": port })).await;
    assert_eq!(status["at"], "on", "{status}");
    running.signal(Signal::SIGTERM);
    assert_eq!(running.end().await.code, 0);
}
