//! Device sign-in (protocol §5).

use serde_json::{Value, json};
use usher_sandbox::{Options, Settings};

use crate::support::{CLIENT_ID, Rig, read};

/// Makes a client whose polls need no interval.
async fn quick() -> Rig {
    let settings = Settings { device_interval_s: 0, ..Settings::default() };
    Rig::with(Options { settings, ..Options::default() }).await
}

async fn post(rig: &Rig, endpoint: &str, body: &Value) -> (u16, Value) {
    let url = rig.at(&format!("/api/accounts/deviceauth/{endpoint}"));
    read(rig.http.post(url).json(body).send().await.expect("a response")).await
}

async fn begin(rig: &Rig) -> Value {
    let (status, body) = post(rig, "usercode", &json!({ "client_id": CLIENT_ID })).await;
    assert_eq!(status, 200);
    body
}

async fn poll(rig: &Rig, begun: &Value) -> (u16, Value) {
    let body = json!({ "device_auth_id": begun["device_auth_id"], "user_code": begun["user_code"] });
    post(rig, "token", &body).await
}

#[tokio::test]
async fn device_code_entered_signs_in() {
    let rig = quick().await;
    let begun = begin(&rig).await;
    assert_eq!(begun["interval"], "0", "a string of seconds");
    assert_eq!(poll(&rig, &begun).await.0, 403);
    let code = begun["user_code"].as_str().expect("a code").to_lowercase();
    let landing = rig.browser.enter_device_code(rig.sandbox.issuer(), &code, "ada").await;
    assert!(landing.body.contains("Signed in"), "{}", landing.body);
    let (status, approval) = poll(&rig, &begun).await;
    assert_eq!(status, 200);
    let redirect = format!("{}/deviceauth/callback", rig.sandbox.issuer());
    let verifier = approval["code_verifier"].as_str().expect("a verifier");
    let changes = [("code_verifier", verifier), ("redirect_uri", redirect.as_str())];
    let exchanged = rig.exchange(approval["authorization_code"].as_str().expect("a code"), &changes).await;
    assert_eq!(exchanged.status(), 200);
}

#[tokio::test]
async fn device_exchange_with_other_redirect_is_rejected() {
    let rig = quick().await;
    let begun = begin(&rig).await;
    let code = begun["user_code"].as_str().expect("a code");
    rig.browser.enter_device_code(rig.sandbox.issuer(), code, "ada").await;
    let (_, approval) = poll(&rig, &begun).await;
    let changes = [("code_verifier", approval["code_verifier"].as_str().expect("a verifier"))];
    let exchanged = rig.exchange(approval["authorization_code"].as_str().expect("a code"), &changes).await;
    assert_eq!(exchanged.status(), 400);
}

#[tokio::test]
async fn device_approval_is_returned_once() {
    let rig = quick().await;
    let begun = begin(&rig).await;
    let code = begun["user_code"].as_str().expect("a code");
    rig.browser.enter_device_code(rig.sandbox.issuer(), code, "ada").await;
    assert_eq!(poll(&rig, &begun).await.0, 200);
    assert_eq!(poll(&rig, &begun).await.0, 404);
}

#[tokio::test]
async fn device_poll_before_interval_is_429() {
    let rig = Rig::start().await;
    let begun = begin(&rig).await;
    assert_eq!(begun["interval"], "5");
    assert_eq!(poll(&rig, &begun).await.0, 403, "the first poll may come at once");
    assert_eq!(poll(&rig, &begun).await.0, 429);
}

#[tokio::test]
async fn device_sign_in_disabled_is_404() {
    let rig = Rig::start().await;
    rig.sandbox.change_settings(|settings| settings.device_login = false);
    assert_eq!(post(&rig, "usercode", &json!({ "client_id": CLIENT_ID })).await.0, 404);
}

#[tokio::test]
async fn device_code_for_unknown_client_is_rejected() {
    let rig = Rig::start().await;
    assert_eq!(post(&rig, "usercode", &json!({ "client_id": "app_x" })).await.0, 401);
    assert_eq!(post(&rig, "usercode", &json!({})).await.0, 400);
}

#[tokio::test]
async fn device_poll_with_wrong_pair_is_rejected() {
    let rig = quick().await;
    let (one, two) = (begin(&rig).await, begin(&rig).await);
    let mixed = json!({ "device_auth_id": one["device_auth_id"], "user_code": two["user_code"] });
    assert_eq!(post(&rig, "token", &mixed).await.0, 404);
}

#[tokio::test]
async fn device_code_expires() {
    let rig = quick().await;
    let begun = begin(&rig).await;
    rig.sandbox.change_settings(|settings| settings.clock_offset_s = 901);
    assert_eq!(poll(&rig, &begun).await.0, 410);
    let code = begun["user_code"].as_str().expect("a code");
    let landing = rig.browser.enter_device_code(rig.sandbox.issuer(), code, "ada").await;
    assert_eq!(landing.status, Some(400));
}

#[tokio::test]
async fn wrong_device_code_is_rejected_on_page() {
    let rig = Rig::start().await;
    let landing = rig.browser.enter_device_code(rig.sandbox.issuer(), "BBBB-00000", "ada").await;
    assert_eq!(landing.status, Some(400));
    assert!(landing.body.contains("not known"));
}

#[tokio::test]
async fn device_consent_without_codex_is_rejected_on_page() {
    let rig = quick().await;
    let begun = begin(&rig).await;
    let code = begun["user_code"].as_str().expect("a code");
    let landing = rig.browser.enter_device_code(rig.sandbox.issuer(), code, "noa").await;
    assert!(landing.body.contains("Not signed in"), "{}", landing.body);
    assert_eq!(poll(&rig, &begun).await.0, 403);
}
