//! `usher lock`: everything that passes do is stopped until `usher unlock`.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use usher_sandbox::{Fault, Options, Sandbox};
use usher_tests::{Gateway, Home, request, sign_in, signed_in};

use crate::gateway::dialects::{code, responses_request, serving};

fn messages_request() -> Value {
    json!({ "model": "", "max_tokens": 99, "messages": [{ "role": "user", "content": "Say ready." }] })
}

/// Sends a request to each path that takes a pass, and checks that it is refused in its dialect.
async fn expect_locked(gateway: &Gateway) {
    let chat = json!({ "model": "", "messages": [{ "role": "user", "content": "hi" }] });
    for (path, body) in [
        ("/v1/responses", responses_request(true)),
        ("/v1/chat/completions", chat),
        ("/usher/token", json!({})),
    ] {
        let refused = gateway.post(path, &body).await;
        assert_eq!((refused.status, code(&refused.json())), (403, "locked"), "{path}: {refused:?}");
        assert_eq!(refused.header("x-should-retry"), "false", "{path}: {refused:?}");
        assert!(refused.body.contains("usher unlock"), "{path}: {refused:?}");
    }
    for path in ["/v1/messages", "/v1/messages/count_tokens"] {
        let refused = gateway.post(path, &messages_request()).await;
        // Claude Code takes a 403 for a problem of its own sign-in.
        assert_eq!(refused.status, 429, "{path}: {refused:?}");
        assert_eq!(refused.header("x-should-retry"), "false", "{path}: {refused:?}");
        let message = refused.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains("everything was stopped"), "{path}: {message}");
    }
    assert_eq!(gateway.get("/v1/models", &[]).await.status, 403);
    assert_eq!(gateway.send("GET", "/healthz", &[], "").await.status, 200);
    let unknown = gateway.send("GET", "/v1/models", &[("x-api-key", "wrong")], "").await;
    assert_eq!(unknown.status, 401, "who has no pass learns nothing: {unknown:?}");
}

/// Locks by another process, once `prepare` was called, and returns how long after that the open response of `path` was cut.
async fn cut_by_lock(
    gateway: &Gateway,
    home: &Home,
    (path, body): (&str, &Value),
    prepare: impl FnOnce(),
) -> Duration {
    let mut open = gateway.connect().await;
    let body = body.to_string();
    let headers = [("host", gateway.authority()), ("x-api-key", gateway.pass())];
    let head = request("POST", path, &headers, &body);
    let mut answer = Vec::new();
    open.write_all(head.as_bytes()).await.unwrap();
    // The response has begun.
    while !String::from_utf8_lossy(&answer).contains("\r\n\r\n") {
        assert_ne!(open.read_buf(&mut answer).await.unwrap(), 0);
    }
    prepare();
    assert_eq!(home.run(&["lock"]).await.code, 0);
    let locked = Instant::now();
    let end = tokio::time::timeout(Duration::from_secs(5), open.read_to_end(&mut answer)).await;
    // A cut connection may also be reset.
    let _ = end.expect("the response is cut");
    let took = locked.elapsed();
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.contains("everything was stopped"), "{path}: {answer}");
    took
}

#[tokio::test]
async fn lock_cuts_open_streams_within_second_and_refuses_all_passes() {
    let (sandbox, home, gateway) = serving().await;
    let mut messages = messages_request();
    messages["stream"] = json!(true);
    for (path, body) in [("/v1/responses", responses_request(true)), ("/v1/messages", messages)] {
        sandbox.push_fault("responses", Fault::HangAfter { events: 3 });
        let took = cut_by_lock(&gateway, &home, (path, &body), || {}).await;
        assert!(took < Duration::from_secs(1), "{path}: {took:?}");
        expect_locked(&gateway).await;
        assert_eq!(home.run(&["unlock"]).await.code, 0);
        let answered = gateway.post("/v1/responses", &responses_request(false)).await;
        assert_eq!(answered.status, 200, "{answered:?}");
    }
}

