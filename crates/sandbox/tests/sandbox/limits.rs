//! Usage and limits (protocol §9, protocol §10.1).

use serde_json::{Value, json};
use usher_sandbox::{Limits, Sandbox};

use crate::support::{Rig, events, model_request, read, signed};

fn limit(sandbox: &Sandbox, account: &str, limits: Limits) {
    sandbox.change_settings(|settings| {
        settings.limits.insert(account.to_owned(), limits);
    });
}

async fn usage(rig: &Rig, account: &str) -> Value {
    let token = rig.sandbox.issue(account).access_token;
    let (status, body) = read(rig.usage(&token, account).await).await;
    assert_eq!(status, 200);
    body
}

#[tokio::test]
async fn paid_plan_has_five_hour_and_weekly_window() {
    let rig = Rig::start().await;
    let body = usage(&rig, "ada").await;
    assert_eq!(body["plan_type"], "plus");
    let limit = &body["rate_limit"];
    assert_eq!((&limit["allowed"], &limit["limit_reached"]), (&json!(true), &json!(false)));
    assert_eq!(limit["primary_window"]["limit_window_seconds"], 18_000);
    assert_eq!(limit["secondary_window"]["limit_window_seconds"], 604_800);
    let reset_after = limit["primary_window"]["reset_after_seconds"].as_i64().expect("a number");
    assert!((1..=18_000).contains(&reset_after), "{reset_after}");
}

#[tokio::test]
async fn free_plan_has_weekly_primary_window_only() {
    let rig = Rig::start().await;
    let body = usage(&rig, "fay").await;
    assert_eq!(body["rate_limit"]["primary_window"]["limit_window_seconds"], 604_800);
    assert!(body["rate_limit"]["secondary_window"].is_null());
    assert!(body["credits"].is_null());
}

#[tokio::test]
async fn enterprise_plan_has_credits_and_no_windows() {
    let rig = Rig::start().await;
    let body = usage(&rig, "eve").await;
    assert!(body["rate_limit"].is_null());
    assert_eq!(body["credits"]["unlimited"], true);
}

#[tokio::test]
async fn unknown_plan_is_sent_unchanged() {
    let rig = Rig::start().await;
    assert_eq!(usage(&rig, "uma").await["plan_type"], "galaxy");
}

#[tokio::test]
async fn response_adds_to_usage_of_its_account_only() {
    let rig = Rig::start().await;
    limit(&rig.sandbox, "ada", Limits { primary_used_percent: Some(40.0), ..Limits::default() });
    let tokens = rig.sandbox.issue("ada");
    for expected in ["40.5", "41.0"] {
        let response = rig.respond(&tokens, &model_request("hi")).send().await.expect("a response");
        assert_eq!(response.headers()["x-codex-primary-used-percent"], expected);
        assert_eq!(response.headers()["x-codex-primary-window-minutes"], "300");
        assert_eq!(response.headers()["x-codex-plan-type"], "plus");
        events(response).await;
    }
    assert_eq!(usage(&rig, "ada").await["rate_limit"]["primary_window"]["used_percent"], 41);
    assert_eq!(usage(&rig, "pia").await["rate_limit"]["primary_window"]["used_percent"], 12);
}

#[tokio::test]
async fn exhausted_window_is_usage_limit_with_reset() {
    let rig = Rig::start().await;
    let full = Limits {
        secondary_used_percent: Some(100.0),
        secondary_reset_after_s: Some(3_600),
        ..Limits::default()
    };
    limit(&rig.sandbox, "ada", full);
    let tokens = rig.sandbox.issue("ada");
    let response = rig.respond(&tokens, &model_request("hi")).send().await.expect("a response");
    assert_eq!(response.headers()["x-codex-rate-limit-reached-type"], "rate_limit_reached");
    assert_eq!(response.headers()["x-codex-secondary-used-percent"], "100.0");
    let (status, body) = read(response).await;
    assert_eq!(status, 429);
    assert_eq!(body["error"]["type"], "usage_limit_reached");
    assert_eq!(body["error"]["resets_in_seconds"], 3_600);
    assert!(body["error"].get("code").is_none(), "real bodies carry no code");
    let usage = usage(&rig, "ada").await;
    assert_eq!(usage["rate_limit"]["limit_reached"], true);
    assert_eq!(usage["rate_limit_reached_type"]["type"], "rate_limit_reached");
}

#[tokio::test]
async fn workspace_limit_is_usage_limit_with_free_windows() {
    let rig = Rig::start().await;
    let reached = "workspace_member_credits_depleted";
    limit(&rig.sandbox, "ada", Limits { reached_type: Some(reached.to_owned()), ..Limits::default() });
    let tokens = rig.sandbox.issue("ada");
    let response = rig.respond(&tokens, &model_request("hi")).send().await.expect("a response");
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["x-codex-rate-limit-reached-type"], reached);
}

#[tokio::test]
async fn plan_without_codex_is_not_included() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("noa");
    let url = format!("{}/codex/responses", rig.sandbox.chatgpt());
    let request = signed(rig.http.post(url).json(&model_request("hi")), &tokens.access_token, "noa");
    let (status, body) = read(request.send().await.expect("a response")).await;
    assert_eq!((status, &body["error"]["type"]), (429, &json!("usage_not_included")));
}
