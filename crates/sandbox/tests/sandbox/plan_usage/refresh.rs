//! Refresh, its gate, and how it fails (siwc §7).

use serde_json::{Value, json};
use usher_sandbox::{EarlyRefresh, Fault, PlanGrantOperation, TimeFormat, TokenField};

use super::support::{SCOPE, SignIn};
use crate::support::{Rig, claims, read};

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;
const TOO_EARLY: &str = "plan.refresh_too_early";

async fn refresh(rig: &Rig, sign_in: &SignIn) -> (u16, Value) {
    read(rig.plan_refresh(&sign_in.client_id, sign_in.refresh_token(), &[]).await).await
}

#[tokio::test]
async fn early_refresh_is_refused_and_spends_token() {
    let rig = Rig::start().await;
    let sign_in = rig.plan_sign_in("ada").await;
    rig.sandbox.advance_clock(53 * MINUTE);
    let (status, body) = refresh(&rig, &sign_in).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")));
    assert_eq!(rig.sandbox.count(TOO_EARLY), 1);
    rig.sandbox.advance_clock(2 * MINUTE);
    let (status, body) = refresh(&rig, &sign_in).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")), "the token is used up");
    assert_eq!(rig.sandbox.count(TOO_EARLY), 1);
    assert_eq!(rig.plan_models(sign_in.access_token(), "").await.status(), 200, "until it expires");
}

#[tokio::test]
async fn early_refresh_setting_refuses_only_or_allows() {
    let rig = Rig::start().await;
    let sign_in = rig.plan_sign_in("ada").await;
    rig.change_plan_settings(|settings| settings.early_refresh = EarlyRefresh::Refuse);
    assert_eq!(refresh(&rig, &sign_in).await.0, 400);
    rig.change_plan_settings(|settings| settings.early_refresh = EarlyRefresh::Off);
    assert_eq!(refresh(&rig, &sign_in).await.0, 200);
}

#[tokio::test]
async fn refresh_without_time_has_no_gate() {
    let rig = Rig::start().await;
    for format in [TimeFormat::Null, TimeFormat::Absent] {
        rig.change_plan_settings(|settings| settings.earliest_refresh_at = format);
        let sign_in = rig.plan_sign_in("ada").await;
        assert_eq!(refresh(&rig, &sign_in).await.0, 200, "{format:?}");
    }
}

#[tokio::test]
async fn refresh_after_gate_rotates_for_another_hour() {
    let rig = Rig::start().await;
    let sign_in = rig.plan_sign_in("ada").await;
    rig.sandbox.advance_clock(54 * MINUTE);
    let (status, tokens) = refresh(&rig, &sign_in).await;
    assert_eq!(status, 200, "{tokens}");
    assert_ne!(tokens["refresh_token"], sign_in.tokens["refresh_token"]);
    assert_eq!((&tokens["expires_in"], &tokens["scope"]), (&json!(3600), &json!(SCOPE)));
    let moved = tokens["earliest_refresh_at"].as_i64().expect("a number")
        - sign_in.tokens["earliest_refresh_at"].as_i64().expect("a number");
    assert!((54 * MINUTE..55 * MINUTE).contains(&moved), "{moved}");
    let id = claims(tokens["id_token"].as_str().expect("a token"));
    assert!(id.get("nonce").is_none(), "not bound to a sign-in");
    assert_eq!(id["sub"], "user-ada");
    rig.sandbox.advance_clock(6 * MINUTE);
    assert_eq!(rig.plan_models(sign_in.access_token(), "").await.status(), 401, "an hour is over");
    let access = tokens["access_token"].as_str().expect("a token");
    assert_eq!(rig.plan_models(access, "").await.status(), 200);
}

#[tokio::test]
async fn refresh_token_lives_thirty_days_from_each_refresh() {
    let rig = Rig::start().await;
    let mut sign_in = rig.plan_sign_in("ada").await;
    for _ in 0..3 {
        rig.sandbox.advance_clock(29 * DAY);
        let (status, tokens) = refresh(&rig, &sign_in).await;
        assert_eq!(status, 200, "{tokens}");
        sign_in.tokens = tokens;
    }
    rig.sandbox.advance_clock(30 * DAY);
    let (status, body) = refresh(&rig, &sign_in).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("refresh_token_expired")));
}

