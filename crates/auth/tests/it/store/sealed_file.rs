//! The sealed file: its permissions, how it is written, and what happens to one that cannot be opened.

use std::path::{Path, PathBuf};
use std::process::Command;

use usher_auth::{KeyLocation, KeyStorage, StoreConfig, VaultSummary};
use usher_domain::{Account, ErrorCode, Failure};

use crate::support::{LONG, World, file_store, run_test_in_process, token};

fn file(world: &World) -> PathBuf {
    world.home.path().join("secrets.usher")
}

#[cfg(unix)]
fn assert_private(home: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(home), 0o700);
    for name in names(home) {
        assert_eq!(mode(&home.join(&name)), 0o600, "{name}");
    }
}

fn names(home: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(home).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn with_passphrase(passphrase: &str) -> StoreConfig {
    StoreConfig { storage: KeyStorage::File, passphrase: Some(passphrase.to_owned().into()) }
}

/// Reads with `mode`. With a passphrase this takes seconds, because the key derivation is not optimized in this build.
fn read(world: &World, mode: StoreConfig) -> Result<VaultSummary, Failure> {
    VaultSummary::read(&world.store_of(mode))
}

/// Returns a copy of a home that is signed in, so that nothing of the sign-in still uses it.
async fn signed_in() -> (World, Account) {
    let first = World::new().await;
    let account = first.sign_in("ada").await;
    let copy = tempfile::tempdir().unwrap();
    for name in ["secrets.usher", "secrets.key"] {
        std::fs::copy(first.home.path().join(name), copy.path().join(name)).unwrap();
    }
    (World::with(file_store(), copy).await, account)
}

#[tokio::test]
async fn store_files_are_private_and_encrypted() {
    let home = tempfile::tempdir().unwrap();
    std::fs::remove_dir(home.path()).unwrap();
    let world = World::with(file_store(), home).await;
    let account = world.sign_in("ada").await;
    assert_eq!(names(world.home.path()), ["secrets.key", "secrets.revision", "secrets.usher", "usher.lock"]);
    #[cfg(unix)]
    assert_private(world.home.path());
    let given = token(&world.source(&account)).await.unwrap();
    let sealed = String::from_utf8(std::fs::read(file(&world)).unwrap()).unwrap();
    for secret in [given.bearer.expose(), "ada@example.com", "rt_sandbox_", &account.account_id] {
        assert!(!sealed.contains(secret));
    }
}

/// Ways to damage a file that a key opens.
fn damaged(good: &[u8]) -> Vec<Vec<u8>> {
    let mut flipped = good.to_vec();
    let at = flipped.len() - 40;
    flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
    let zeros = [good, &[0; 64]].concat();
    let half = good[..good.len() / 2].to_vec();
    vec![vec![], b"hello".to_vec(), b"{\"not\":\"ours\"}".to_vec(), half, flipped, zeros, vec![0xff; 64]]
}

#[tokio::test]
async fn store_damaged_is_reported_and_left_in_place_until_it_is_set_aside() {
    let (world, account) = signed_in().await;
    let good = std::fs::read(file(&world)).unwrap();
    for (count, bytes) in damaged(&good).into_iter().enumerate() {
        std::fs::write(file(&world), &bytes).unwrap();
        let store = world.another_store();
        // Every look says the same, a change too.
        for _ in 0..2 {
            let failure = VaultSummary::read(&store).unwrap_err();
            assert_eq!(failure.code, ErrorCode::StoreCorrupt, "{count}");
            assert!(failure.cause.contains(&file(&world).display().to_string()), "{failure}");
            world.revocation.disconnect(account.id()).await.unwrap_err();
        }
        let refused = world.start(crate::support::BROWSER).await.ended().await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::StoreCorrupt, "a sign-in begins only after a yes");
        assert_eq!(std::fs::read(file(&world)).unwrap(), bytes, "nothing was moved");
        assert_eq!(store.unreadable().unwrap().unwrap().files, [file(&world)]);

        let guard = store.lock().acquire(LONG).await.unwrap();
        let kept = store.set_unreadable_aside(&guard).unwrap();
        drop(guard);
        assert_eq!(std::fs::read(&kept[0]).unwrap(), bytes);
        assert!(store.newest_damaged_file().is_some() && !file(&world).exists());
        assert!(VaultSummary::read(&store).unwrap().sign_ins.is_empty());
    }
    let kept = names(world.home.path()).iter().filter(|name| name.contains(".damaged-")).count();
    assert_eq!(kept, 7, "each under a name of its own");
    world.sign_in("ada").await;
}

