//! A first sign-in, which registers the app (siwc §2 to siwc §4).

use serde_json::json;
use usher_sandbox::{Answer, CallbackClientId, ConsentDecision};

use super::support::{HOST_ID, PLAN_SCOPE, REDIRECT, SCOPE};
use crate::support::{Rig, account_id, claims, read};

#[tokio::test]
async fn registration_allowed_returns_code_scope_state_and_client_id() {
    let rig = Rig::start().await;
    let url = rig.registration_url(&[("state", Some("a b+c/d"))]);
    let landing = rig.browser.approve(&url, "ada").await;
    assert!(landing.url.as_str().starts_with(REDIRECT), "{}", landing.url);
    assert_eq!(landing.query("state").as_deref(), Some("a b+c/d"));
    assert_eq!(landing.query("scope").as_deref(), Some(SCOPE));
    assert!(landing.query("code").is_some());
    let client_id = landing.query("client_id").expect("the issued id");
    assert!(client_id.starts_with("oaiapp_"), "{client_id}");
    assert!(client_id.len() <= 200);
    assert!(client_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)));
    let registrations = rig.sandbox.registrations();
    assert_eq!(registrations.len(), 1);
    assert_eq!(registrations[0].client_id, client_id);
    assert_eq!((registrations[0].account, registrations[0].agent_name.as_str()), ("ada", "Usher"));
    assert!(registrations[0].host_ids.contains(HOST_ID));
    assert!(registrations[0].plan_allowed);
}

#[tokio::test]
async fn registration_again_makes_second_registration() {
    let rig = Rig::start().await;
    let (first, second) = (rig.plan_sign_in("ada").await, rig.plan_sign_in("ada").await);
    assert_ne!(first.client_id, second.client_id);
    assert_eq!(rig.sandbox.registrations().len(), 2);
}

#[tokio::test]
async fn registration_with_other_client_or_redirect_does_not_redirect() {
    let rig = Rig::start().await;
    for changes in [
        [("client_id", Some("oaiapp_somebody_else"))],
        [("client_id", Some("app_EMoamEEZ73f0CkXaXp7hrann"))],
        [("client_id", None)],
        [("redirect_uri", Some("http://localhost:41777/auth/callback"))],
        [("redirect_uri", Some("https://127.0.0.1:41777/auth/callback"))],
        [("redirect_uri", Some("http://127.0.0.1/auth/callback"))],
        [("redirect_uri", Some("http://127.0.0.1:41777/auth/callback?x=1"))],
        [("redirect_uri", Some("http://[::1]:41777/auth/callback"))],
        [("redirect_uri", None)],
    ] {
        let landing = rig.browser.approve(&rig.registration_url(&changes), "ada").await;
        assert_eq!(landing.status, Some(400), "{changes:?}: {}", landing.url);
        assert_eq!(landing.url.path(), "/api/accounts/authorize");
        assert!(landing.body.contains("Sign-in refused"));
    }
    let repeated = format!("{}&state=again", rig.registration_url(&[]));
    assert_eq!(rig.browser.open(&repeated).await.status, Some(400));
    assert_eq!(rig.sandbox.registrations().len(), 0);
}

/// Asserts that the client gets `error`, with its state, and nothing was registered.
async fn registration_fails_with(error: &str, all_changes: &[(&str, Option<&str>)]) {
    let rig = Rig::start().await;
    for change in all_changes {
        let landing = rig.browser.approve(&rig.registration_url(&[*change]), "ada").await;
        assert!(landing.url.as_str().starts_with(REDIRECT), "{change:?}: {}", landing.url);
        assert_eq!(landing.query("error").as_deref(), Some(error), "{change:?}");
        assert_eq!(landing.query("code"), None);
    }
    assert_eq!(rig.sandbox.registrations().len(), 0);
}

#[tokio::test]
async fn registration_without_required_parameter_is_refused() {
    registration_fails_with(
        "unsupported_response_type",
        &[("response_type", Some("token")), ("response_type", None)],
    )
    .await;
    registration_fails_with(
        "invalid_target",
        &[
            ("resource", None),
            ("resource", Some("https://api.openai.com/v1/")),
            ("resource", Some("http://127.0.0.1:1/v1")),
        ],
    )
    .await;
    registration_fails_with(
        "invalid_scope",
        &[
            ("scope", None),
            ("scope", Some("openid profile email offline_access")),
            ("scope", Some(&format!("{SCOPE} api.connectors.read"))),
            ("scope", Some(&format!("{SCOPE} openid"))),
        ],
    )
    .await;
    registration_fails_with(
        "invalid_request",
        &[
            ("state", None),
            ("state", Some("")),
            ("nonce", None),
            ("nonce", Some("")),
            ("code_challenge", None),
            ("code_challenge", Some("short")),
            ("code_challenge_method", Some("plain")),
            ("code_challenge_method", None),
            ("ext_agent_host_id", None),
            ("ext_agent_host_id", Some("my-computer")),
            ("agent_name_hint", None),
            ("agent_name_hint", Some(" ")),
        ],
    )
    .await;
}

#[tokio::test]
async fn registration_with_parameter_of_another_flow_is_refused() {
    registration_fails_with(
        "invalid_request",
        &[
            ("originator", Some("usher")),
            ("id_token_add_organizations", Some("true")),
            ("codex_cli_simplified_flow", Some("true")),
            ("allowed_workspace_id", Some("x")),
            ("force_reconsent", Some("true")),
            ("prompt", Some("login")),
            ("prompt", Some("consent")),
            ("login_hint", Some("ada@example.com")),
            ("id_token_hint", Some("a.b.c")),
            ("audience", Some("x")),
        ],
    )
    .await;
}