#[tokio::test]
async fn lock_outlasts_gateway_and_is_reported_until_unlock() {
    let (_sandbox, home) = signed_in().await;
    assert_eq!(home.json(&["lock"]).await.done(), json!({ "locked": true }));
    let gateway = Gateway::start(&home).await;
    expect_locked(&gateway).await;
    let status = home.json(&["status"]).await.done();
    assert_eq!((&status["gateway"]["locked"], &status["attention"]), (&json!(true), &json!("locked")));
    let text = home.run(&["status"]).await;
    assert!(text.code == 0 && text.stdout.contains("Passes     all locked since"), "{text:?}");
    let run = home.run(&["run", "--", "true"]).await;
    assert!(run.code == 1 && run.stderr.contains("usher unlock"), "{run:?}");
    let doctor = home.json(&["doctor"]).await.stdout;
    assert!(doctor.contains(r#""check":"passes""#) && doctor.contains("usher unlock"), "{doctor}");
    // Usher's own requests are none of a pass.
    assert_eq!(home.run(&["test"]).await.code, 0);
    assert_eq!(home.run(&["usage"]).await.code, 0);
    assert_eq!(gateway.stop().await.code, 0);
    assert_eq!(home.run(&["lock"]).await.code, 0, "a second time is no error");
    assert_eq!(home.json(&["unlock"]).await.done(), json!({ "locked": false }));
    let status = home.json(&["status"]).await.done();
    assert_eq!((&status["gateway"]["locked"], &status["attention"]), (&json!(false), &json!(null)));
    assert_eq!(home.run(&["run", "--", "true"]).await.code, 0);
    let again = home.run(&["unlock"]).await;
    assert_eq!((again.code, again.stdout.as_str()), (0, "Nothing was locked. Passes work.\n"));
}

/// Settings that cannot be read are no reason to go on.
#[tokio::test]
async fn lock_needs_no_settings_and_never_pretends() {
    let (sandbox, mut home, gateway) = serving().await;
    sandbox.push_fault("responses", Fault::HangAfter { events: 3 });
    let stream = responses_request(true);
    let broken = || home.write("config.toml", "this is = no = toml");
    cut_by_lock(&gateway, &home, ("/v1/responses", &stream), broken).await;
    home.set("USHER_HOME", "/proc/no-folder-can-be-made-here");
    let failed = home.run(&["lock"]).await;
    assert!(failed.code == 1 && failed.stderr.contains("no pass is locked"), "{failed:?}");
    assert_eq!(failed.stdout, "");
}

/// Sends a request but for the last byte of its body, and waits until the gateway reads that.
async fn upload(gateway: &Gateway, path: &str, body: &str) -> TcpStream {
    let mut open = gateway.connect().await;
    let headers = [("host", gateway.authority()), ("x-api-key", gateway.pass()), ("expect", "100-continue")];
    let text = request("POST", path, &headers, body);
    let (head, body) = text.split_at(text.len() - body.len());
    open.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    open.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    open.write_all(&body.as_bytes()[..body.len() - 1]).await.unwrap();
    open
}

/// Runs `command` of `usher`, and checks that it ends an unfinished upload and refuses one whose last byte comes at once.
async fn expect_uploads_end(gateway: &Gateway, home: &Home, command: &[&str], why: &str) {
    let body = responses_request(true).to_string();
    let mut unfinished = upload(gateway, "/v1/responses", &body).await;
    let mut finished = upload(gateway, "/v1/responses", &body).await;
    assert_eq!(home.run(command).await.code, 0);
    finished.write_all(&body.as_bytes()[body.len() - 1..]).await.unwrap();
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).contains(why) {
        assert_ne!(unfinished.read_buf(&mut answer).await.unwrap(), 0);
    }
    answer.clear();
    // With the last byte unread the connection may also be reset.
    let _ = finished.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 403") && answer.contains(why), "{command:?}: {answer}");
}

#[tokio::test]
async fn requests_that_came_before_a_lock_or_revocation_are_not_sent_after_it() {
    let (sandbox, home, gateway) = serving().await;
    expect_uploads_end(&gateway, &home, &["lock"], "everything was stopped").await;
    assert_eq!(home.run(&["unlock"]).await.code, 0);
    expect_uploads_end(&gateway, &home, &["pass", "revoke", "test"], "revoked").await;
    assert_eq!(sandbox.count("responses"), 0);
}

/// The access token is asked for before the lock, and never comes from the provider.
#[tokio::test]
async fn lock_ends_requests_for_the_access_token() {
    let (sandbox, home) = signed_in_for(1).await;
    let gateway = Gateway::start_with(&home, &["--allow", "token"]).await;
    sandbox.push_fault("token.refresh_token", Fault::Hang);
    let waiting = async { gateway.post("/usher/token", &json!({})).await };
    let locking = async {
        sandbox.wait_for("token.refresh_token", 1, Duration::from_secs(20)).await.expect("it is refreshed");
        assert_eq!(home.run(&["lock"]).await.code, 0);
    };
    let (refused, ()) = tokio::join!(waiting, locking);
    assert_eq!((refused.status, code(&refused.json())), (403, "locked"), "{refused:?}");
}

/// Returns a home whose access token is valid for so many seconds.
async fn signed_in_for(seconds: i64) -> (Sandbox, Home) {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    sandbox.change_settings(|settings| settings.access_token_lifetime_s = seconds);
    sign_in(&home, &sandbox, "ada").await;
    (sandbox, home)
}
