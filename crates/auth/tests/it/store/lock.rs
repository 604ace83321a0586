//! The lock of a home across processes.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use usher_auth::{HomeLock, LockTimeouts};
use usher_domain::ErrorCode;

use crate::support::{World, run_test_in_process, signal, token};

const HOME: &str = "USHER_TEST_LOCK_HOME";

/// Runs as a process of its own, started by other tests.
#[test]
#[ignore = "holds a lock until its standard input ends"]
fn holder() {
    let Some(home) = std::env::var_os(HOME) else { return };
    let _guard = HomeLock::new(Path::new(&home)).acquire_blocking(Duration::from_secs(10)).unwrap();
    println!("\nheld");
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

/// Another process that holds the lock of `home`.
struct Holder(Child);

impl Holder {
    fn of(home: &Path) -> Self {
        let mut child = run_test_in_process(&[], "store::lock::holder").env(HOME, home).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let held = lines.map_while(Result::ok).any(|line| line.trim_end().ends_with("held"));
        assert!(held, "the other process has the lock");
        Self(child)
    }

    fn is_named_in(&self, text: &str) -> bool {
        text.contains(&format!("(process {})", self.0.id()))
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // Already ended in the tests that killed it.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn lock_held_by_other_times_out_and_names_holder() {
    let home = tempfile::tempdir().unwrap();
    let holder = Holder::of(home.path());
    let started = Instant::now();
    let failure = HomeLock::new(home.path()).acquire_blocking(Duration::from_millis(300)).unwrap_err();
    assert!(started.elapsed() >= Duration::from_millis(300));
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(failure.code, ErrorCode::Timeout);
    assert!(holder.is_named_in(&failure.cause), "{failure}");
}

#[test]
fn lock_held_by_stopped_process_names_it() {
    let home = tempfile::tempdir().unwrap();
    let holder = Holder::of(home.path());
    signal(&holder.0, "STOP");
    let failure = HomeLock::new(home.path()).acquire_blocking(Duration::from_millis(100)).unwrap_err();
    assert!(holder.is_named_in(&failure.cause), "{failure}");
}

#[test]
fn lock_of_killed_process_is_released() {
    let home = tempfile::tempdir().unwrap();
    let mut holder = Holder::of(home.path());
    let waiting = {
        let lock = HomeLock::new(home.path());
        std::thread::spawn(move || lock.acquire_blocking(Duration::from_secs(30)).map(drop))
    };
    signal(&holder.0, "KILL");
    holder.0.wait().unwrap();
    waiting.join().unwrap().expect("free as soon as the holder is gone");
}

#[test]
fn lock_in_same_process_is_exclusive() {
    let home = tempfile::tempdir().unwrap();
    let lock = HomeLock::new(home.path());
    let guard = lock.acquire_blocking(Duration::ZERO).unwrap();
    lock.acquire_blocking(Duration::ZERO).unwrap_err();
    drop(guard);
    lock.acquire_blocking(Duration::ZERO).unwrap();
}

#[cfg(unix)]
#[test]
fn lock_file_is_readable_by_user_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().unwrap();
    let inner = home.path().join("new");
    drop(HomeLock::new(&inner).acquire_blocking(Duration::ZERO).unwrap());
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&inner), mode(&inner.join("usher.lock"))), (0o700, 0o600));
}

#[tokio::test]
async fn refresh_with_valid_token_and_held_lock_returns_current_token() {
    let world = World::new().await;
    let account = world.signed_in_with_left(60).await;
    let timeout = LockTimeouts {
        while_valid: Duration::from_millis(100),
        // If this one were used, the test would time out.
        when_needed: Duration::from_secs(600),
    };
    let source = world.source_with_timeouts(world.store.clone(), account.id(), timeout);
    let holder = Holder::of(world.home.path());
    signal(&holder.0, "STOP");
    token(&source).await.expect("the old token still works");
    token(&source).await.expect("and is handed out at once from now on");
    assert_eq!(world.refreshes(), 0);
}

#[tokio::test]
async fn refresh_with_expired_token_and_held_lock_names_holder() {
    let world = World::new().await;
    let account = world.signed_in_with_left(-60).await;
    let timeout = LockTimeouts {
        // If this one were used, the test would time out.
        while_valid: Duration::from_secs(600),
        when_needed: Duration::from_millis(100),
    };
    let source = world.source_with_timeouts(world.store.clone(), account.id(), timeout);
    let holder = Holder::of(world.home.path());
    signal(&holder.0, "STOP");
    let failure = token(&source).await.err().unwrap();
    assert_eq!(failure.code, ErrorCode::Timeout);
    assert!(holder.is_named_in(&failure.cause), "{failure}");
    assert_eq!(world.refreshes(), 0);
    drop(holder);
    world.forward(10);
    token(&source).await.expect("once it is gone");
}
