//! What must not lose a sign-in: a full disk, an older copy.

use std::process::Command;
use std::time::Duration;

use usher_domain::ErrorCode;

use crate::support::{BROWSER, LIFE, World, file_store, run_test_in_process, token};

const INSIDE: &str = "USHER_TEST_DISK";

/// Runs the ignored test `name` where it may mount a disk of its own. Not everywhere may a user do that.
fn on_own_disk(name: &str) {
    let through = ["unshare", "--user", "--map-root-user", "--mount", "--"];
    let allowed = Command::new(through[0]).args(&through[1..]).arg("true").output();
    if !allowed.is_ok_and(|done| done.status.success()) {
        println!("not run: no namespace of its own");
        return;
    }
    let done = run_test_in_process(&through, name).env(INSIDE, "1").output().unwrap();
    let output = String::from_utf8_lossy(&done.stdout);
    assert!(
        done.status.success() && output.contains("1 passed"),
        "{output}\n{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// Mounts a disk of `size` at the home of a world.
async fn world_on_disk(size: &str) -> Option<World> {
    std::env::var_os(INSIDE)?;
    let home = tempfile::tempdir().unwrap();
    let mount = ["-t", "tmpfs", "-o", &format!("mode=700,size={size}"), "tmpfs"];
    let mounted = Command::new("mount").args(mount).arg(home.path()).status().unwrap();
    assert!(mounted.success());
    Some(World::with(file_store(), home).await)
}

#[test]
fn refresh_on_a_full_disk_is_not_sent() {
    on_own_disk("store::loss::full_disk_inside");
}

#[tokio::test]
#[ignore = "run on a disk of its own"]
async fn full_disk_inside() {
    let Some(world) = world_on_disk("2m").await else { return };
    let account = world.sign_in("ada").await;
    world.forward(LIFE + 60);
    let ballast = world.home.path().join("ballast");
    // Full to the last byte, and with some room, which is too little for what OpenAI may respond.
    for left in [0, 64 * 1024] {
        let mut size = 2 * 1024 * 1024;
        std::fs::remove_file(&ballast).unwrap_or_default();
        while std::fs::write(&ballast, vec![0; size]).is_err() {
            size -= 4096;
        }
        std::fs::write(&ballast, vec![0; size - left]).unwrap();
        let failure = token(&world.source(&account)).await.err().unwrap();
        assert_eq!(failure.code, ErrorCode::StoreUnavailable, "{failure}");
        assert!(failure.cause.contains("free some disk space"), "{failure}");
        assert_eq!(world.refreshes(), 0, "the refresh token is still good");
    }
    let refused = world.start(BROWSER).await.ended().await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::StoreUnavailable, "and nobody is asked to sign in");
    std::fs::remove_file(&ballast).unwrap();
    token(&world.source(&account)).await.unwrap();
    assert_eq!(world.refreshes(), 1);
    let left = std::fs::read_dir(world.home.path()).unwrap().flatten();
    let rooms = left.filter(|entry| entry.file_name().to_string_lossy().contains(".room-"));
    assert_eq!(rooms.count(), 0);
}

#[test]
fn sign_in_where_nothing_can_be_written_does_not_begin() {
    on_own_disk("store::loss::read_only_inside");
}

#[tokio::test]
#[ignore = "run on a disk of its own"]
async fn read_only_inside() {
    let Some(world) = world_on_disk("2m").await else { return };
    let remounted = Command::new("mount").args(["-o", "remount,ro"]).arg(world.home.path()).status().unwrap();
    assert!(remounted.success());
    let refused = world.start(BROWSER).await.ended().await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::StoreUnavailable);
    assert!(refused.cause.contains("nothing can be saved there"), "{refused}");
    assert!(world.sandbox.all_requests().is_empty());
}

#[test]
fn room_of_a_killed_process_is_removed_by_the_next_refresh() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let world = World::new().await;
        let account = world.signed_in_with_left(60).await;
        let left = world.home.path().join(".secrets.usher.room-4711-0");
        std::fs::write(&left, "room").unwrap();
        token(&world.source(&account)).await.unwrap();
        assert!(!left.exists());
    });
}

#[tokio::test]
async fn key_file_that_was_lost_meanwhile_is_written_back() {
    let world = World::new().await;
    world.sign_in("ada").await;
    let file = world.home.path().join("secrets.key");
    let key = std::fs::read(&file).unwrap();
    assert_eq!(world.store.lost_key_file().unwrap(), None);
    let guard = world.store.lock().acquire(Duration::from_secs(10)).await.unwrap();
    assert_eq!(world.store.write_key_back(&guard).unwrap(), None, "nothing is wrong");
    let other = [b"A".repeat(43), b"no key".to_vec(), Vec::new()];
    for content in other {
        std::fs::write(&file, &content).unwrap();
        assert_eq!(world.store.lost_key_file().unwrap(), Some(file.clone()));
        assert!(world.another_store().lost_key_file().is_err(), "a process without the key cannot know");
        let kept = world.store.write_key_back(&guard).unwrap().unwrap();
        assert_eq!((std::fs::read(&kept).unwrap(), std::fs::read(&file).unwrap()), (content, key.clone()));
        std::fs::remove_file(kept).unwrap();
    }
    std::fs::remove_file(&file).unwrap();
    assert_eq!(world.store.write_key_back(&guard).unwrap(), None);
    assert_eq!(std::fs::read(&file).unwrap(), key);
    assert_eq!(world.another_store().lost_key_file().unwrap(), None);
}

#[tokio::test]
async fn older_copy_of_the_store_is_reported_until_it_is_accepted() {
    let world = World::new().await;
    let (ada, path) = (world.sign_in("ada").await, world.home.path().join("secrets.usher"));
    let old = std::fs::read(&path).unwrap();
    assert!(!world.store.is_older_copy().unwrap());
    world.revocation.disconnect(ada.id()).await.unwrap();
    assert!(!world.store.is_older_copy().unwrap());
    std::fs::write(&path, old).unwrap();
    for store in [&world.store, &world.another_store()] {
        assert!(store.is_older_copy().unwrap());
    }
    assert_eq!(world.summary().sign_ins.len(), 1, "the account is back");
    // A write in between does not hide it.
    world.sign_in("pia").await;
    assert!(world.store.is_older_copy().unwrap());
    let guard = world.store.lock().acquire(Duration::from_secs(10)).await.unwrap();
    world.store.accept_older_copy(&guard).unwrap();
    drop(guard);
    assert!(!world.store.is_older_copy().unwrap());
}