#[tokio::test]
async fn registration_denied_leaves_nothing() {
    let rig = Rig::start().await;
    let landing = rig.browser.deny(&rig.registration_url(&[]), "ada").await;
    assert_eq!(landing.query("error").as_deref(), Some("access_denied"));
    assert_eq!(landing.query("state").as_deref(), Some("the-state"));
    assert_eq!((landing.query("code"), landing.query("client_id")), (None, None));
    assert_eq!(rig.sandbox.registrations().len(), 0);
}

#[tokio::test]
async fn registration_without_plan_lacks_its_scope() {
    let rig = Rig::start().await;
    let landing = rig.browser.approve_without_plan(&rig.registration_url(&[]), "ada").await;
    let granted = "openid profile email offline_access resource.invoke";
    assert_eq!(landing.query("scope").as_deref(), Some(granted));
    let sign_in = rig.finish_plan_sign_in(&landing).await;
    assert_eq!(sign_in.tokens["scope"], granted);
    assert_eq!(claims(sign_in.access_token())["scope"], granted);
    assert!(!rig.sandbox.registrations()[0].plan_allowed);
}

#[tokio::test]
async fn registration_is_bound_to_chosen_workspace() {
    let rig = Rig::start().await;
    let second = "b0520000-0000-4000-8000-000000000005";
    let landing = rig.browser.approve_in(&rig.registration_url(&[]), "ada-work", second).await;
    assert!(landing.query("code").is_some(), "{}", landing.url);
    assert_eq!(rig.sandbox.registrations()[0].account_id, second);
    let foreign = account_id("eve");
    let landing = rig.browser.approve_in(&rig.registration_url(&[]), "ada-work", foreign).await;
    assert_eq!(landing.status, Some(400));
}

#[tokio::test]
async fn answer_setting_decides_without_page() {
    let rig = Rig::start().await;
    for (decision, granted) in [(ConsentDecision::Allow, true), (ConsentDecision::SignInOnly, false)] {
        rig.change_plan_settings(|settings| {
            settings.answer = Some(Answer { account: "pia".to_owned(), workspace: None, decision });
        });
        let landing = rig.browser.open(&rig.registration_url(&[])).await;
        assert!(landing.url.as_str().starts_with(REDIRECT), "{}", landing.url);
        assert_eq!(landing.query("scope").expect("a scope").contains(PLAN_SCOPE), granted);
    }
    let deny = json!({ "plan_usage": { "answer": { "account": "pia", "decision": "deny" } } });
    assert_eq!(rig.control("settings", &deny).await.status(), 200);
    let landing = rig.browser.open(&rig.registration_url(&[])).await;
    assert_eq!(landing.query("error").as_deref(), Some("access_denied"));
    assert_eq!(rig.sandbox.count("plan.login.page"), 0);
}

#[tokio::test]
async fn callback_client_id_follows_setting() {
    let rig = Rig::start().await;
    for (setting, expected) in [
        (CallbackClientId::Absent, None),
        (CallbackClientId::Dynamic, Some("dynamic_agent_client")),
        (CallbackClientId::Other, Some("oaiapp_sandbox_somebody_else")),
    ] {
        rig.change_plan_settings(|settings| settings.callback_client_id = setting);
        let landing = rig.browser.approve(&rig.registration_url(&[]), "ada").await;
        assert!(landing.query("code").is_some(), "{}", landing.url);
        assert_eq!(landing.query("client_id").as_deref(), expected);
    }
    rig.change_plan_settings(|settings| settings.callback_client_id = CallbackClientId::OnlyIfNew);
    let sign_in = rig.plan_sign_in("ada").await;
    let landing = rig.browser.approve(&rig.returning_url(&sign_in.client_id, &[]), "ada").await;
    assert_eq!((landing.query("code").is_some(), landing.query("client_id")), (true, None));
}

#[tokio::test]
async fn discovery_names_every_endpoint_and_no_device_code() {
    let rig = Rig::start().await;
    let fetch = async || {
        let url = rig.at("/.well-known/openid-configuration");
        read(rig.http.get(url).send().await.expect("a response")).await.1
    };
    let issuer = rig.sandbox.issuer();
    let document = fetch().await;
    assert_eq!(document["issuer"], issuer);
    for (name, path) in [
        ("authorization_endpoint", "/api/accounts/authorize"),
        ("token_endpoint", "/api/accounts/oauth/token"),
        ("revocation_endpoint", "/api/accounts/oauth/revoke"),
        ("userinfo_endpoint", "/api/accounts/oauth/userinfo"),
        ("jwks_uri", "/.well-known/jwks.json"),
    ] {
        assert_eq!(document[name], format!("{issuer}{path}"), "{name}");
    }
    assert_eq!(document["id_token_signing_alg_values_supported"], json!(["RS256"]));
    assert!(document["device_authorization_endpoint"].is_null());
    rig.change_plan_settings(|settings| settings.issuer = Some("https://auth.openai.com".to_owned()));
    let document = fetch().await;
    assert_eq!(document["token_endpoint"], "https://auth.openai.com/api/accounts/oauth/token");
    let sign_in = rig.plan_sign_in("ada").await;
    assert_eq!(claims(sign_in.id_token())["iss"], "https://auth.openai.com");
}
