//! The key of the store is moved on a full disk, beside readers, and after a move that was interrupted.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use usher_auth::{KeyLocation, KeyMove, KeyStorage, KeyTarget, Store, StoreConfig, VaultSummary};
use usher_domain::{ErrorCode, Failure, Passphrase};

use crate::support::small_disk::{SmallDisk, has_leftovers};
use crate::support::{World, file_store};

const PASSPHRASE: &str = "correct horse";

fn by_passphrase() -> KeyTarget {
    KeyTarget::Passphrase(Passphrase::new(PASSPHRASE))
}

fn with_passphrase() -> StoreConfig {
    StoreConfig { storage: KeyStorage::Auto, passphrase: Some(PASSPHRASE.to_owned().into()) }
}

fn move_key(store: &Store, target: &KeyTarget) -> Result<KeyMove, Failure> {
    let guard = store.lock().acquire_blocking(Duration::from_secs(60)).unwrap();
    store.move_key(&guard, target)
}

fn files(home: &Path) -> [Option<Vec<u8>>; 2] {
    ["secrets.usher", "secrets.key"].map(|name| std::fs::read(home.join(name)).ok())
}

#[tokio::test]
async fn move_on_a_full_disk_changes_nothing() {
    let Some(disk) = SmallDisk::mount() else { return };
    let world = World::with(file_store(), disk.home()).await;
    world.sign_in("ada").await;
    let before = files(world.home.path());
    disk.fill();
    let refused = move_key(&world.store, &by_passphrase()).unwrap_err();
    assert_eq!(refused.code, ErrorCode::StoreUnavailable);
    assert!(refused.cause.contains("free some disk space"), "{refused}");
    assert_eq!(files(world.home.path()), before);
    disk.empty();
    move_key(&world.store, &by_passphrase()).unwrap();

    // Back, with room for the key alone: it is withdrawn.
    let before = files(world.home.path());
    disk.fill();
    disk.free_one_block();
    let store = world.store_of(with_passphrase());
    let refused = move_key(&store, &KeyTarget::KeyFile).unwrap_err();
    assert!(refused.cause.contains("secrets.usher"), "{refused}");
    assert_eq!(files(world.home.path()), before);
    assert!(!has_leftovers(world.home.path()));
    disk.empty();
    move_key(&store, &KeyTarget::KeyFile).unwrap();
    assert_eq!(world.summary().sign_ins.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reader_without_a_lock_is_never_refused_while_the_key_is_moved() {
    let world = World::new().await;
    world.sign_in("ada").await;
    let (reader, is_over) = (world.store_of(with_passphrase()), Arc::new(AtomicBool::new(false)));
    let ends = Arc::clone(&is_over);
    let reading = std::thread::spawn(move || {
        let mut reads = 0;
        while !ends.load(Ordering::Acquire) {
            assert_eq!(VaultSummary::read(&reader).unwrap().sign_ins.len(), 1);
            assert!(reader.unreadable().unwrap().is_none() && reader.lost_key_file().unwrap().is_none());
            reads += 1;
        }
        reads
    });
    for target in [by_passphrase(), KeyTarget::KeyFile, by_passphrase(), KeyTarget::KeyFile] {
        move_key(&world.store, &target).unwrap();
    }
    is_over.store(true, Ordering::Release);
    assert!(reading.join().expect("no read failed") > 4);
}

/// A process that was ended after it had saved the new key, and one that was ended before it removed the old one.
#[tokio::test]
async fn keys_of_an_interrupted_move_open_the_store_and_are_removed() {
    let world = World::new().await;
    world.sign_in("ada").await;
    let [_, key] = files(world.home.path());
    move_key(&world.store, &by_passphrase()).unwrap();
    std::fs::write(world.home.path().join("secrets.key"), key.as_ref().unwrap()).unwrap();
    assert_eq!(world.summary_of(with_passphrase()).sign_ins.len(), 1, "the key that lies there is not asked");
    let store = world.store_of(with_passphrase());
    let done = move_key(&store, &KeyTarget::KeyFile).unwrap();
    assert_eq!((done.from, done.is_moved), (Some(KeyLocation::Passphrase), true));
    assert_eq!(world.summary().sign_ins.len(), 1);
    move_key(&store, &by_passphrase()).unwrap();

    // What lies there is no key, and may be the person's own.
    std::fs::write(world.home.path().join("secrets.key"), "notes").unwrap();
    let refused = move_key(&store, &KeyTarget::KeyFile).unwrap_err();
    assert!(refused.cause.contains("secrets.key") && refused.cause.contains("holds no key"), "{refused}");
    assert_eq!(world.summary_of(with_passphrase()).sign_ins.len(), 1);
    assert_eq!(std::fs::read(world.home.path().join("secrets.key")).unwrap(), b"notes");
}

/// A process that was ended while it wrote the key. What it left may be a key in plain text.
#[tokio::test]
async fn move_removes_a_key_that_was_half_written() {
    let world = World::new().await;
    world.sign_in("ada").await;
    let store = world.store_of(with_passphrase());
    let left = world.home.path().join(".secrets.key.tmp-4711-0");
    for (target, is_moved) in
        [(by_passphrase(), true), (KeyTarget::KeyFile, true), (KeyTarget::KeyFile, false)]
    {
        std::fs::write(&left, "half").unwrap();
        assert_eq!(move_key(&store, &target).unwrap().is_moved, is_moved);
        assert!(!left.exists());
    }
}

#[tokio::test]
async fn store_of_another_process_needs_the_new_passphrase() {
    let world = World::new().await;
    world.sign_in("ada").await;
    let other = world.another_store();
    assert_eq!(VaultSummary::read(&other).unwrap().sign_ins.len(), 1);
    move_key(&world.store, &by_passphrase()).unwrap();
    assert_eq!(VaultSummary::read(&world.store).unwrap().sign_ins.len(), 1, "the one that moved goes on");
    assert_eq!(VaultSummary::read(&other).unwrap_err().code, ErrorCode::PassphraseNeeded);
    let wrong = other.unlock_with(&Passphrase::new("incorrect")).unwrap_err();
    assert_eq!(wrong.code, ErrorCode::PassphraseNeeded);
    other.unlock_with(&Passphrase::new(PASSPHRASE)).unwrap();
    assert_eq!(VaultSummary::read(&other).unwrap().sign_ins.len(), 1);
}
