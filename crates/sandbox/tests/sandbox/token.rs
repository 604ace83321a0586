//! Token endpoint and revocation (protocol §2 to protocol §4).

use serde_json::json;
use usher_sandbox::{GrantOperation, Settings, TokenSet};

use crate::support::{CLIENT_ID, Rig, VERIFIER, claims, read};

async fn tokens(rig: &Rig) -> TokenSet {
    rig.exchange(&rig.code("ada").await, &[]).await.json().await.expect("tokens")
}

fn refresh_token(tokens: &TokenSet) -> &str {
    tokens.refresh_token.as_deref().expect("offline_access was granted")
}

/// Returns the error code of a rejected refresh, which is a 401 with an `error` object.
async fn refresh_error(rig: &Rig, token: &str) -> String {
    let (status, body) = read(rig.refresh(token).await).await;
    assert_eq!(status, 401, "{body}");
    body["error"]["code"].as_str().expect("a code").to_owned()
}

async fn exchange_error(rig: &Rig, code: &str, changes: &[(&str, &str)]) -> (u16, String) {
    let (status, body) = read(rig.exchange(code, changes).await).await;
    assert!(body["error_description"].is_string(), "{body}");
    (status, body["error"].as_str().expect("a code").to_owned())
}

#[tokio::test]
async fn exchange_with_wrong_verifier_consumes_code() {
    let rig = Rig::start().await;
    let code = rig.code("ada").await;
    let wrong = VERIFIER.replace('d', "e");
    assert_eq!(
        exchange_error(&rig, &code, &[("code_verifier", &wrong)]).await,
        (400, "invalid_grant".to_owned())
    );
    assert_eq!(exchange_error(&rig, &code, &[]).await, (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn exchange_with_other_redirect_is_rejected() {
    let rig = Rig::start().await;
    let code = rig.code("ada").await;
    let other = [("redirect_uri", "http://localhost:1455/auth/callback")];
    assert_eq!(exchange_error(&rig, &code, &other).await, (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn exchange_of_unknown_code_is_rejected() {
    let rig = Rig::start().await;
    assert_eq!(exchange_error(&rig, "ac_sandbox_guess", &[]).await, (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn exchange_of_expired_code_is_rejected() {
    let rig = Rig::start().await;
    let code = rig.code("ada").await;
    rig.sandbox.change_settings(|settings| settings.clock_offset_s = 601);
    assert_eq!(exchange_error(&rig, &code, &[]).await, (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn exchange_by_unknown_client_is_rejected() {
    let rig = Rig::start().await;
    let code = rig.code("ada").await;
    assert_eq!(
        exchange_error(&rig, &code, &[("client_id", "app_x")]).await,
        (401, "invalid_client".to_owned())
    );
}

#[tokio::test]
async fn exchange_without_field_is_rejected() {
    let rig = Rig::start().await;
    let form = [("grant_type", "authorization_code"), ("client_id", CLIENT_ID), ("code", "x")];
    let response = rig.http.post(rig.at("/oauth/token")).form(&form).send().await.expect("a response");
    assert_eq!(read(response).await.1["error"], "invalid_request");
}

#[tokio::test]
async fn exchange_of_used_code_revokes_grant() {
    let rig = Rig::start().await;
    let code = rig.code("ada").await;
    let tokens: TokenSet = rig.exchange(&code, &[]).await.json().await.expect("tokens");
    assert_eq!(rig.usage(&tokens.access_token, "ada").await.status(), 200);
    assert_eq!(exchange_error(&rig, &code, &[]).await, (400, "invalid_grant".to_owned()));
    assert_eq!(rig.usage(&tokens.access_token, "ada").await.status(), 401);
    assert_eq!(refresh_error(&rig, refresh_token(&tokens)).await, "refresh_token_invalidated");
}

#[tokio::test]
async fn exchange_as_json_is_rejected() {
    let rig = Rig::start().await;
    let body = json!({ "grant_type": "authorization_code", "client_id": CLIENT_ID, "code": "x",
        "redirect_uri": "x", "code_verifier": VERIFIER });
    let response = rig.http.post(rig.at("/oauth/token")).json(&body).send().await.expect("a response");
    let (status, body) = read(response).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_request")));
}

#[tokio::test]
async fn token_request_of_other_content_type_is_rejected() {
    let rig = Rig::start().await;
    let response = rig.http.post(rig.at("/oauth/token")).body("grant_type=refresh_token").send().await;
    assert_eq!(response.expect("a response").status(), 400);
}

#[tokio::test]
async fn token_request_with_unknown_grant_type_is_rejected() {
    let rig = Rig::start().await;
    assert_eq!(
        exchange_error(&rig, "x", &[("grant_type", "password")]).await,
        (400, "unsupported_grant_type".to_owned())
    );
}

#[tokio::test]
async fn api_key_exchange_is_rejected_and_counted() {
    let rig = Rig::start().await;
    let exchange = [("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")];
    assert_eq!(exchange_error(&rig, "x", &exchange).await, (400, "invalid_request".to_owned()));
    assert_eq!(rig.sandbox.count("token.token_exchange"), 1);
}

#[tokio::test]
async fn sign_in_without_offline_access_has_no_refresh_token() {
    let rig = Rig::start().await;
    let landing = rig.browser.approve(&rig.authorize_url(&[("scope", Some("openid email"))]), "ada").await;
    let (status, body) = read(rig.exchange(&landing.query("code").expect("a code"), &[]).await).await;
    assert_eq!(status, 200);
    assert!(body.get("refresh_token").is_none());
}

#[tokio::test]
async fn refresh_rotates_and_new_token_is_valid() {
    let rig = Rig::start().await;
    let first = tokens(&rig).await;
    let second: TokenSet = rig.refresh(refresh_token(&first)).await.json().await.expect("tokens");
    assert_ne!(refresh_token(&second), refresh_token(&first));
    assert_ne!(second.access_token, first.access_token);
    assert_eq!(rig.usage(&second.access_token, "ada").await.status(), 200);
    assert_eq!(rig.refresh(refresh_token(&second)).await.status(), 200);
}

#[tokio::test]
async fn refresh_as_form_is_accepted() {
    let rig = Rig::start().await;
    let tokens = tokens(&rig).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT_ID),
        ("refresh_token", refresh_token(&tokens)),
    ];
    let response = rig.http.post(rig.at("/oauth/token")).form(&form).send().await.expect("a response");
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn refresh_with_reused_token_revokes_grant() {
    let rig = Rig::start().await;
    let first = tokens(&rig).await;
    let second: TokenSet = rig.refresh(refresh_token(&first)).await.json().await.expect("tokens");
    assert_eq!(refresh_error(&rig, refresh_token(&first)).await, "refresh_token_reused");
    assert_eq!(refresh_error(&rig, refresh_token(&second)).await, "refresh_token_invalidated");
    let refused = rig.usage(&second.access_token, "ada").await;
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.headers()["x-openai-authorization-error"], "token_invalidated");
}

#[tokio::test]
async fn concurrent_refreshes_have_one_winner() {
    let rig = Rig::start().await;
    let tokens = tokens(&rig).await;
    let (one, two) = tokio::join!(rig.refresh(refresh_token(&tokens)), rig.refresh(refresh_token(&tokens)));
    let mut statuses = [one.status().as_u16(), two.status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
}

#[tokio::test]
async fn revoked_grant_leaves_others_valid() {
    let rig = Rig::start().await;
    let (ada, eve) = (rig.sandbox.issue("ada"), rig.sandbox.issue("eve"));
    assert_eq!(rig.sandbox.change_grants(GrantOperation::Invalidate, Some("ada")), 1);
    assert_eq!(refresh_error(&rig, refresh_token(&ada)).await, "refresh_token_invalidated");
    assert_eq!(rig.refresh(refresh_token(&eve)).await.status(), 200);
}

#[tokio::test]
async fn refresh_with_unknown_token_is_rejected() {
    let rig = Rig::start().await;
    assert_eq!(refresh_error(&rig, "rt_sandbox_guess").await, "refresh_token_invalidated");
}

#[tokio::test]
async fn refresh_with_expired_token_is_rejected() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    rig.sandbox.change_grants(GrantOperation::ExpireRefresh, Some("ada"));
    assert_eq!(refresh_error(&rig, refresh_token(&tokens)).await, "refresh_token_expired");
}

#[tokio::test]
async fn refresh_after_rotation_by_other_program_is_reused() {
    let rig = Rig::start().await;
    let mine = rig.sandbox.issue("ada");
    let theirs = rig.sandbox.rotate_behind("ada");
    assert_eq!(rig.usage(&theirs.access_token, "ada").await.status(), 200);
    assert_eq!(refresh_error(&rig, refresh_token(&mine)).await, "refresh_token_reused");
}

#[tokio::test]
async fn access_token_has_lifetime_of_settings() {
    let rig = Rig::start().await;
    rig.sandbox.change_settings(|settings| {
        *settings = Settings { access_token_lifetime_s: 60, ..Settings::default() }
    });
    let tokens = rig.sandbox.issue("ada");
    let access = claims(&tokens.access_token);
    assert_eq!(access["exp"].as_i64().expect("exp") - access["iat"].as_i64().expect("iat"), 60);
    rig.sandbox.change_settings(|settings| settings.clock_offset_s = 61);
    assert_eq!(rig.usage(&tokens.access_token, "ada").await.status(), 401);
}

async fn revoke(rig: &Rig, body: serde_json::Value) -> u16 {
    let sent = rig.http.post(rig.at("/oauth/revoke")).json(&body).send().await;
    sent.expect("a response").status().as_u16()
}

#[tokio::test]
async fn revocation_of_refresh_token_revokes_grant() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    let body = json!({ "token": refresh_token(&tokens), "token_type_hint": "refresh_token", "client_id": CLIENT_ID });
    assert_eq!(revoke(&rig, body).await, 200);
    assert_eq!(refresh_error(&rig, refresh_token(&tokens)).await, "refresh_token_invalidated");
    assert_eq!(rig.usage(&tokens.access_token, "ada").await.status(), 401);
}

#[tokio::test]
async fn revocation_of_access_token_revokes_grant() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    assert_eq!(
        revoke(&rig, json!({ "token": tokens.access_token, "token_type_hint": "access_token" })).await,
        200
    );
    assert_eq!(rig.usage(&tokens.access_token, "ada").await.status(), 401);
}

#[tokio::test]
async fn revocation_of_unknown_token_succeeds() {
    let rig = Rig::start().await;
    let body = json!({ "token": "gone", "token_type_hint": "refresh_token", "client_id": CLIENT_ID });
    assert_eq!(revoke(&rig, body).await, 200);
}

#[tokio::test]
async fn malformed_revocation_changes_nothing() {
    let rig = Rig::start().await;
    let tokens = rig.sandbox.issue("ada");
    let token = refresh_token(&tokens);
    assert_eq!(revoke(&rig, json!({ "token": token, "token_type_hint": "refresh_token" })).await, 400);
    assert_eq!(revoke(&rig, json!({ "token": token, "token_type_hint": "id_token" })).await, 400);
    assert_eq!(revoke(&rig, json!({ "token": token })).await, 400);
    let with_client = json!({ "token": token, "token_type_hint": "access_token", "client_id": CLIENT_ID });
    assert_eq!(revoke(&rig, with_client).await, 400);
    let form = [("token", token), ("token_type_hint", "refresh_token"), ("client_id", CLIENT_ID)];
    let sent = rig.http.post(rig.at("/oauth/revoke")).form(&form).send().await.expect("a response");
    assert_eq!(sent.status(), 400);
    assert_eq!(rig.refresh(token).await.status(), 200);
}
