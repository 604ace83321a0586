//! Disconnecting: deleted here first, then revoked at OpenAI, now or later.

use std::time::Duration;

use usher_auth::{Revocation, RevocationStatus};
use usher_domain::Account;
use usher_sandbox::{Fault, Rule};

use crate::support::{LONG, World, token};

const REVOKE: &str = "revoke";
const DAY: i64 = 24 * 60 * 60;

fn down() -> Fault {
    Fault::Status { status: 500, body: serde_json::Value::Null, headers: [].into() }
}

/// Returns a world that was disconnected while OpenAI could not be reached.
async fn with_pending_revocation() -> (World, Account) {
    let world = World::new().await;
    let account = world.sign_in("ada").await;
    world.sandbox.push_fault(REVOKE, down());
    assert_eq!(world.revocation.disconnect(account.id()).await.unwrap(), RevocationStatus::Pending);
    (world, account)
}

#[tokio::test]
async fn disconnect_deletes_and_revokes_sign_in() {
    let world = World::new().await;
    let account = world.sign_in("ada").await;
    assert_eq!(world.revocation.disconnect(account.id()).await.unwrap(), RevocationStatus::Confirmed);
    let summary = world.summary();
    assert!(
        summary.sign_ins.is_empty() && summary.pending_revocations.is_empty() && summary.active.is_none()
    );
    let sent = &world.sandbox.requests(REVOKE)[0];
    let mut fields: Vec<&String> = sent.body.as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(fields, ["client_id", "token", "token_type_hint"]);
    assert_eq!(sent.body["token_type_hint"], "refresh_token");
    // Nothing is left to revoke.
    assert_eq!(world.revocation.disconnect(account.id()).await.unwrap(), RevocationStatus::NotNeeded);
    assert_eq!(world.sandbox.count(REVOKE), 1);
}

#[tokio::test]
async fn disconnect_when_signed_out_creates_nothing() {
    let world = World::new().await;
    let nobody = usher_domain::AccountId("user:account".into());
    assert_eq!(world.revocation.disconnect(nobody).await.unwrap(), RevocationStatus::NotNeeded);
    world.revocation.forget("1").await.unwrap();
    let names: Vec<_> =
        std::fs::read_dir(world.home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["usher.lock"], "no store and no key");
}

#[tokio::test]
async fn disconnect_is_visible_to_other_process_at_once() {
    let world = World::new().await;
    let account = world.sign_in("ada").await;
    let other = world.another_store();
    let source = world.source_of(other.clone(), &account);
    token(&source).await.unwrap();
    let before = other.file_version();
    world.revocation.disconnect(account.id()).await.unwrap();
    assert_ne!(other.file_version(), before, "a process that watches the file sees a change");
    assert!(token(&source).await.is_err());
}

#[tokio::test]
async fn disconnect_deletes_locally_before_revoking() {
    let world = World::new().await;
    let account = world.sign_in("ada").await;
    world.sandbox.push_fault(REVOKE, Fault::Delay { ms: 500 });
    let revocation = world.revocation.clone();
    let disconnecting = tokio::spawn(async move { revocation.disconnect(account.id()).await });
    world.sandbox.wait_for(REVOKE, 1, LONG).await.unwrap();
    assert!(!disconnecting.is_finished(), "not yet confirmed");
    let summary = world.summary();
    assert!(summary.sign_ins.is_empty(), "erased");
    assert_eq!(summary.pending_revocations.len(), 1, "and noted, so that a crash now would not forget it");
    assert_eq!(disconnecting.await.unwrap().unwrap(), RevocationStatus::Confirmed);
    assert!(world.summary().pending_revocations.is_empty());
}

#[tokio::test]
async fn revocation_that_failed_is_pending_and_retried() {
    let (world, account) = with_pending_revocation().await;
    let pending = world.revocation.list_pending().await.unwrap();
    assert_eq!(pending.len(), 1);
    assert_eq!(pending[0].email, account.email);
    assert_eq!(pending[0].gives_up_at.since(pending[0].since), 7 * DAY);
    assert!(world.summary().sign_ins.is_empty(), "erased all the same");
    // Not before it is due …
    world.revocation.process_pending().await.unwrap();
    assert_eq!(world.sandbox.count(REVOKE), 1);
    // … but then, and by any process.
    world.clock.forward(61);
    let (http, store) = (world.http.clone(), world.another_store());
    let other = Revocation::new(world.provider.clone(), http, store, world.clock.clone());
    other.process_pending().await.unwrap();
    assert_eq!(world.sandbox.count(REVOKE), 2);
    assert!(world.revocation.list_pending().await.unwrap().is_empty());
    let sent = world.sandbox.requests(REVOKE);
    assert_eq!(sent[0].body["token"], sent[1].body["token"]);
}

/// Starts Usher as another process would.
async fn start(world: &World) {
    let (http, store) = (world.http.clone(), world.another_store());
    let started = Revocation::new(world.provider.clone(), http, store, world.clock.clone());
    started.process_pending_at_start().await.unwrap();
}

#[tokio::test]
async fn revocation_pending_is_retried_at_next_start() {
    let (world, _) = with_pending_revocation().await;
    world.clock.forward(11);
    world.revocation.process_pending().await.unwrap();
    assert_eq!(world.sandbox.count(REVOKE), 1, "a process that goes on waits for its minute");
    start(&world).await;
    assert_eq!(world.sandbox.count(REVOKE), 2);
    assert!(world.revocation.list_pending().await.unwrap().is_empty());
}

