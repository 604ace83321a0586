//! Signing in again with the issued client id (siwc §3).

use super::support::{PLAN_SCOPE, REDIRECT};
use crate::support::{Rig, claims};

#[tokio::test]
async fn returning_sign_in_has_account_page_and_no_consent() {
    let rig = Rig::start().await;
    let first = rig.plan_sign_in("ada").await;
    rig.sandbox.reset();
    let url = rig.returning_url(&first.client_id, &[]);
    let landing = rig.browser.approve(&url, "ada").await;
    assert_eq!(landing.query("client_id"), Some(first.client_id.clone()));
    assert_eq!((rig.sandbox.count("plan.login.page"), rig.sandbox.count("plan.consent.page")), (1, 0));
    let second = rig.finish_plan_sign_in(&landing).await;
    assert_eq!(claims(second.id_token())["sub"], claims(first.id_token())["sub"]);
    assert_eq!(rig.sandbox.registrations().len(), 1);
}

#[tokio::test]
async fn returning_sign_in_may_change_port_and_host_but_not_path() {
    let rig = Rig::start().await;
    let first = rig.plan_sign_in("ada").await;
    let host = "urn:uuid:11111111-2222-4333-8444-555555555555";
    let changes =
        [("redirect_uri", Some("http://127.0.0.1:50123/auth/callback")), ("ext_agent_host_id", Some(host))];
    let landing = rig.browser.approve(&rig.returning_url(&first.client_id, &changes), "ada").await;
    assert_eq!(landing.url.port(), Some(50123), "{}", landing.url);
    assert_eq!(rig.sandbox.registrations()[0].host_ids.len(), 2);
    let changes = [("redirect_uri", Some("http://127.0.0.1:41777/callback"))];
    let landing = rig.browser.approve(&rig.returning_url(&first.client_id, &changes), "ada").await;
    assert_eq!((landing.status, landing.url.path()), (Some(400), "/api/accounts/authorize"));
}

#[tokio::test]
async fn id_token_hint_redirects_at_once_also_when_expired() {
    let rig = Rig::start().await;
    let first = rig.plan_sign_in("ada").await;
    rig.sandbox.advance_clock(3 * 60 * 60);
    rig.sandbox.reset();
    let url = rig.returning_url(&first.client_id, &[("id_token_hint", Some(first.id_token()))]);
    let landing = rig.browser.open(&url).await;
    assert!(landing.url.as_str().starts_with(REDIRECT), "{}", landing.url);
    assert!(landing.query("code").is_some());
    assert_eq!(rig.sandbox.count("plan.login.page"), 0);
}

#[tokio::test]
async fn id_token_hint_of_another_client_is_refused() {
    let rig = Rig::start().await;
    let (first, second) = (rig.plan_sign_in("ada").await, rig.plan_sign_in("ada").await);
    for hint in [second.id_token(), first.access_token(), "a.b.c"] {
        let url = rig.returning_url(&first.client_id, &[("id_token_hint", Some(hint))]);
        let landing = rig.browser.open(&url).await;
        assert_eq!(landing.query("error").as_deref(), Some("invalid_request"), "{}", landing.url);
    }
}

#[tokio::test]
async fn login_hint_shows_account_first() {
    let rig = Rig::start().await;
    let first = rig.plan_sign_in("uma").await;
    let first_account = async |changes: &[(&str, Option<&str>)]| {
        let page = rig.browser.open(&rig.returning_url(&first.client_id, changes)).await;
        let (_, rest) = page.body.split_once("name=\"account\" value=\"").expect("accounts");
        rest.split('"').next().map(str::to_owned)
    };
    assert_eq!(first_account(&[]).await.as_deref(), Some("fay"));
    assert_eq!(first_account(&[("login_hint", Some("uma@example.com"))]).await.as_deref(), Some("uma"));
}

#[tokio::test]
async fn returning_sign_in_refuses_parameters_of_registration() {
    let rig = Rig::start().await;
    let first = rig.plan_sign_in("ada").await;
    for change in [
        ("agent_name_hint", Some("Usher")),
        ("prompt", Some("login")),
        ("force_reconsent", Some("true")),
        ("scope", Some("openid profile email offline_access resource.invoke")),
    ] {
        let landing = rig.browser.open(&rig.returning_url(&first.client_id, &[change])).await;
        assert!(landing.query("error").is_some(), "{change:?}: {}", landing.url);
    }
}

#[tokio::test]
async fn plan_is_allowed_later_by_prompt_consent() {
    let rig = Rig::start().await;
    let landing = rig.browser.approve_without_plan(&rig.registration_url(&[]), "ada").await;
    let first = rig.finish_plan_sign_in(&landing).await;
    let hint = ("id_token_hint", Some(first.id_token()));
    let ordinary = rig.browser.open(&rig.returning_url(&first.client_id, &[hint])).await;
    assert!(!ordinary.query("scope").expect("a scope").contains(PLAN_SCOPE), "nobody was asked");
    let url = rig.returning_url(&first.client_id, &[hint, ("prompt", Some("consent"))]);
    let page = rig.browser.open(&url).await;
    assert_eq!(page.url.path(), "/sandbox/plan/consent");
    assert!(page.body.contains("Use your plan."), "{}", page.body);
    let landing = rig.browser.approve(&url, "ada").await;
    let second = rig.finish_plan_sign_in(&landing).await;
    assert!(second.text("scope").contains(PLAN_SCOPE));
    assert_eq!(second.client_id, first.client_id);
    assert_eq!(rig.sandbox.registrations().len(), 1);
}

#[tokio::test]
async fn denied_returning_sign_in_leaves_everything() {
    let rig = Rig::start().await;
    let first = rig.plan_sign_in("ada").await;
    let url = rig.returning_url(&first.client_id, &[("prompt", Some("consent"))]);
    let landing = rig.browser.deny(&url, "ada").await;
    assert_eq!(landing.query("error").as_deref(), Some("access_denied"));
    assert!(rig.sandbox.registrations()[0].plan_allowed);
    assert_eq!(rig.plan_models(first.access_token(), "").await.status(), 200);
}

#[tokio::test]
async fn another_account_signs_in_as_another_person() {
    let rig = Rig::start().await;
    let first = rig.plan_sign_in("ada").await;
    let landing = rig.browser.approve(&rig.returning_url(&first.client_id, &[]), "ben").await;
    let second = rig.finish_plan_sign_in(&landing).await;
    assert_eq!(second.client_id, first.client_id);
    assert_eq!(claims(second.id_token())["sub"], "user-ben");
    assert_eq!(rig.sandbox.registrations()[0].account, "ada");
}
