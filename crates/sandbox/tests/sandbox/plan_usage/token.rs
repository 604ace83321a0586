//! The code exchange (siwc §5).

use std::collections::BTreeMap;

use serde_json::{Value, json};
use usher_sandbox::{Fault, TimeFormat, TokenErrorBody, TokenField};

use super::support::{HOST_ID, NONCE, REDIRECT, RESOURCE, SCOPE};
use crate::support::{Rig, VERIFIER, claims, read};

/// Returns a client id and a fresh code for it.
async fn code(rig: &Rig) -> (String, String) {
    let landing = rig.browser.approve(&rig.registration_url(&[]), "ada").await;
    (landing.query("client_id").expect("an id"), landing.query("code").expect("a code"))
}

#[tokio::test]
async fn exchange_returns_tokens_for_an_hour() {
    let rig = Rig::start().await;
    let (client_id, code) = code(&rig).await;
    let response = rig.plan_exchange(&client_id, &code, &[]).await;
    assert_eq!(response.headers()["cache-control"], "no-store");
    let (status, tokens) = read(response).await;
    assert_eq!(status, 200);
    let mut names: Vec<_> = tokens.as_object().expect("an object").keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "access_token",
            "earliest_refresh_at",
            "expires_in",
            "id_token",
            "refresh_token",
            "scope",
            "token_type"
        ]
    );
    assert_eq!(tokens["expires_in"], 3600);
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["scope"], SCOPE);
    let access = claims(tokens["access_token"].as_str().expect("a token"));
    assert_eq!(access["aud"], json!([RESOURCE]));
    assert_eq!(access["client_id"], client_id);
    assert_eq!(access["exp"].as_i64(), access["iat"].as_i64().map(|issued| issued + 3600));
    let gate = access["exp"].as_i64().map(|expiry| expiry - 6 * 60);
    assert_eq!(tokens["earliest_refresh_at"].as_i64(), gate, "six minutes before expiry");
    let auth = access["https://api.openai.com/auth"].as_object().expect("opaque metadata");
    let mut names: Vec<_> = auth.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["encrypted_auth_metadata", "per_user_salt"], "no account id, no plan");
    let id = claims(tokens["id_token"].as_str().expect("a token"));
    assert_eq!(id["aud"], json!([client_id]), "an array with one entry");
    assert_eq!(id["nonce"], NONCE);
    assert_eq!(id["iss"], rig.sandbox.issuer());
    assert_eq!(id["email"], "ada@example.com");
    assert_eq!(id["sub"], "user-ada");
}

/// Asserts how exchanges with one change each are refused.
async fn exchange_fails_with(expected: (u16, &str), changes: &[(&str, Option<&str>)]) {
    let rig = Rig::start().await;
    for change in changes {
        let (client_id, code) = code(&rig).await;
        let (status, body) = read(rig.plan_exchange(&client_id, &code, &[*change]).await).await;
        assert_eq!((status, body["error"].as_str()), (expected.0, Some(expected.1)), "{change:?}: {body}");
        assert!(body["error_description"].is_string());
    }
}

#[tokio::test]
async fn exchange_with_missing_or_unknown_field_is_refused() {
    exchange_fails_with(
        (400, "invalid_request"),
        &[
            ("client_id", None),
            ("code", None),
            ("code_verifier", None),
            ("redirect_uri", None),
            ("resource", None),
            ("client_secret", Some("x")),
            ("scope", Some(SCOPE)),
            ("state", Some("the-state")),
            ("nonce", Some(NONCE)),
            ("ext_agent_host_id", Some(HOST_ID)),
            ("refresh_reason", Some("proactive_expiry")),
        ],
    )
    .await;
    exchange_fails_with(
        (400, "unsupported_grant_type"),
        &[("grant_type", None), ("grant_type", Some("urn:ietf:params:oauth:grant-type:token-exchange"))],
    )
    .await;
}

#[tokio::test]
async fn exchange_with_other_client_or_resource_is_refused() {
    exchange_fails_with(
        (401, "invalid_client"),
        &[("client_id", Some("dynamic_agent_client")), ("client_id", Some("app_EMoamEEZ73f0CkXaXp7hrann"))],
    )
    .await;
    exchange_fails_with((400, "invalid_target"), &[("resource", Some("https://api.openai.com"))]).await;
}

