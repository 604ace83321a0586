//! A full disk before and during a refresh of plan usage.

use std::sync::Arc;

use usher_domain::ErrorCode;
use usher_sandbox::Fault;

use super::MINUTE;
use crate::support::small_disk::{SmallDisk, has_leftovers};
use crate::support::{LONG, World, file_store, token};

const REFRESH: &str = "plan.token.refresh_token";

#[tokio::test]
async fn refresh_with_full_disk_sends_nothing() {
    let Some(disk) = SmallDisk::mount() else { return };
    let world = World::with(file_store(), disk.home()).await;
    let account = world.sign_in_with_plan("ada").await;
    let source = world.source(&account);
    world.forward(56 * MINUTE);
    disk.fill();
    token(&source).await.expect("the old token still works for minutes");
    world.forward(5 * MINUTE);
    assert_eq!(token(&source).await.err().unwrap().code, ErrorCode::StoreUnavailable);
    assert_eq!(world.plan_refreshes(), 0);
    disk.empty();
    world.forward(10);
    token(&source).await.expect("with space it renews");
    assert_eq!(world.plan_refreshes(), 1);
}

/// The new tokens have their room. That their identity is verified is saved a second time.
#[tokio::test]
async fn refreshed_tokens_are_saved_although_the_disk_fills_up_meanwhile() {
    let Some(disk) = SmallDisk::mount() else { return };
    let world = World::with(file_store(), disk.home()).await;
    let account = world.sign_in_with_plan("ada").await;
    let source = Arc::new(world.source(&account));
    let old = token(&source).await.unwrap();
    world.forward(61 * MINUTE);
    world.sandbox.push_fault(REFRESH, Fault::Delay { ms: 300 });
    let caller = {
        let source = source.clone();
        tokio::spawn(async move { token(&source).await })
    };
    world.sandbox.wait_for(REFRESH, 1, LONG).await.unwrap();
    disk.fill();
    let new = caller.await.unwrap().unwrap();
    assert!(!new.bearer.matches(&old.bearer));
    let other = world.source_of(world.another_store(), &account);
    assert!(token(&other).await.unwrap().bearer.matches(&new.bearer), "another process has it too");
    disk.empty();
    world.forward(56 * MINUTE);
    token(&other).await.expect("the refresh token was kept with it");
    assert_eq!(world.plan_refreshes(), 2);
    assert!(!has_leftovers(world.home.path()));
}
