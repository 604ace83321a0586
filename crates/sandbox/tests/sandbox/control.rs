//! The control endpoint, as tests in other languages use it.

use serde_json::{Value, json};

use crate::support::{CLIENT_ID, Rig, account_id, read};

async fn get(rig: &Rig, path: &str) -> (u16, Value) {
    read(rig.http.get(rig.at(&format!("/control/{path}"))).send().await.expect("a response")).await
}

#[tokio::test]
async fn requests_are_recorded_without_control() {
    let rig = Rig::start().await;
    rig.refresh("rt_x").await;
    let token = rig.sandbox.issue("ada").access_token;
    rig.models(&token, "ada", "?client_version=0.171.0").await;
    assert_eq!(get(&rig, "counts").await.1, json!({ "token.refresh_token": 1, "models": 1 }));
    let (_, requests) = get(&rig, "requests").await;
    assert_eq!(requests.as_array().expect("requests").len(), 2);
    assert_eq!(requests[0]["method"], "POST");
    assert_eq!(requests[0]["body"]["client_id"], CLIENT_ID);
    assert_eq!(requests[1]["path"], "/backend-api/codex/models?client_version=0.171.0");
    let recorded = &rig.sandbox.requests("models")[0];
    assert_eq!(recorded.header("chatgpt-account-id"), Some(account_id("ada")));
    let (_, only) = get(&rig, "requests?name=models").await;
    assert_eq!(only.as_array().expect("requests").len(), 1);
}

#[tokio::test]
async fn form_is_recorded_as_fields() {
    let rig = Rig::start().await;
    rig.exchange("the-code", &[]).await;
    assert_eq!(rig.sandbox.requests("token.authorization_code")[0].body["code"], "the-code");
}

#[tokio::test]
async fn wait_returns_after_event() {
    let rig = Rig::start().await;
    let wait = get(&rig, "wait?name=token.refresh_token&at_least=2&timeout_ms=5000");
    let act = async {
        rig.refresh("rt_x").await;
        rig.refresh("rt_y").await;
    };
    let (waited, ()) = tokio::join!(wait, act);
    assert_eq!(waited, (200, json!({ "count": 2 })));
}

#[tokio::test]
async fn wait_without_event_times_out() {
    let rig = Rig::start().await;
    assert_eq!(get(&rig, "wait?name=revoke&timeout_ms=10").await, (408, json!({ "count": 0 })));
}

#[tokio::test]
async fn faults_are_posted_singly_or_as_script() {
    let rig = Rig::start().await;
    let one = json!({ "at": "usage", "fault": { "kind": "status", "status": 500 } });
    assert_eq!(rig.control("faults", &one).await.status(), 200);
    let script = json!([
        { "at": "usage", "times": 1, "after": 0, "fault": { "kind": "region" } },
        { "at": "responses", "fault": { "kind": "cut", "after_events": 2 } },
    ]);
    assert_eq!(rig.control("script", &script).await.status(), 200);
    let token = rig.sandbox.issue("ada").access_token;
    assert_eq!(rig.usage(&token, "ada").await.status(), 500);
    assert_eq!(rig.usage(&token, "ada").await.status(), 403);
    assert_eq!(get(&rig, "faults").await.1.as_array().expect("rules").len(), 1);
    assert_eq!(rig.control("reset", &json!({})).await.status(), 200);
    assert_eq!(get(&rig, "faults").await.1, json!([]));
    assert_eq!(get(&rig, "counts").await.1, json!({}));
}

#[tokio::test]
async fn fault_for_unknown_or_non_streaming_endpoint_is_rejected() {
    let rig = Rig::start().await;
    for rule in [
        json!({ "at": "token.refresh", "fault": { "kind": "hang" } }),
        json!({ "at": "usage", "fault": { "kind": "cut", "after_events": 1 } }),
        json!({ "at": "usage", "fault": { "kind": "explode" } }),
        json!({ "at": "usage", "fault": { "kind": "hang" }, "time": 3 }),
    ] {
        assert!(rig.control("faults", &rule).await.status().is_client_error(), "{rule}");
    }
}

