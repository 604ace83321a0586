//! The keyring of the operating system: none, one that was never unlocked, an open one, and a locked one.
//!
//! Each needs its own session bus, so each runs this test program in `dbus-run-session`, with a real gnome-keyring in a
//! home of its own.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use usher_auth::{KeyLocation, KeyStorage, StoreConfig, VaultSummary};
use usher_domain::ErrorCode;

use crate::support::{BROWSER, World, run_test_in_process, token};

/// A command waits no longer than this for a keyring (issue 2, no. 9).
pub(crate) const LIMIT: Duration = Duration::from_secs(5);
const INSIDE: &str = "USHER_TEST_KEYRING";

fn mode(storage: KeyStorage) -> StoreConfig {
    StoreConfig { storage, passphrase: None }
}

/// Runs the ignored test `name` on its own bus, unless the programs for it are missing.
pub(crate) fn on_own_bus(name: &str) {
    let missing = ["dbus-run-session", "gnome-keyring-daemon"].into_iter().find(|program| {
        Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err()
    });
    if let Some(program) = missing {
        assert!(std::env::var_os("CI").is_none(), "{program} is needed here");
        println!("not run: there is no {program}");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let mut run = run_test_in_process(&["dbus-run-session", "--"], name);
    for variable in ["HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"] {
        run.env(variable, home.path());
    }
    // Without a display nothing can prompt the user, so a call that would prompt must time out.
    run.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env(INSIDE, "1").stdin(Stdio::null());
    let done = run.output().unwrap();
    let output = String::from_utf8_lossy(&done.stdout);
    assert!(
        done.status.success() && output.contains("1 passed"),
        "{output}\n{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

pub(crate) fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// Starts the keyring, unlocked if there is a password.
pub(crate) fn start_keyring(password: Option<&str>) {
    let mut command = Command::new("gnome-keyring-daemon");
    command.arg("--components=secrets").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.arg(if password.is_some() { "--unlock" } else { "--start" });
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(password.unwrap_or_default().as_bytes()).unwrap();
    drop(input);
    assert!(child.wait().unwrap().success());
}

/// Locks every collection with the Secret Service's own method.
pub(crate) fn lock_keyring() {
    let done = Command::new("dbus-send")
        .args(["--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets"])
        .arg("org.freedesktop.Secret.Service.Lock")
        .arg("array:objpath:/org/freedesktop/secrets/collection/login")
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn is_empty(home: &Path) -> bool {
    !["secrets.usher", "secrets.key"].iter().any(|name| home.join(name).exists())
}

async fn world(storage: KeyStorage) -> World {
    World::with(mode(storage), tempfile::tempdir().unwrap()).await
}

#[test]
fn keyring_absent_uses_key_file() {
    on_own_bus("store::keyring::absent_inside");
}

#[tokio::test]
#[ignore = "run on a bus of its own"]
async fn absent_inside() {
    if !is_inside() {
        return;
    }
    // There is no service for secrets on this bus, and none can be started: the bus is absent.
    // `auto` uses a key file, which the location of the key shows.
    let gone = [("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")];
    let done = run_test_in_process(&[], "store::keyring::absent_without_bus")
        .envs(gone)
        .env(INSIDE, "1")
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
}

#[tokio::test]
#[ignore = "run without a bus"]
async fn absent_without_bus() {
    if !is_inside() {
        return;
    }
    let auto = world(KeyStorage::Auto).await;
    assert_eq!(auto.store.key_location().unwrap(), KeyLocation::KeyFile);
    auto.sign_in("ada").await;
    assert!(auto.home.path().join("secrets.key").exists());
    let only = world(KeyStorage::Keyring).await;
    assert_eq!(only.store.key_location().unwrap_err().code, ErrorCode::StoreUnavailable);
    let refused = only.start(BROWSER).await.ended().await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::StoreUnavailable);
    assert!(is_empty(only.home.path()));
}

#[test]
fn keyring_never_unlocked_is_reported_as_locked() {
    on_own_bus("store::keyring::never_unlocked_inside");
}

#[tokio::test]
#[ignore = "run on a bus of its own"]
async fn never_unlocked_inside() {
    if !is_inside() {
        return;
    }
    start_keyring(None);
    for wanted in [KeyStorage::Auto, KeyStorage::Keyring] {
        let world = world(wanted).await;
        let began = Instant::now();
        assert_eq!(world.store.key_location().unwrap_err().code, ErrorCode::StoreLocked, "{wanted:?}");
        assert!(began.elapsed() < LIMIT, "{:?}", began.elapsed());
        let refused = world.start(BROWSER).await.ended().await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::StoreLocked);
        assert!(world.sandbox.all_requests().is_empty(), "found before the person is asked");
        assert!(is_empty(world.home.path()), "nothing new is created");
    }
}

#[test]
fn keyring_locked_again_is_reported_and_can_be_unlocked() {
    on_own_bus("store::keyring::unlocked_inside");
}

#[tokio::test]
#[ignore = "run on a bus of its own"]
async fn unlocked_inside() {
    if !is_inside() {
        return;
    }
    start_keyring(Some("password"));
    let world = world(KeyStorage::Auto).await;
    assert_eq!(world.store.key_location().unwrap(), KeyLocation::Keyring);
    let account = world.sign_in("ada").await;
    assert!(!world.home.path().join("secrets.key").exists(), "the key lies in the keyring alone");
    let other = world.store_of(mode(KeyStorage::Keyring));
    assert_eq!(VaultSummary::read(&other).unwrap().sign_ins.len(), 1);
    world.forward(crate::support::LIFE - 60);
    token(&world.source_of(other, &account)).await.unwrap();
    assert_eq!(world.refreshes(), 1);
    let asked_for_file = VaultSummary::read(&world.store_of(mode(KeyStorage::File))).unwrap_err();
    assert_eq!(asked_for_file.code, ErrorCode::StoreUnavailable);

    lock_keyring();
    let sealed = std::fs::read(world.home.path().join("secrets.usher")).unwrap();
    for wanted in [KeyStorage::Auto, KeyStorage::Keyring] {
        let store = world.store_of(mode(wanted));
        let began = Instant::now();
        let failure = VaultSummary::read(&store).unwrap_err();
        assert!(began.elapsed() < LIMIT, "{:?}", began.elapsed());
        assert_eq!(failure.code, ErrorCode::StoreLocked, "{wanted:?}: {failure}");
    }
    assert!(!world.home.path().join("secrets.key").exists(), "auto does not fall back silently");
    assert_eq!(std::fs::read(world.home.path().join("secrets.usher")).unwrap(), sealed);
}

#[test]
fn keyring_entry_of_an_older_spelling_is_found_and_copied() {
    on_own_bus("store::keyring::older_spelling_inside");
}

#[tokio::test]
#[ignore = "run on a bus of its own"]
async fn older_spelling_inside() {
    if !is_inside() {
        return;
    }
    start_keyring(Some("password"));
    // Made by an older version, whose entry has the name of another spelling.
    let world = world(KeyStorage::Auto).await;
    let account = world.sign_in("ada").await;
    let store = |hash: &str, older: &[String]| {
        let store =
            usher_auth::Store::new(world.home.path(), hash, mode(KeyStorage::Auto), world.clock.clone());
        std::sync::Arc::new(store.with_older_hashes(older))
    };
    let older = [String::from("never"), crate::support::hash(world.home.path())];
    let missing = VaultSummary::read(&store("real", &[])).unwrap_err();
    assert!(missing.cause.contains("holds no key for this store"), "{missing}");
    assert_eq!(VaultSummary::read(&store("real", &older)).unwrap().sign_ins.len(), 1);
    assert!(VaultSummary::read(&store("real", &[])).is_err(), "a look copies nothing");
    world.forward(crate::support::LIFE - 60);
    token(&world.source_of(store("real", &older), &account)).await.unwrap();
    assert_eq!(VaultSummary::read(&store("real", &[])).unwrap().sign_ins.len(), 1, "copied by a write");
    assert_eq!(world.summary_of(mode(KeyStorage::Auto)).sign_ins.len(), 1, "and still there");
}