#[tokio::test]
async fn exchange_with_wrong_proof_is_refused() {
    exchange_fails_with(
        (400, "invalid_grant"),
        &[
            ("code", Some("ac_sandbox_unknown")),
            ("code_verifier", Some("EjXkdBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFO")),
            ("redirect_uri", Some("http://127.0.0.1:41778/auth/callback")),
        ],
    )
    .await;
}

#[tokio::test]
async fn code_works_once_and_for_its_client_only() {
    let rig = Rig::start().await;
    let (client_id, fresh) = code(&rig).await;
    assert_eq!(rig.plan_exchange(&client_id, &fresh, &[]).await.status(), 200);
    let (status, body) = read(rig.plan_exchange(&client_id, &fresh, &[]).await).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")));
    let (_, foreign) = code(&rig).await;
    let (status, body) = read(rig.plan_exchange(&client_id, &foreign, &[]).await).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")));
    let (client_id, old) = code(&rig).await;
    rig.sandbox.advance_clock(11 * 60);
    assert_eq!(rig.plan_exchange(&client_id, &old, &[]).await.status(), 400);
}

#[tokio::test]
async fn exchange_is_a_form_without_repeated_fields() {
    let rig = Rig::start().await;
    let (client_id, code) = code(&rig).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", client_id.as_str()),
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
        ("redirect_uri", REDIRECT),
        ("resource", RESOURCE),
    ];
    let post = || rig.http.post(rig.at("/api/accounts/oauth/token"));
    let object: BTreeMap<_, _> = fields.into();
    let repeated = [fields.as_slice(), &[("resource", RESOURCE)]].concat();
    for request in [post().json(&object), post().form(&repeated)] {
        let (status, body) = read(request.send().await.expect("a response")).await;
        assert_eq!((status, body["error"].as_str()), (400, Some("invalid_request")), "{body}");
    }
    assert_eq!(rig.plan_exchange(&client_id, &code, &[]).await.status(), 200, "the code was not used");
}

#[tokio::test]
async fn earliest_refresh_at_has_each_form() {
    let rig = Rig::start().await;
    let value = async |format: TimeFormat| -> Value {
        rig.change_plan_settings(|settings| settings.earliest_refresh_at = format);
        let (client_id, code) = code(&rig).await;
        let (_, tokens) = read(rig.plan_exchange(&client_id, &code, &[]).await).await;
        tokens.get("earliest_refresh_at").cloned().unwrap_or_else(|| json!("no field"))
    };
    let seconds = value(TimeFormat::Seconds).await.as_i64().expect("a number");
    let milliseconds = value(TimeFormat::Milliseconds).await.as_i64().expect("a number");
    assert!((seconds..seconds + 60).contains(&(milliseconds / 1000)), "{seconds} {milliseconds}");
    let iso = value(TimeFormat::Iso).await;
    let parsed: jiff::Timestamp = iso.as_str().expect("text").parse().expect("ISO 8601");
    assert!((seconds..seconds + 60).contains(&parsed.as_second()), "{iso}");
    assert_eq!(value(TimeFormat::Null).await, Value::Null);
    assert_eq!(value(TimeFormat::Absent).await, "no field");
}

#[tokio::test]
async fn exchange_lacks_omitted_fields() {
    let rig = Rig::start().await;
    rig.change_plan_settings(|settings| {
        settings.exchange_omits = vec![TokenField::AccessToken, TokenField::IdToken];
    });
    let (client_id, code) = code(&rig).await;
    let (status, tokens) = read(rig.plan_exchange(&client_id, &code, &[]).await).await;
    assert_eq!(status, 200);
    assert!(tokens.get("access_token").is_none() && tokens.get("id_token").is_none());
    assert!(tokens["refresh_token"].is_string());
}

#[tokio::test]
async fn token_error_fault_has_three_forms() {
    let rig = Rig::start().await;
    for (body, pointer) in [
        (TokenErrorBody::Oauth, "/error"),
        (TokenErrorBody::Object, "/error/code"),
        (TokenErrorBody::TopLevel, "/code"),
    ] {
        for code in ["invalid_client", "refresh_token_invalidated", "temporarily_unavailable"] {
            let fault = Fault::TokenError { code: code.to_owned(), status: 503, body };
            rig.sandbox.push_fault("plan.token.refresh_token", fault);
            let response = rig.plan_refresh("oaiapp_x", "rt_x", &[]).await;
            let (status, error) = read(response).await;
            assert_eq!(status, 503);
            assert_eq!(error.pointer(pointer), Some(&json!(code)), "{error}");
        }
    }
}