#[tokio::test]
async fn settings_with_unknown_key_are_rejected() {
    let rig = Rig::start().await;
    let (_, all) = read(rig.control("settings", &json!({ "device_interval_s": 1 })).await).await;
    assert_eq!((&all["device_interval_s"], &all["device_login"]), (&json!(1), &json!(true)));
    for wrong in [
        json!({ "device_intervals": 1 }),
        json!({ "device_interval_s": "one" }),
        json!({ "delays_ms": { "usages": 5 } }),
        json!({ "limits": { "adam": {} } }),
    ] {
        assert_eq!(rig.control("settings", &wrong).await.status(), 400, "{wrong}");
    }
    assert_eq!(get(&rig, "settings").await.1, all, "nothing of a refused change stays");
}

#[tokio::test]
async fn models_setting_replaces_list_and_etag() {
    let rig = Rig::start().await;
    let models = json!({ "models": [{ "slug": "only-one" }], "models_etag": "\"v2\"" });
    rig.control("settings", &models).await;
    let token = rig.sandbox.issue("ada").access_token;
    let response = rig.models(&token, "ada", "?client_version=0.1.0").await;
    assert_eq!(response.headers()["etag"], "\"v2\"");
    assert_eq!(read(response).await.1, json!({ "models": [{ "slug": "only-one" }] }));
}

#[tokio::test]
async fn clock_offset_moves_date_header() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue("ada").access_token;
    let date = async || {
        let response = rig.usage(&token, "ada").await;
        httpdate::parse_http_date(response.headers()["date"].to_str().expect("text")).expect("a date")
    };
    let before = date().await;
    rig.control("settings", &json!({ "clock_offset_s": 7200 })).await;
    let moved = date().await.duration_since(before).expect("forward").as_secs();
    assert!((7200..7260).contains(&moved), "{moved}");
}

#[tokio::test]
async fn delay_setting_slows_endpoint() {
    let rig = Rig::start().await;
    rig.control("settings", &json!({ "delays_ms": { "usage": 60 } })).await;
    let token = rig.sandbox.issue("ada").access_token;
    let begun = std::time::Instant::now();
    rig.usage(&token, "ada").await;
    assert!(begun.elapsed() >= std::time::Duration::from_millis(60));
}

#[tokio::test]
async fn tokens_are_issued_rotated_and_invalidated() {
    let rig = Rig::start().await;
    let (_, mine) = read(rig.control("issue", &json!({ "account": "ada" })).await).await;
    let (_, theirs) = read(rig.control("rotate-behind", &json!({ "account": "ada" })).await).await;
    assert_ne!(mine["refresh_token"], theirs["refresh_token"]);
    let access = theirs["access_token"].as_str().expect("a token");
    assert_eq!(rig.usage(access, "ada").await.status(), 200);
    let (_, changed) =
        read(rig.control("grants", &json!({ "op": "expire_access", "account": "ada" })).await).await;
    assert_eq!(changed, json!({ "grants": 1 }));
    assert_eq!(rig.usage(access, "ada").await.status(), 401);
    rig.control("grants", &json!({ "op": "reuse" })).await;
    let (_, body) = read(rig.refresh(theirs["refresh_token"].as_str().expect("a token")).await).await;
    assert_eq!(body["error"]["code"], "refresh_token_reused");
}

#[tokio::test]
async fn unknown_account_is_rejected() {
    let rig = Rig::start().await;
    assert_eq!(rig.control("issue", &json!({ "account": "zoe" })).await.status(), 400);
    assert_eq!(rig.control("rotate-behind", &json!({ "account": "ada" })).await.status(), 400);
    let wrong = json!({ "op": "invalidate", "account": "zoe" });
    assert_eq!(rig.control("grants", &wrong).await.status(), 400);
}

#[tokio::test]
async fn accounts_are_listed() {
    let rig = Rig::start().await;
    let (_, accounts) = get(&rig, "accounts").await;
    assert_eq!(accounts.as_array().expect("accounts").len(), usher_sandbox::ACCOUNTS.len());
}