#[tokio::test]
async fn refresh_with_missing_or_unknown_field_is_refused() {
    let rig = Rig::start().await;
    let sign_in = rig.plan_sign_in("ada").await;
    rig.sandbox.advance_clock(55 * MINUTE);
    for (change, expected) in [
        (("scope", Some(SCOPE)), "invalid_request"),
        (("refresh_reason", Some("proactive_expiry")), "invalid_request"),
        (("client_secret", Some("x")), "invalid_request"),
        (("refresh_token", None), "invalid_request"),
        (("client_id", None), "invalid_request"),
        (("resource", None), "invalid_request"),
        (("resource", Some("https://chatgpt.com")), "invalid_target"),
        (("client_id", Some("dynamic_agent_client")), "invalid_client"),
        (("refresh_token", Some("rt_unknown")), "invalid_grant"),
    ] {
        let response = rig.plan_refresh(&sign_in.client_id, sign_in.refresh_token(), &[change]).await;
        assert_eq!(read(response).await.1["error"], expected, "{change:?}");
    }
    let json = rig.http.post(rig.at("/api/accounts/oauth/token")).json(&json!({
        "grant_type": "refresh_token", "client_id": sign_in.client_id, "refresh_token": sign_in.refresh_token(),
    }));
    assert_eq!(json.send().await.expect("a response").status(), 400);
    assert_eq!(refresh(&rig, &sign_in).await.0, 200, "the token was not spent");
}

#[tokio::test]
async fn refresh_by_another_client_is_refused() {
    let rig = Rig::start().await;
    let (first, second) = (rig.plan_sign_in("ada").await, rig.plan_sign_in("ada").await);
    rig.sandbox.advance_clock(55 * MINUTE);
    let (status, body) = read(rig.plan_refresh(&second.client_id, first.refresh_token(), &[]).await).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")));
    assert_eq!(refresh(&rig, &first).await.0, 200);
}

#[tokio::test]
async fn refresh_with_used_token_ends_sign_in() {
    let rig = Rig::start().await;
    let sign_in = rig.plan_sign_in("ada").await;
    rig.sandbox.advance_clock(55 * MINUTE);
    rig.sandbox.push_fault("plan.token.refresh_token", Fault::DropAfter);
    let lost = rig.http.post(rig.at("/api/accounts/oauth/token")).form(&[
        ("grant_type", "refresh_token"),
        ("client_id", sign_in.client_id.as_str()),
        ("refresh_token", sign_in.refresh_token()),
        ("resource", super::support::RESOURCE),
    ]);
    assert!(lost.send().await.is_err(), "the response is lost");
    let (status, body) = refresh(&rig, &sign_in).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("refresh_token_reused")));
}

#[tokio::test]
async fn grant_operations_end_refreshes() {
    for (operation, expected) in [
        (PlanGrantOperation::Invalidate, "refresh_token_invalidated"),
        (PlanGrantOperation::ExpireRefresh, "refresh_token_expired"),
        (PlanGrantOperation::Reuse, "refresh_token_reused"),
        (PlanGrantOperation::Disconnect, "invalid_client"),
    ] {
        let rig = Rig::start().await;
        let sign_in = rig.plan_sign_in("ada").await;
        rig.sandbox.advance_clock(55 * MINUTE);
        assert_eq!(rig.sandbox.change_plan_grants(operation, Some("ben")), 0);
        assert_eq!(rig.sandbox.change_plan_grants(operation, Some("ada")), 1);
        assert_eq!(refresh(&rig, &sign_in).await.1["error"], expected, "{operation:?}");
    }
}

#[tokio::test]
async fn expire_access_operation_leaves_refresh_token() {
    let rig = Rig::start().await;
    let sign_in = rig.plan_sign_in("ada").await;
    rig.sandbox.change_plan_grants(PlanGrantOperation::ExpireAccess, None);
    assert_eq!(rig.plan_models(sign_in.access_token(), "").await.status(), 401, "an early 401");
    rig.sandbox.advance_clock(54 * MINUTE);
    assert_eq!(refresh(&rig, &sign_in).await.0, 200);
}

#[tokio::test]
async fn refresh_lacks_omitted_fields() {
    let rig = Rig::start().await;
    let sign_in = rig.plan_sign_in("ada").await;
    rig.change_plan_settings(|settings| {
        settings.refresh_omits = vec![TokenField::Scope, TokenField::IdToken];
    });
    rig.sandbox.advance_clock(55 * MINUTE);
    let (status, tokens) = refresh(&rig, &sign_in).await;
    assert_eq!(status, 200);
    assert!(tokens.get("scope").is_none() && tokens.get("id_token").is_none());
    assert!(tokens["refresh_token"].is_string());
}
