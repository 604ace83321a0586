//! "Sign in again" returns with the same account, or asks before anything is saved.

use usher_auth::{FlowKind, OtherAccountDecision, SignInProgress};
use usher_domain::{Account, ErrorCode};
use usher_sandbox::browser::Browser;

use crate::support::{BROWSER, LONG, PendingSignIn, World};

const KINDS: [FlowKind; 3] = [BROWSER, FlowKind::Paste, FlowKind::Device];

/// Signs `person` in with `browser`, whatever the kind of the sign-in.
async fn enter(world: &World, pending: &mut PendingSignIn, kind: FlowKind, browser: &Browser, person: &str) {
    if kind == FlowKind::Device {
        browser.enter_device_code(world.sandbox.issuer(), &pending.url, person).await;
    } else {
        assert_eq!(pending.parameter("prompt"), "login", "the page lets the user choose");
        let landing = browser.approve(&pending.url, person).await;
        if kind == FlowKind::Paste {
            let (reply, result) = tokio::sync::oneshot::channel();
            pending.paste.send((landing.url.to_string(), reply)).await.unwrap();
            result.await.unwrap().unwrap();
        }
    }
    assert_eq!(pending.next().await, SignInProgress::Exchanging);
}

/// Starts a sign-in for Ada, who returns as Ada at work: the same e-mail, the same user, another workspace.
async fn as_other(world: &World, kind: FlowKind, ada: &Account) -> PendingSignIn {
    world.sandbox.change_settings(|settings| settings.device_interval_s = 0);
    let mut pending = world.start_again(kind, ada).await;
    enter(world, &mut pending, kind, &Browser::new(), "ada-work").await;
    let SignInProgress::OtherAccount { account, expected } = pending.next().await else {
        panic!("the user decides about another account")
    };
    assert_eq!((account.plan.0.as_str(), &expected), ("business", &ada.id()));
    assert_eq!(world.summary().sign_ins.len(), 1, "nothing is saved before");
    pending
}

#[tokio::test]
async fn again_as_same_account_asks_nothing() {
    let world = World::new().await;
    world.sandbox.change_settings(|settings| settings.device_interval_s = 0);
    let ada = world.sign_in("ada").await;
    for kind in KINDS {
        let browser = Browser::new();
        if kind != FlowKind::Device {
            // The browser remembers somebody else, whom the chooser lets the user leave. A device code has none.
            let bens = world.start(BROWSER).await;
            browser.approve(&bens.url, "ben").await;
            bens.ended().await.unwrap();
        }
        let mut pending = world.start_again(kind, &ada).await;
        enter(&world, &mut pending, kind, &browser, "ada").await;
        assert_eq!(pending.ended().await.unwrap().id(), ada.id(), "{kind:?}");
    }
}

#[tokio::test]
async fn again_as_other_account_declined_saves_nothing_and_revokes() {
    for kind in KINDS {
        let world = World::new().await;
        let ada = world.sign_in("ada").await;
        let before = world.summary();
        let pending = as_other(&world, kind, &ada).await;
        pending.decide.send(OtherAccountDecision::Decline).await.unwrap();
        assert_eq!(pending.ended().await.unwrap_err().code, ErrorCode::OtherAccount, "{kind:?}");
        assert_eq!(world.summary(), before, "{kind:?}");
        assert_eq!(world.sandbox.count("revoke"), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn again_as_other_account_added_keeps_the_first_in_use() {
    let world = World::new().await;
    let ada = world.sign_in("ada").await;
    let before = world.summary();
    let pending = as_other(&world, BROWSER, &ada).await;
    pending.decide.send(OtherAccountDecision::Add).await.unwrap();
    let work = pending.ended().await.unwrap();
    assert_eq!(work.name(), "Business");
    let after = world.summary();
    assert_eq!(after.sign_ins[0], before.sign_ins[0]);
    assert_eq!(after.sign_ins[1].account, work);
    assert_eq!(after.active, Some(ada.id()));
    assert_eq!(world.sandbox.count("revoke"), 0);
}

#[tokio::test]
async fn again_as_other_account_cancelled_revokes() {
    let world = World::new().await;
    let ada = world.sign_in("ada").await;
    let before = world.summary();
    as_other(&world, BROWSER, &ada).await.cancel().await;
    world.sandbox.wait_for("revoke", 1, LONG).await.expect("the new grant is ended");
    assert_eq!(world.summary(), before);
}

#[tokio::test]
async fn accounts_are_called_by_their_plans_with_a_number() {
    let world = World::new().await;
    for person in ["ada", "pia", "ada-work", "ben"] {
        world.sign_in(person).await;
    }
    let names: Vec<String> = world.summary().sign_ins.iter().map(|one| one.account.name()).collect();
    assert_eq!(names, ["Personal", "Personal 2", "Business", "Business 2"]);
}
