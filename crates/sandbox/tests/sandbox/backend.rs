//! The `ChatGPT` backend but for model requests: who may call, models, usage (protocol §7, protocol §8.1, protocol §9).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Response;
use serde_json::{Value, json};
use usher_sandbox::GrantOperation;

use crate::support::{Rig, account_id, ask, read, signed};

/// A 401 in the two layers of protocol §10: the body says nothing, the header holds the code.
async fn unauthorized_code(response: Response) -> String {
    assert_eq!(response.status(), 401);
    let encoded = response.headers()["x-error-json"].as_bytes().to_vec();
    let decoded: Value = serde_json::from_slice(&STANDARD.decode(encoded).expect("base64")).expect("JSON");
    let code = decoded["error"]["code"].as_str().expect("a code").to_owned();
    assert_eq!(response.headers()["x-openai-authorization-error"], code.as_str());
    assert_eq!(read(response).await.1, json!({ "detail": "Unauthorized" }));
    code
}

#[tokio::test]
async fn no_token_is_refused_on_every_endpoint() {
    let rig = Rig::start().await;
    for path in ["/codex/models?client_version=0.169.0", "/wham/usage", "/wham/accounts/check"] {
        let url = format!("{}{path}", rig.sandbox.chatgpt());
        let response = rig.http.get(url).send().await.expect("an answer");
        assert_eq!(read(response).await, (401, json!({ "detail": "Unauthorized" })), "{path}");
    }
    let url = format!("{}/codex/responses", rig.sandbox.chatgpt());
    let response = rig.http.post(url).json(&ask("hi")).send().await.expect("an answer");
    assert_eq!(response.status(), 401);
}

#[tokio::test]
async fn an_expired_token_is_refused_as_expired() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    rig.sandbox.change_grants(GrantOperation::ExpireAccess, Some("ada"));
    assert_eq!(unauthorized_code(rig.usage(&tokens.access_token, "ada").await).await, "token_expired");
    let refreshed = rig.refresh(tokens.refresh_token.as_deref().expect("a token")).await;
    assert_eq!(refreshed.status(), 200, "only the access token was expired");
}

#[tokio::test]
async fn a_token_past_its_time_is_refused_as_expired() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    rig.sandbox.change_settings(|settings| settings.clock_offset_s = tokens.expires_in);
    assert_eq!(unauthorized_code(rig.usage(&tokens.access_token, "ada").await).await, "token_expired");
}

#[tokio::test]
async fn a_dead_grant_is_refused_as_invalidated() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    rig.sandbox.change_grants(GrantOperation::Invalidate, None);
    assert_eq!(unauthorized_code(rig.usage(&tokens.access_token, "ada").await).await, "token_invalidated");
}

#[tokio::test]
async fn a_token_from_elsewhere_is_refused() {
    let (rig, other) = (Rig::start().await, Rig::start().await);
    let foreign = other.sandbox.issue("ada").access_token;
    for token in [foreign.as_str(), "sk-sandbox-1", "rubbish"] {
        assert_eq!(unauthorized_code(rig.usage(token, "ada").await).await, "token_invalidated");
    }
}

#[tokio::test]
async fn an_id_token_is_no_access_token() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    assert_eq!(rig.usage(&tokens.id_token, "ada").await.status(), 401);
}

#[tokio::test]
async fn a_missing_account_header_is_refused_but_not_by_401() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue("ada").access_token;
    let request = rig.http.get(format!("{}/wham/usage", rig.sandbox.chatgpt())).bearer_auth(token);
    let (status, body) = read(request.send().await.expect("an answer")).await;
    assert_eq!(status, 400);
    assert!(body["detail"].is_string());
}

#[tokio::test]
async fn an_account_header_of_somebody_else_is_refused_but_not_by_401() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue("ada").access_token;
    let (status, body) = read(rig.usage(&token, "eve").await).await;
    assert_eq!(status, 403);
    assert!(body["detail"].is_string());
}

#[tokio::test]
async fn models_come_with_an_etag_and_hidden_ones_stay_marked() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue("ada").access_token;
    let response = rig.models(&token, "ada", "?client_version=0.169.0").await;
    let etag = response.headers()["etag"].clone();
    let (_, body) = read(response).await;
    let first = &body["models"][0];
    assert_eq!(first["slug"], "gpt-6.1-sol");
    assert_eq!((&first["priority"], &first["context_window"]), (&json!(1), &json!(272_000)));
    let models = body["models"].as_array().expect("models");
    assert!(models.iter().any(|model| model["visibility"] == "hide"));
    rig.sandbox.change_settings(|settings| settings.removed_models = vec!["gpt-6.1-sol".to_owned()]);
    let changed = rig.models(&token, "ada", "?client_version=0.169.0").await;
    assert_ne!(changed.headers()["etag"], etag);
    assert_eq!(read(changed).await.1["models"][0]["slug"], "gpt-6-astra");
}

#[tokio::test]
async fn an_old_client_is_not_told_of_new_models() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue("ada").access_token;
    let (_, body) = read(rig.models(&token, "ada", "?client_version=0.124.0").await).await;
    let models = body["models"].as_array().expect("models");
    assert!(models.iter().any(|model| model["slug"] == "gpt-5.5"));
    assert!(!models.iter().any(|model| model["slug"] == "gpt-6.1-sol"));
}

#[tokio::test]
async fn a_missing_or_bad_client_version_is_refused() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue("ada").access_token;
    for query in ["", "?client_version=", "?client_version=latest", "?client_version=1.2"] {
        let (status, body) = read(rig.models(&token, "ada", query).await).await;
        assert_eq!(status, 400, "{query}");
        assert!(body["detail"].is_string());
    }
}

#[tokio::test]
async fn accounts_check_names_every_account_of_the_person_and_no_real_host() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue("ada").access_token;
    let request = rig.http.get(format!("{}/wham/accounts/check", rig.sandbox.chatgpt()));
    let (_, body) = read(signed(request, &token, "ada").send().await.expect("an answer")).await;
    let accounts = body["accounts"].as_array().expect("accounts");
    assert_eq!(accounts.len(), 3);
    assert_eq!(accounts[0]["id"], account_id("ada"));
    assert!(
        accounts
            .iter()
            .all(|a| a["workspace_backend_origin"].as_str().is_some_and(|o| o.ends_with(".invalid")))
    );
}

#[tokio::test]
async fn a_websocket_is_answered_426() {
    let rig = Rig::start().await;
    let url = format!("{}/codex/responses", rig.sandbox.chatgpt());
    let request = rig.http.get(&url).header("connection", "Upgrade").header("upgrade", "websocket");
    assert_eq!(request.send().await.expect("an answer").status(), 426);
    assert_eq!(rig.http.get(&url).send().await.expect("an answer").status(), 405);
}

#[tokio::test]
async fn what_is_not_played_is_404_and_counted() {
    let rig = Rig::start().await;
    let url = format!("{}/wham/settings/user", rig.sandbox.chatgpt());
    assert_eq!(rig.http.get(url).send().await.expect("an answer").status(), 404);
    assert_eq!(rig.sandbox.count("other"), 1);
}
