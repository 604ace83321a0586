//! Revocation (siwc §8).

use reqwest::Response;
use serde_json::json;

use super::support::SignIn;
use crate::support::{Rig, read};

const PATH: &str = "/api/accounts/oauth/revoke";

async fn revoke(rig: &Rig, path: &str, sign_in: &SignIn, changes: &[(&str, Option<&str>)]) -> Response {
    let usual = [
        ("token", sign_in.refresh_token()),
        ("token_type_hint", "refresh_token"),
        ("client_id", sign_in.client_id.as_str()),
    ];
    rig.plan_form(path, &usual, changes).await
}

#[tokio::test]
async fn revocation_is_empty_200_and_keeps_registration() {
    let rig = Rig::start().await;
    let sign_in = rig.plan_sign_in("ada").await;
    for attempt in ["valid", "revoked before"] {
        let response = revoke(&rig, PATH, &sign_in, &[]).await;
        assert_eq!(response.status(), 200, "{attempt}");
        assert_eq!(response.text().await.expect("text"), "", "{attempt}");
    }
    rig.sandbox.advance_clock(55 * 60);
    let (_, body) = read(rig.plan_refresh(&sign_in.client_id, sign_in.refresh_token(), &[]).await).await;
    assert_eq!(body["error"], "refresh_token_invalidated");
    assert_eq!(rig.sandbox.registrations().len(), 1);
    let landing = rig.browser.approve(&rig.returning_url(&sign_in.client_id, &[]), "ada").await;
    assert!(landing.query("code").is_some(), "the registration is still good for a sign-in");
}

#[tokio::test]
async fn revocation_ends_access_by_setting_only() {
    let rig = Rig::start().await;
    let (first, second) = (rig.plan_sign_in("ada").await, rig.plan_sign_in("ada").await);
    revoke(&rig, PATH, &first, &[]).await;
    assert_eq!(rig.plan_models(first.access_token(), "").await.status(), 200);
    rig.change_plan_settings(|settings| settings.revocation_ends_access = true);
    revoke(&rig, PATH, &second, &[]).await;
    assert_eq!(rig.plan_models(second.access_token(), "").await.status(), 401);
}

#[tokio::test]
async fn revocation_by_another_client_ends_nothing() {
    let rig = Rig::start().await;
    let (first, second) = (rig.plan_sign_in("ada").await, rig.plan_sign_in("ada").await);
    let response = revoke(&rig, PATH, &first, &[("client_id", Some(&second.client_id))]).await;
    assert_eq!(response.status(), 200);
    rig.sandbox.advance_clock(55 * 60);
    let refreshed = rig.plan_refresh(&first.client_id, first.refresh_token(), &[]).await;
    assert_eq!(refreshed.status(), 200);
}

#[tokio::test]
async fn revocation_with_wrong_field_is_refused() {
    let rig = Rig::start().await;
    let sign_in = rig.plan_sign_in("ada").await;
    for (change, expected) in [
        (("token", None), 400),
        (("token_type_hint", None), 400),
        (("token_type_hint", Some("access_token")), 400),
        (("client_id", None), 400),
        (("resource", Some("https://api.openai.com/v1")), 400),
        (("client_id", Some("dynamic_agent_client")), 401),
    ] {
        assert_eq!(revoke(&rig, PATH, &sign_in, &[change]).await.status(), expected, "{change:?}");
    }
    let json = json!({ "token": sign_in.refresh_token(), "token_type_hint": "refresh_token" });
    let response = rig.http.post(rig.at(PATH)).json(&json).send().await.expect("a response");
    assert_eq!(response.status(), 400, "a form only");
    rig.sandbox.advance_clock(55 * 60);
    let refreshed = rig.plan_refresh(&sign_in.client_id, sign_in.refresh_token(), &[]).await;
    assert_eq!(refreshed.status(), 200, "nothing was revoked");
}

#[tokio::test]
async fn moved_revocation_is_where_discovery_names_it() {
    let rig = Rig::start().await;
    rig.change_plan_settings(|settings| settings.revocation_moved = true);
    let sign_in = rig.plan_sign_in("ada").await;
    assert_eq!(revoke(&rig, PATH, &sign_in, &[]).await.status(), 404);
    let discovery = rig.http.get(rig.at("/.well-known/openid-configuration"));
    let (_, document) = read(discovery.send().await.expect("a response")).await;
    let endpoint = document["revocation_endpoint"].as_str().expect("an address");
    let path = endpoint.strip_prefix(rig.sandbox.issuer()).expect("of the issuer");
    assert_eq!(revoke(&rig, path, &sign_in, &[]).await.status(), 200);
    assert_eq!(rig.sandbox.count("plan.revoke"), 2);
}