#[tokio::test]
async fn store_that_can_be_read_is_never_set_aside() {
    let (world, _) = signed_in().await;
    let before = names(world.home.path());
    let guard = world.store.lock().acquire(LONG).await.unwrap();
    assert!(world.store.unreadable().unwrap().is_none());
    assert!(world.store.set_unreadable_aside(&guard).unwrap().is_empty());
    std::fs::write(file(&world), br#"{"usher_secrets":9,"what":"ever"}"#).unwrap();
    world.another_store().set_unreadable_aside(&guard).unwrap_err();
    assert_eq!(names(world.home.path()).len(), before.len().max(3));
}

/// A sound file must not be called damaged because the key beside it is.
#[tokio::test]
async fn key_file_changed_in_any_way_leaves_the_store_in_place() {
    let (world, _) = signed_in().await;
    let key = world.home.path().join("secrets.key");
    let (good, sealed) = (std::fs::read(&key).unwrap(), std::fs::read(file(&world)).unwrap());
    let flips = (0..good.len()).map(|at| {
        let mut changed = good.clone();
        changed[at] ^= 1;
        changed
    });
    let cuts = (0..good.len()).map(|end| good[..end].to_vec());
    let mut refused = 0;
    for changed in flips.chain(cuts) {
        std::fs::write(&key, &changed).unwrap();
        match read(&world, file_store()) {
            // The last character has bits that a decoder may ignore.
            Ok(summary) => assert_eq!(summary.sign_ins.len(), 1),
            Err(failure) => {
                assert_eq!(failure.code, ErrorCode::StoreUnavailable, "{failure}");
                assert!(failure.cause.contains("secrets.key"), "{failure}");
                refused += 1;
            }
        }
        assert_eq!(std::fs::read(file(&world)).unwrap(), sealed);
        assert_eq!(std::fs::read(&key).unwrap(), changed);
    }
    assert!(refused > good.len(), "{refused}");
    assert_eq!(world.store.newest_damaged_file(), None);
    std::fs::write(&key, &good).unwrap();
    assert_eq!(read(&world, file_store()).unwrap().sign_ins.len(), 1, "once it is put back");
}

#[tokio::test]
async fn key_file_without_a_key_is_set_aside_with_the_store() {
    let (world, _) = signed_in().await;
    let key = world.home.path().join("secrets.key");
    std::fs::write(&key, "no key").unwrap();
    let store = world.another_store();
    let guard = store.lock().acquire(LONG).await.unwrap();
    assert_eq!(store.set_unreadable_aside(&guard).unwrap().len(), 2);
    drop(guard);
    world.sign_in("pia").await;
    assert_eq!(world.summary().sign_ins.len(), 1);
}

#[tokio::test]
async fn store_whose_header_asks_for_years_of_work_is_refused_at_once() {
    let world = World::with(with_passphrase("correct horse"), tempfile::tempdir().unwrap()).await;
    world.sign_in("ada").await;
    let sealed = String::from_utf8(std::fs::read(file(&world)).unwrap()).unwrap();
    for (from, to) in [
        ("\"passes\":3", "\"passes\":4294967295"),
        ("\"passes\":3", "\"passes\":0"),
        ("\"memory\":65536", "\"memory\":4294967295"),
        ("\"memory\":65536", "\"memory\":1"),
        ("\"lanes\":4", "\"lanes\":16777215"),
    ] {
        assert!(sealed.contains(from), "{sealed}");
        std::fs::write(file(&world), sealed.replace(from, to)).unwrap();
        let began = std::time::Instant::now();
        let failure = read(&world, with_passphrase("correct horse")).unwrap_err();
        assert_eq!(failure.code, ErrorCode::StoreCorrupt, "{to}: {failure}");
        assert!(began.elapsed() < LONG / 4, "{to}: {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn store_of_newer_version_is_not_changed() {
    let (world, _) = signed_in().await;
    let newer = br#"{"usher_secrets":9,"what":"ever"}"#;
    std::fs::write(file(&world), newer).unwrap();
    let failure = read(&world, file_store()).unwrap_err();
    assert_eq!(failure.code, ErrorCode::StoreUnavailable);
    assert!(failure.cause.contains("newer"), "{failure}");
    let refused = world.start(crate::support::BROWSER).await.ended().await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::StoreUnavailable, "nor does a sign-in touch it");
    assert_eq!(std::fs::read(file(&world)).unwrap(), newer);
}

#[tokio::test]
async fn store_with_lost_key_is_set_aside_by_an_explicit_act_only() {
    let (world, _) = signed_in().await;
    let sealed = std::fs::read(file(&world)).unwrap();
    std::fs::remove_file(world.home.path().join("secrets.key")).unwrap();
    let failure = read(&world, file_store()).unwrap_err();
    assert_eq!(failure.code, ErrorCode::StoreUnavailable);
    assert!(failure.cause.contains("secrets.key is missing"), "{failure}");
    let refused = world.start(crate::support::BROWSER).await.ended().await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::StoreUnavailable);
    assert_eq!(std::fs::read(file(&world)).unwrap(), sealed, "neither changes anything");
    let store = world.another_store();
    let guard = store.lock().acquire(LONG).await.unwrap();
    let kept = store.set_unreadable_aside(&guard).unwrap();
    drop(guard);
    world.sign_in("pia").await;
    assert_eq!(world.summary().sign_ins.len(), 1);
    assert_eq!(std::fs::read(&kept[0]).unwrap(), sealed);
}

#[tokio::test]
async fn store_with_other_key_does_not_open_and_is_not_called_damaged() {
    let (world, _) = signed_in().await;
    let (other, _) = signed_in().await;
    std::fs::copy(other.home.path().join("secrets.key"), world.home.path().join("secrets.key")).unwrap();
    let failure = read(&world, file_store()).unwrap_err();
    assert_eq!(failure.code, ErrorCode::StoreUnavailable);
    assert!(failure.cause.contains("secrets.key is not the one that opens"), "{failure}");
    assert_eq!(world.store.newest_damaged_file(), None);
}

#[tokio::test]
async fn store_requested_as_other_kind_is_not_opened_or_replaced() {
    let (world, _) = signed_in().await;
    let before = names(world.home.path());
    let keyring = || StoreConfig { storage: KeyStorage::Keyring, passphrase: None };
    let failure = read(&world, keyring()).unwrap_err();
    assert_eq!(failure.code, ErrorCode::StoreUnavailable);
    assert!(failure.cause.contains("USHER_SECRETS=keyring"), "{failure}");
    let auto = StoreConfig { storage: KeyStorage::Auto, passphrase: None };
    assert_eq!(read(&world, auto).unwrap().sign_ins.len(), 1, "auto opens what is there");
    assert_eq!(names(world.home.path()), before);
    assert_eq!(world.store_of(keyring()).key_location().unwrap(), KeyLocation::KeyFile);
}

#[tokio::test]
async fn store_opens_with_its_passphrase_only() {
    let world = World::with(with_passphrase("correct horse"), tempfile::tempdir().unwrap()).await;
    world.sign_in("ada").await;
    assert_eq!(
        names(world.home.path()),
        ["secrets.revision", "secrets.usher", "usher.lock"],
        "no key lies about"
    );
    assert_eq!(world.store.key_location().unwrap(), KeyLocation::Passphrase);
    let sealed = std::fs::read(file(&world)).unwrap();
    assert!(String::from_utf8_lossy(&sealed).contains("\"memory\":65536"));
    assert_eq!(read(&world, with_passphrase("correct horse")).unwrap().sign_ins.len(), 1);
    for (mode, word) in [(with_passphrase("wrong"), "USHER_PASSPHRASE"), (file_store(), "USHER_PASSPHRASE")] {
        let failure = read(&world, mode).unwrap_err();
        assert_eq!(failure.code, ErrorCode::PassphraseNeeded);
        assert!(failure.cause.contains(word), "{failure}");
    }
    assert_eq!(std::fs::read(file(&world)).unwrap(), sealed, "a wrong passphrase changes nothing");
}

#[tokio::test]
async fn temporary_files_of_killed_process_are_removed() {
    let (world, account) = signed_in().await;
    let left =
        [".secrets.usher.tmp-4711-0", ".secrets.key.tmp-4711-0"].map(|name| world.home.path().join(name));
    for left in &left {
        std::fs::write(left, "half").unwrap();
    }
    assert_eq!(read(&world, file_store()).unwrap().sign_ins.len(), 1, "they do not disturb a reader");
    world.revocation.disconnect(account.id()).await.unwrap();
    assert_eq!(left.map(|left| left.exists()), [false; 2]);
}

/// Run under strace by the next test.
#[tokio::test]
#[ignore = "a sign-in whose system calls are watched"]
async fn traced_sign_in() {
    World::new().await.sign_in("ada").await;
}

/// After a crash at any point the file is the old one or the new one, and after a return it is the new one.
#[test]
fn store_write_syncs_file_renames_and_syncs_folder() {
    if Command::new("strace").arg("-V").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "strace is needed here");
        println!("not run: there is no strace");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let calls = "-e trace=openat,write,fsync,fdatasync,rename,renameat,renameat2";
    let mut through = vec!["strace", "-f", "-y", "-qq"];
    through.extend(calls.split(' '));
    through.extend(["-o", trace.to_str().unwrap()]);
    let done = run_test_in_process(&through, "store::sealed_file::traced_sign_in").output().unwrap();
    assert!(done.status.success(), "{done:?}");
    let trace = std::fs::read_to_string(&trace).unwrap();
    let steps: Vec<&str> = trace.lines().filter_map(step).collect();
    // The key's file first, then the records, each in the same order.
    let once = ["open beside", "write", "fsync", "rename", "fsync folder"];
    assert_eq!(steps, [once, once].concat(), "{trace}");
}

/// Returns the step of a write that a line of the trace shows.
fn step(line: &str) -> Option<&'static str> {
    // Whether a sign-in could be saved is tried before, and the number of the write is saved after it.
    if line.contains(".room-") || line.contains("secrets.revision") {
        return None;
    }
    let beside = line.contains(".secrets.usher.tmp-") || line.contains(".secrets.key.tmp-");
    let call = line.split_whitespace().nth(1)?.split('(').next()?;
    match (call, beside) {
        ("openat", true) => Some("open beside"),
        ("write", true) => Some("write"),
        ("fsync" | "fdatasync", true) => Some("fsync"),
        ("rename" | "renameat" | "renameat2", true) => Some("rename"),
        ("fsync" | "fdatasync", false) => Some("fsync folder"),
        _ => None,
    }
}
