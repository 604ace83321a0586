//! Disconnecting a plan sign-in: revoked where the issuer says, and still registered (siwc §8).

use usher_auth::RevocationStatus;
use usher_domain::Account;
use usher_net::AllowedHosts;
use usher_sandbox::{Fault, Options, PlanGrantOperation, Sandbox};

use super::MINUTE;
use crate::support::{World, after_401, token};

const REVOKE: &str = "plan.revoke";

async fn disconnect(world: &World, account: &Account) -> RevocationStatus {
    world.revocation.disconnect(account.id()).await.unwrap()
}

#[tokio::test]
async fn disconnect_revokes_the_newest_token_and_keeps_the_registration() {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    let source = world.source(&account);
    world.forward(56 * MINUTE);
    let given = token(&source).await.unwrap();
    let used_up = world.sandbox.requests("plan.token.refresh_token")[0].body["refresh_token"].clone();
    assert_eq!(disconnect(&world, &account).await, RevocationStatus::Confirmed);
    let summary = world.summary();
    assert!(summary.sign_ins.is_empty() && summary.pending_revocations.is_empty());
    assert_eq!(world.saved_registrations().len(), 1);
    let sent = &world.sandbox.requests(REVOKE)[0];
    let mut fields: Vec<&String> = sent.body.as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(fields, ["client_id", "token", "token_type_hint"]);
    assert_eq!(sent.body["client_id"], account.account_id);
    assert_ne!(sent.body["token"], used_up);
    assert_eq!(sent.header("content-type"), Some("application/x-www-form-urlencoded"));
    after_401(&source, &given).await.err().expect("signed out");
    assert_eq!((world.plan_refreshes(), world.sandbox.count(REVOKE)), (1, 1));
}

#[tokio::test]
async fn disconnect_follows_the_address_in_the_discovery_document() {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    world.sandbox.change_settings(|settings| settings.plan_usage.revocation_moved = true);
    assert_eq!(disconnect(&world, &account).await, RevocationStatus::Confirmed);
    assert!(world.sandbox.requests(REVOKE)[0].path.ends_with("/moved"));
}

#[tokio::test]
async fn disconnect_of_a_sign_in_that_has_ended_at_the_server_is_confirmed() {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    world.sandbox.change_plan_grants(PlanGrantOperation::Invalidate, Some("ada"));
    assert_eq!(disconnect(&world, &account).await, RevocationStatus::Confirmed);
}

#[tokio::test]
async fn discovery_that_names_another_server_gets_no_token() {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    let issuer = world.sandbox.issuer().to_owned();
    // Another server to which requests may go, for other things.
    let other = Sandbox::start(Options::for_tests()).await.unwrap();
    let allowed = [world.sandbox.issuer(), other.issuer()].map(|url| url::Url::parse(url).unwrap());
    world.http.allow(AllowedHosts::from_urls(&allowed));
    let another_server = format!("{}/api/accounts/oauth/revoke", other.issuer());
    for body in [
        serde_json::json!({ "issuer": issuer, "revocation_endpoint": another_server }),
        serde_json::json!({ "issuer": "https://another.example", "revocation_endpoint": format!("{issuer}/x") }),
        serde_json::json!({ "issuer": issuer }),
    ] {
        let fault = Fault::Status { status: 200, body, headers: [].into() };
        world.sandbox.push_fault("plan.discovery", fault);
    }
    assert_eq!(disconnect(&world, &account).await, RevocationStatus::Pending);
    for minutes in [2, 3] {
        world.clock.forward(minutes * MINUTE);
        world.revocation.process_pending().await.unwrap();
    }
    assert_eq!(world.revocation.list_pending().await.unwrap().len(), 1);
    assert_eq!(world.sandbox.count(REVOKE) + world.sandbox.count("other"), 0);
    assert_eq!(other.all_requests().len(), 0);
    world.clock.forward(5 * MINUTE);
    world.revocation.process_pending().await.unwrap();
    assert!(world.revocation.list_pending().await.unwrap().is_empty(), "the record was kept until then");
    assert_eq!(world.sandbox.count(REVOKE), 1);
}

#[tokio::test]
async fn revocation_that_is_not_confirmed_is_tried_again() {
    let world = World::new().await;
    let account = world.sign_in_with_plan("ada").await;
    for status in [500, 204] {
        let fault = Fault::Status { status, body: serde_json::Value::Null, headers: [].into() };
        world.sandbox.push_fault(REVOKE, fault);
    }
    assert_eq!(disconnect(&world, &account).await, RevocationStatus::Pending);
    assert!(world.summary().sign_ins.is_empty(), "erased all the same");
    let id = world.revocation.list_pending().await.unwrap()[0].id.clone();
    assert_eq!(world.revocation.retry(&id).await.unwrap(), RevocationStatus::Pending, "only 200 confirms");
    assert_eq!(world.revocation.retry(&id).await.unwrap(), RevocationStatus::Confirmed);
    let sent = world.sandbox.requests(REVOKE);
    assert_eq!((sent.len(), &sent[0].body), (3, &sent[2].body));
}
