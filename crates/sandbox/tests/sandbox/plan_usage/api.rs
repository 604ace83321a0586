//! `/v1` with a token of this sign-in: who may use it, and the list of models (siwc §9, siwc §11).

use serde_json::{Value, json};

use super::support::{SignIn, plan_request};
use crate::support::{Rig, read};

async fn slugs(rig: &Rig, sign_in: &SignIn, query: &str) -> Vec<String> {
    let (status, body) = read(rig.plan_models(sign_in.access_token(), query).await).await;
    assert_eq!(status, 200, "{body}");
    let models = body["models"].as_array().expect("models");
    models.iter().filter_map(|model| model["slug"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn models_have_their_own_form() {
    let rig = Rig::start().await;
    let sign_in = rig.plan_sign_in("ada").await;
    let response = rig.plan_models(sign_in.access_token(), "?client_version=0.171.0").await;
    assert!(response.headers()["x-request-id"].to_str().expect("text").starts_with("req_sandbox_"));
    let (_, body) = read(response).await;
    assert!(body.get("data").is_none(), "not the Platform's list");
    let first = &body["models"][0];
    for name in ["slug", "display_name", "visibility"] {
        assert!(first[name].is_string(), "{name}: {first}");
    }
    let hidden = body["models"].as_array().expect("models").iter().any(|m| m["visibility"] == "hide");
    assert!(hidden, "hidden models are listed too");
    assert_eq!(rig.sandbox.count("plan.models"), 1);
    assert_eq!(rig.sandbox.count("platform.models"), 0);
}

#[tokio::test]
async fn client_version_decides_about_newer_models() {
    let rig = Rig::start().await;
    let sign_in = rig.plan_sign_in("ada").await;
    let without = slugs(&rig, &sign_in, "").await;
    assert!(without.contains(&"gpt-5.5".to_owned()), "{without:?}");
    assert!(!without.iter().any(|slug| slug.starts_with("gpt-6")), "{without:?}");
    let with = slugs(&rig, &sign_in, "?client_version=0.160.0").await;
    for slug in ["gpt-6.1-sol", "gpt-6-sol", "gpt-6-luna"] {
        assert!(with.contains(&slug.to_owned()), "{with:?}");
    }
    for wrong in ["?client_version=new", "?limit=3", "?client_version=1.0.0&client_version=2.0.0"] {
        assert_eq!(rig.plan_models(sign_in.access_token(), wrong).await.status(), 400, "{wrong}");
    }
}

#[tokio::test]
async fn keys_and_codex_tokens_still_reach_platform() {
    let rig = Rig::start().await;
    let with_key = rig.plan_models("sk-sandbox-1", "").await;
    assert_eq!(read(with_key).await.1["object"], "list");
    let codex = rig.sandbox.issue("ada").access_token;
    assert_eq!(rig.plan_models(&codex, "").await.status(), 403, "the Platform's missing scopes");
    assert_eq!((rig.sandbox.count("platform.models"), rig.sandbox.count("plan.models")), (2, 0));
}

#[tokio::test]
async fn token_is_not_for_chatgpt_backend() {
    let rig = Rig::start().await;
    let sign_in = rig.plan_sign_in("ada").await;
    assert_eq!(rig.usage(sign_in.access_token(), "ada").await.status(), 401);
}

#[tokio::test]
async fn other_paths_and_methods_are_no_route() {
    let rig = Rig::start().await;
    let sign_in = rig.plan_sign_in("ada").await;
    let base = rig.sandbox.platform();
    for (method, path) in [
        (reqwest::Method::POST, "/chat/completions"),
        (reqwest::Method::POST, "/responses/compact"),
        (reqwest::Method::POST, "/responses/input_tokens"),
        (reqwest::Method::POST, "/embeddings"),
        (reqwest::Method::GET, "/responses"),
        (reqwest::Method::POST, "/models"),
    ] {
        let request = rig.http.request(method, format!("{base}{path}")).bearer_auth(sign_in.access_token());
        let (status, body) = read(request.send().await.expect("a response")).await;
        assert_eq!(status, 403, "{path}");
        assert_eq!(body["error"]["code"], "subscription_sharing_route_not_supported", "{path}");
    }
    assert_eq!(rig.sandbox.count("plan.other"), 6);
}

#[tokio::test]
async fn unknown_or_expired_token_is_invalid() {
    let rig = Rig::start().await;
    let sign_in = rig.plan_sign_in("ada").await;
    let expected = (401, json!({ "detail": { "error_code": "invalid_token" } }));
    let (start, _) = sign_in.access_token().rsplit_once('.').expect("a JWT");
    let forged = format!("{start}.c2lnbmF0dXJl");
    assert_eq!(read(rig.plan_models(&forged, "").await).await, expected);
    assert_eq!(read(rig.plan_models(sign_in.id_token(), "").await).await, expected, "an ID token");
    rig.sandbox.advance_clock(3601);
    assert_eq!(read(rig.plan_models(sign_in.access_token(), "").await).await, expected);
    assert_eq!(read(rig.plan_respond(sign_in.access_token(), &plan_request("x")).await).await, expected);
}

async fn codes(rig: &Rig, access_token: &str) -> Vec<(u16, Value)> {
    let models = read(rig.plan_models(access_token, "").await).await;
    let response = read(rig.plan_respond(access_token, &plan_request("x")).await).await;
    [models, response].map(|(status, body)| (status, body["error"]["code"].clone())).into()
}

#[tokio::test]
async fn grant_without_plan_scope_is_not_authorized() {
    let rig = Rig::start().await;
    let landing = rig.browser.approve_without_plan(&rig.registration_url(&[]), "ada").await;
    let sign_in = rig.finish_plan_sign_in(&landing).await;
    let expected = (403, json!("chatpass_v2_scope_not_authorized"));
    assert_eq!(codes(&rig, sign_in.access_token()).await, [expected.clone(), expected]);
}

#[tokio::test]
async fn plan_decides_about_eligibility_unless_set() {
    let rig = Rig::start().await;
    let refused = (403, json!("subscription_sharing_user_not_eligible"));
    for account in ["fay", "ben", "eve", "uma"] {
        let sign_in = rig.plan_sign_in(account).await;
        assert_eq!(
            codes(&rig, sign_in.access_token()).await,
            [refused.clone(), refused.clone()],
            "{account}"
        );
    }
    for account in ["ada", "pia"] {
        let sign_in = rig.plan_sign_in(account).await;
        assert_eq!(rig.plan_models(sign_in.access_token(), "").await.status(), 200, "{account}");
    }
    rig.change_plan_settings(|settings| {
        settings.eligible.extend([("ben".to_owned(), true), ("ada".to_owned(), false)]);
    });
    let (ben, ada) = (rig.plan_sign_in("ben").await, rig.plan_sign_in("ada").await);
    assert_eq!(rig.plan_models(ben.access_token(), "").await.status(), 200, "some Business members");
    assert_eq!(codes(&rig, ada.access_token()).await[0], refused);
}

#[tokio::test]
async fn headers_of_other_apis_are_refused() {
    let rig = Rig::start().await;
    let sign_in = rig.plan_sign_in("ada").await;
    for name in ["ChatGPT-Account-ID", "OpenAI-Organization", "OpenAI-Project"] {
        let request = rig.http.get(format!("{}/models", rig.sandbox.platform()));
        let request = request.bearer_auth(sign_in.access_token()).header(name, "x");
        let (status, body) = read(request.send().await.expect("a response")).await;
        assert_eq!(status, 400, "{name}");
        assert!(body["detail"].as_str().expect("text").contains(&name.to_lowercase()), "{body}");
    }
}