#[tokio::test]
async fn revocation_with_failing_server_backs_off_across_starts() {
    let (world, _) = with_pending_revocation().await;
    start(&world).await;
    assert_eq!(world.sandbox.count(REVOKE), 1, "the command that has just failed is no next start");
    world.sandbox.push_fault(REVOKE, down());
    world.clock.forward(11);
    start(&world).await;
    assert_eq!(world.sandbox.count(REVOKE), 2);
    world.clock.forward(100);
    start(&world).await;
    assert_eq!(world.sandbox.count(REVOKE), 2, "two minutes are not over");
    world.clock.forward(21);
    start(&world).await;
    assert_eq!(world.sandbox.count(REVOKE), 3);
}

#[tokio::test]
async fn revocation_with_clock_set_back_is_not_delayed() {
    let (world, _) = with_pending_revocation().await;
    world.clock.forward(-2 * DAY);
    world.revocation.process_pending().await.unwrap();
    assert_eq!(world.sandbox.count(REVOKE), 2);
}

#[tokio::test]
async fn revocation_backoff_grows() {
    let (world, _) = with_pending_revocation().await;
    world.sandbox.script(vec![Rule::always(REVOKE, down())]);
    let mut pauses = Vec::new();
    for _ in 0..12 {
        let pending = world.revocation.list_pending().await.unwrap().remove(0);
        pauses.push(pending.next_try.since(usher_domain::ports::Clock::now(&*world.clock)));
        world.clock.forward(pauses[pauses.len() - 1].max(0));
        world.revocation.process_pending().await.unwrap();
    }
    assert!((58..=60).contains(&pauses[0]), "{pauses:?}");
    assert!((118..=120).contains(&pauses[1]), "{pauses:?}");
    assert!((21_598..=21_600).contains(&pauses[11]), "six hours at most: {pauses:?}");
}

#[tokio::test]
async fn revocation_pending_can_be_retried_or_forgotten() {
    let (world, _) = with_pending_revocation().await;
    let pending = world.revocation.list_pending().await.unwrap().remove(0);
    world.sandbox.push_fault(REVOKE, down());
    assert_eq!(world.revocation.retry(&pending.id).await.unwrap(), RevocationStatus::Pending);
    world.revocation.forget(&pending.id).await.unwrap();
    assert!(world.revocation.list_pending().await.unwrap().is_empty());
    assert_eq!(world.revocation.retry(&pending.id).await.unwrap(), RevocationStatus::NotNeeded);
    assert_eq!(world.sandbox.count(REVOKE), 2);
}

#[tokio::test]
async fn revocation_after_seven_days_is_dropped() {
    let (world, _) = with_pending_revocation().await;
    world.clock.forward(7 * DAY - 60);
    world.sandbox.push_fault(REVOKE, down());
    world.revocation.process_pending().await.unwrap();
    assert_eq!(world.revocation.list_pending().await.unwrap().len(), 1);
    world.clock.forward(120);
    world.revocation.process_pending().await.unwrap();
    assert!(world.revocation.list_pending().await.unwrap().is_empty());
    assert_eq!(world.sandbox.count(REVOKE), 2, "given up without another try");
}

#[tokio::test]
async fn revocations_pending_have_unique_ids() {
    let world = World::new().await;
    let people = ["ada", "pia", "eve"];
    world.sandbox.script(vec![Rule::always(REVOKE, down())]);
    for person in people {
        let account = world.sign_in(person).await;
        world.revocation.disconnect(account.id()).await.unwrap();
        // The first is retried meanwhile, so that the list is short when the next one is enqueued.
        if person == "pia" {
            let first = world.revocation.list_pending().await.unwrap().remove(0);
            world.sandbox.reset();
            assert_eq!(world.revocation.retry(&first.id).await.unwrap(), RevocationStatus::Confirmed);
            world.sandbox.script(vec![Rule::always(REVOKE, down())]);
        }
    }
    let pending = world.revocation.list_pending().await.unwrap();
    let emails: Vec<_> = pending.iter().filter_map(|one| one.email.as_deref()).collect();
    assert_eq!(emails, ["pia@example.com", "eve@example.com"]);
    assert_ne!(pending[0].id, pending[1].id);
    world.sandbox.reset();
    assert_eq!(world.revocation.retry(&pending[1].id).await.unwrap(), RevocationStatus::Confirmed);
    assert_eq!(world.revocation.list_pending().await.unwrap()[0].email.as_deref(), Some("pia@example.com"));
}

#[tokio::test]
async fn revocation_without_server_is_pending_at_once() {
    let world = World::new().await;
    let account = world.sign_in("ada").await;
    let World { sandbox, revocation, .. } = world;
    drop(sandbox);
    assert_eq!(revocation.disconnect(account.id()).await.unwrap(), RevocationStatus::Pending);
    assert_eq!(revocation.list_pending().await.unwrap().len(), 1);
}

#[tokio::test]
async fn revocation_without_response_times_out_after_ten_seconds() {
    let world = World::new().await;
    let account = world.sign_in("ada").await;
    world.sandbox.push_fault(REVOKE, Fault::Hang);
    let asked = tokio::time::timeout(Duration::from_secs(20), world.revocation.disconnect(account.id()));
    assert_eq!(asked.await.expect("ten seconds and a little").unwrap(), RevocationStatus::Pending);
    assert!(world.summary().sign_ins.is_empty());
}
