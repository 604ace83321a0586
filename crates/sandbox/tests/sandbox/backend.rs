//! The `ChatGPT` backend but for model requests: authentication, models, usage (protocol §7, protocol §8.1, protocol §9).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Response;
use serde_json::{Value, json};
use usher_sandbox::GrantOperation;

use crate::support::{Rig, account_id, model_request, read, signed};

/// Returns the code of a 401 in the two layers of protocol §10: the body has none, the header has it.
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
async fn request_without_token_is_rejected_on_every_endpoint() {
    let rig = Rig::start().await;
    for path in ["/codex/models?client_version=0.171.0", "/wham/usage", "/wham/accounts/check"] {
        let url = format!("{}{path}", rig.sandbox.chatgpt());
        let response = rig.http.get(url).send().await.expect("a response");
        assert_eq!(read(response).await, (401, json!({ "detail": "Unauthorized" })), "{path}");
    }
    let url = format!("{}/codex/responses", rig.sandbox.chatgpt());
    let response = rig.http.post(url).json(&model_request("hi")).send().await.expect("a response");
    assert_eq!(response.status(), 401);
}

#[tokio::test]
async fn token_expired_by_test_is_rejected() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    rig.sandbox.change_grants(GrantOperation::ExpireAccess, Some("ada"));
    assert_eq!(unauthorized_code(rig.usage(&tokens.access_token, "ada").await).await, "token_expired");
    let refreshed = rig.refresh(tokens.refresh_token.as_deref().expect("a token")).await;
    assert_eq!(refreshed.status(), 200, "only the access token was expired");
}

#[tokio::test]
async fn token_past_its_lifetime_is_rejected() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    rig.sandbox.change_settings(|settings| settings.clock_offset_s = tokens.expires_in);
    assert_eq!(unauthorized_code(rig.usage(&tokens.access_token, "ada").await).await, "token_expired");
}

#[tokio::test]
async fn token_of_revoked_grant_is_invalidated() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    rig.sandbox.change_grants(GrantOperation::Invalidate, None);
    assert_eq!(unauthorized_code(rig.usage(&tokens.access_token, "ada").await).await, "token_invalidated");
}

#[tokio::test]
async fn token_of_other_issuer_is_rejected() {
    let (rig, other) = (Rig::start().await, Rig::start().await);
    let foreign = other.sandbox.issue("ada").access_token;
    for token in [foreign.as_str(), "sk-sandbox-1", "rubbish"] {
        assert_eq!(unauthorized_code(rig.usage(token, "ada").await).await, "token_invalidated");
    }
}

#[tokio::test]
async fn id_token_as_access_token_is_rejected() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    assert_eq!(rig.usage(&tokens.id_token, "ada").await.status(), 401);
}

#[tokio::test]
async fn request_without_account_header_is_400() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue("ada").access_token;
    let request = rig.http.get(format!("{}/wham/usage", rig.sandbox.chatgpt())).bearer_auth(token);
    let (status, body) = read(request.send().await.expect("a response")).await;
    assert_eq!(status, 400);
    assert!(body["detail"].is_string());
}

#[tokio::test]
async fn request_with_foreign_account_header_is_403() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue("ada").access_token;
    let (status, body) = read(rig.usage(&token, "eve").await).await;
    assert_eq!(status, 403);
    assert!(body["detail"].is_string());
}

#[tokio::test]
async fn models_have_etag_and_hidden_entries() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue("ada").access_token;
    let response = rig.models(&token, "ada", "?client_version=0.171.0").await;
    let etag = response.headers()["etag"].clone();
    let (_, body) = read(response).await;
    let first = &body["models"][0];
    assert_eq!(first["slug"], "gpt-6.2-sol");
    assert_eq!((&first["priority"], &first["context_window"]), (&json!(1), &json!(500_000)));
    let models = body["models"].as_array().expect("models");
    assert!(models.iter().any(|model| model["visibility"] == "hide"));
    rig.sandbox.change_settings(|settings| settings.removed_models = vec!["gpt-6.2-sol".to_owned()]);
    let changed = rig.models(&token, "ada", "?client_version=0.171.0").await;
    assert_ne!(changed.headers()["etag"], etag);
    assert_eq!(read(changed).await.1["models"][0]["slug"], "gpt-6.2-astra");
}

#[tokio::test]
async fn models_for_old_client_lack_new_ones() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue("ada").access_token;
    let (_, body) = read(rig.models(&token, "ada", "?client_version=0.124.0").await).await;
    let models = body["models"].as_array().expect("models");
    assert!(models.iter().any(|model| model["slug"] == "gpt-5.5"));
    assert!(!models.iter().any(|model| model["slug"] == "gpt-6.2-sol"));
}

#[tokio::test]
async fn models_without_valid_client_version_are_rejected() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue("ada").access_token;
    for query in ["", "?client_version=", "?client_version=latest", "?client_version=1.2"] {
        let (status, body) = read(rig.models(&token, "ada", query).await).await;
        assert_eq!(status, 400, "{query}");
        assert!(body["detail"].is_string());
    }
}

#[tokio::test]
async fn accounts_check_lists_all_accounts_without_real_host() {
    let rig = Rig::start().await;
    let token = rig.sandbox.issue("ada").access_token;
    let request = rig.http.get(format!("{}/wham/accounts/check", rig.sandbox.chatgpt()));
    let (_, body) = read(signed(request, &token, "ada").send().await.expect("a response")).await;
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
async fn websocket_upgrade_is_426() {
    let rig = Rig::start().await;
    let url = format!("{}/codex/responses", rig.sandbox.chatgpt());
    let request = rig.http.get(&url).header("connection", "Upgrade").header("upgrade", "websocket");
    assert_eq!(request.send().await.expect("a response").status(), 426);
    assert_eq!(rig.http.get(&url).send().await.expect("a response").status(), 405);
}

#[tokio::test]
async fn unknown_path_is_404_and_counted() {
    let rig = Rig::start().await;
    let url = format!("{}/wham/settings/user", rig.sandbox.chatgpt());
    assert_eq!(rig.http.get(url).send().await.expect("a response").status(), 404);
    assert_eq!(rig.sandbox.count("other"), 1);
}
