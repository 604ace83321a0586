//! Personal access tokens (protocol §5.1).

use reqwest::Response;
use serde_json::json;

use crate::support::{Rig, account_id, events, model_request, read, signed};

async fn whoami(rig: &Rig, token: &str) -> Response {
    let url = rig.at("/api/accounts/v1/user-auth-credential/whoami");
    rig.http.get(url).bearer_auth(token).send().await.expect("a response")
}

/// Returns the status of each endpoint of the backend.
async fn backend(rig: &Rig, token: &str, account: &str) -> [u16; 3] {
    let models = rig.models(token, account, "?client_version=0.171.0").await;
    let usage = rig.usage(token, account).await;
    let url = format!("{}/codex/responses", rig.sandbox.chatgpt());
    let response = signed(rig.http.post(url).json(&model_request("hi")), token, account).send().await;
    [models, usage, response.expect("a response")].map(|response| response.status().as_u16())
}

#[tokio::test]
async fn whoami_returns_account_of_token() {
    let rig = Rig::start().await;
    for (account, user, plan) in [
        ("ada-work", "user-ada", "business"),
        ("ben", "user-ben", "business"),
        ("eve", "user-eve", "enterprise"),
    ] {
        for token in [format!("at-sandbox-{account}"), format!("at-sandbox-{account}-2")] {
            let (status, body) = read(whoami(&rig, &token).await).await;
            let email =
                if user == "user-ada" { "ada@example.com" } else { &format!("{account}@example.com") };
            let expected = json!({
                "email": email,
                "chatgpt_user_id": user,
                "chatgpt_account_id": account_id(account),
                "chatgpt_plan_type": plan,
                "chatgpt_account_is_fedramp": false,
            });
            assert_eq!((status, body), (200, expected), "{token}");
            assert_eq!(backend(&rig, &token, account).await, [200; 3], "{token}");
        }
    }
    assert_eq!(rig.sandbox.count("whoami"), 6);
}

#[tokio::test]
async fn personal_token_streams_response() {
    let rig = Rig::start().await;
    let url = format!("{}/codex/responses", rig.sandbox.chatgpt());
    let request = signed(rig.http.post(url).json(&model_request("hi")), "at-sandbox-ben", "ben");
    let events = events(request.send().await.expect("a response")).await;
    assert_eq!(events.last().expect("events")["type"], "response.completed");
}

#[tokio::test]
async fn personal_token_outside_workspace_is_rejected() {
    let rig = Rig::start().await;
    // Personal plans, a workspace without Codex, no account, and what only looks like a token.
    for account in ["fay", "ada", "pia", "uma", "noa"] {
        let token = format!("at-sandbox-{account}");
        assert_eq!(whoami(&rig, &token).await.status(), 401, "{token}");
        assert_eq!(backend(&rig, &token, account).await, [401; 3], "{token}");
    }
    for token in ["at-sandbox-", "at-sandbox-zoe", "at-sandbox-ben-x", "at-sandbox-ben-", "at-ben", "rubbish"]
    {
        assert_eq!(whoami(&rig, token).await.status(), 401, "{token}");
        assert_eq!(backend(&rig, token, "ben").await, [401; 3], "{token}");
    }
}

#[tokio::test]
async fn whoami_with_other_token_is_rejected() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue("ben").access_token;
    assert_eq!(whoami(&rig, &token).await.status(), 401);
    let bare = rig.http.get(rig.at("/api/accounts/v1/user-auth-credential/whoami"));
    let (status, body) = read(bare.send().await.expect("a response")).await;
    assert_eq!((status, &body["error"]["code"]), (401, &json!("missing_authorization_header")));
}

#[tokio::test]
async fn revoked_personal_token_is_rejected_and_others_are_not() {
    let rig = Rig::start().await;
    let grant = rig.sandbox.issue("ben").access_token;
    let revoke = json!({ "op": "revoke_access_token", "account": "ben" });
    let (_, changed) = read(rig.control("grants", &revoke).await).await;
    assert_eq!(changed, json!({ "grants": 1 }));
    for token in ["at-sandbox-ben", "at-sandbox-ben-2"] {
        let (status, body) = read(whoami(&rig, token).await).await;
        assert_eq!((status, &body["error"]["code"]), (401, &json!("token_invalidated")), "{token}");
        assert_eq!(backend(&rig, token, "ben").await, [401; 3], "{token}");
    }
    assert_eq!(whoami(&rig, "at-sandbox-eve").await.status(), 200);
    assert_eq!(rig.usage(&grant, "ben").await.status(), 200, "a sign-in is no such token");
    let (_, changed) = read(rig.control("grants", &json!({ "op": "revoke_access_token" })).await).await;
    assert_eq!(changed, json!({ "grants": 2 }), "ben's are dead already");
}

#[tokio::test]
async fn personal_token_without_account_header_is_rejected() {
    let rig = Rig::start().await;
    let bare = rig.http.get(format!("{}/wham/usage", rig.sandbox.chatgpt())).bearer_auth("at-sandbox-ben");
    assert_eq!(bare.send().await.expect("a response").status(), 400);
    assert_eq!(rig.usage("at-sandbox-ben", "eve").await.status(), 403);
}

#[tokio::test]
async fn personal_token_does_not_refresh() {
    let rig = Rig::start().await;
    assert_eq!(rig.refresh("at-sandbox-ben").await.status(), 401);
}
