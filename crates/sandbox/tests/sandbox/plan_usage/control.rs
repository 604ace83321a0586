//! The control endpoints of this sign-in.

use serde_json::{Value, json};

use super::support::SCOPE;
use crate::support::{Rig, claims, read};

#[tokio::test]
async fn issued_tokens_work_without_sign_in() {
    let rig = Rig::start().await;
    let (status, issued) = read(rig.control("plan/issue", &json!({ "account": "ada" })).await).await;
    assert_eq!((status, issued["scope"].as_str()), (200, Some(SCOPE)));
    let text = |name: &str| issued[name].as_str().expect("text").to_owned();
    assert_eq!(rig.plan_models(&text("access_token"), "").await.status(), 200);
    let (_, moved) = read(rig.control("advance", &json!({ "seconds": 3300 })).await).await;
    assert!(moved["now"].as_i64() > claims(&text("id_token"))["iat"].as_i64());
    let refreshed = rig.plan_refresh(&text("client_id"), &text("refresh_token"), &[]).await;
    assert_eq!(refreshed.status(), 200);
    let (_, without) =
        read(rig.control("plan/issue", &json!({ "account": "ada", "plan": false })).await).await;
    assert_eq!(rig.plan_models(without["access_token"].as_str().expect("text"), "").await.status(), 403);
    assert_eq!(rig.control("plan/issue", &json!({ "account": "zoe" })).await.status(), 400);
}

#[tokio::test]
async fn registrations_are_listed_and_disconnected() {
    let rig = Rig::start().await;
    let sign_in = rig.plan_sign_in("ada").await;
    let list = async || {
        let response = rig.http.get(rig.at("/control/plan/registrations")).send().await;
        read(response.expect("a response")).await.1
    };
    let registrations = list().await;
    assert_eq!(registrations[0]["client_id"], sign_in.client_id);
    assert_eq!(registrations[0]["redirect_path"], "/auth/callback");
    let change = json!({ "op": "disconnect", "account": "ada" });
    let (_, changed) = read(rig.control("plan/grants", &change).await).await;
    assert_eq!(changed, json!({ "grants": 1 }));
    assert_eq!(list().await, json!([]));
    let landing = rig.browser.open(&rig.returning_url(&sign_in.client_id, &[])).await;
    assert_eq!(landing.status, Some(400), "the client is not known any more");
    assert_eq!(rig.plan_models(sign_in.access_token(), "").await.status(), 401);
    let unknown = json!({ "op": "disconnect", "account": "zoe" });
    assert_eq!(rig.control("plan/grants", &unknown).await.status(), 400);
}

#[tokio::test]
async fn keys_rotate_by_control() {
    let rig = Rig::start().await;
    let count = async || {
        let response = rig.http.get(rig.at("/.well-known/jwks.json")).send().await;
        read(response.expect("a response")).await.1["keys"].as_array().map(Vec::len)
    };
    assert_eq!(count().await, Some(1));
    assert_eq!(rig.control("plan/rotate-keys", &json!({})).await.status(), 200);
    assert_eq!(count().await, Some(2));
    assert_eq!(rig.control("plan/rotate-keys", &json!({ "keep_old": false })).await.status(), 200);
    assert_eq!(count().await, Some(1));
}

#[tokio::test]
async fn plan_settings_are_replaced_one_by_one() {
    let rig = Rig::start().await;
    let set = async |value: Value| read(rig.control("settings", &json!({ "plan_usage": value })).await).await;
    assert_eq!(set(json!({ "early_refresh": "off" })).await.0, 200);
    let (_, all) = set(json!({ "earliest_refresh_at": "iso" })).await;
    assert_eq!(all["plan_usage"]["early_refresh"], "off", "as set before");
    assert_eq!(all["plan_usage"]["access_token_lifetime_s"], 3600);
    for wrong in [
        json!({ "early_refreshes": "off" }),
        json!({ "early_refresh": "maybe" }),
        json!({ "eligible": { "zoe": true } }),
        json!({ "limit_reached": { "zoe": "in_stream" } }),
        json!({ "answer": { "account": "zoe" } }),
    ] {
        assert_eq!(set(wrong.clone()).await.0, 400, "{wrong}");
    }
}
