//! The store on disk.

use usher_domain::{ErrorCode, SignInRoute, UnixTime};

use super::*;
use crate::store::sealed_file::Format;

const NOON: UnixTime = UnixTime(43_200);

fn store(home: &Path) -> Store {
    let config = StoreConfig { storage: KeyStorage::File, passphrase: None };
    Store::new(home, "home", config, Arc::new(|| NOON))
}

/// Fills a store that may be 64 KiB large, 32 of them with new records.
#[test]
fn full_store_is_refused_before_writing_and_takes_new_tokens() {
    let home = tempfile::tempdir().unwrap();
    let limits = SizeLimits { most: 64 * 1024, filled: 32 * 1024 };
    let store = Store { limits, ..store(home.path()) };
    let guard = store.lock.acquire_blocking(Duration::ZERO).unwrap();
    let sign_in = sign_in("ada");
    let account = sign_in.account.id();
    store.update(&guard, |vault| drop(vault.put(sign_in))).unwrap();
    let pass = |count: usize| records::vault::tests::pass(&format!("{count:0>1000}"));
    let refused =
        (0..100).find_map(|count| store.update(&guard, |vault| vault.passes.push(pass(count))).err());
    let refused = refused.expect("it has a limit");
    assert_eq!(refused.code, ErrorCode::StoreUnavailable);
    assert!(refused.cause.contains("the store is full"), "{refused}");
    assert_eq!(store.read().unwrap().sign_ins.len(), 1, "nobody is signed out");
    let passes = store.read().unwrap().passes.len();
    assert!(passes >= 8, "{passes}");

    let long = || Arc::new(usher_domain::AccessToken::new("t".repeat(8 * 1024)));
    store.update_sign_in(&guard, &account, None, |sign_in| sign_in.access = long()).unwrap();
    assert_eq!(store.read().unwrap().sign_in(&account).unwrap().access.expose().len(), 8 * 1024);
    let endless = || Arc::new(usher_domain::AccessToken::new("t".repeat(80 * 1024)));
    store.update_sign_in(&guard, &account, None, |sign_in| sign_in.access = endless()).unwrap_err();
    assert_eq!(store.read().unwrap().sign_in(&account).unwrap().access.expose().len(), 8 * 1024);

    store.update(&guard, |vault| vault.passes.pop()).expect("what is deleted is never too much");
    assert_eq!(store.read().unwrap().passes.len(), passes - 1);
}

/// An older Usher ignores fields that it does not know, and would refresh such a sign-in with another client id.
#[test]
fn store_has_a_higher_format_as_long_as_it_has_plan_usage() {
    let home = tempfile::tempdir().unwrap();
    let store = store(home.path());
    let guard = store.lock.acquire_blocking(Duration::ZERO).unwrap();
    let begins_with = |head: &str| std::fs::read_to_string(&store.path).unwrap().starts_with(head);
    store.update(&guard, |vault| drop(vault.put(sign_in("codex")))).unwrap();
    assert!(begins_with("{\"usher_secrets\":1,"));
    let mut plan = sign_in("plan");
    plan.account.route = SignInRoute::PlanUsage;
    let id = plan.account.id();
    store.update(&guard, |vault| drop(vault.put(plan))).unwrap();
    assert!(begins_with("{\"usher_secrets\":2,"));
    assert_eq!(store.read().unwrap().sign_ins.len(), 2);
    let revoke = |vault: &mut Vault| {
        let taken = vault.take(&id).unwrap();
        vault.enqueue_revocation("r".into(), taken, UnixTime(0))
    };
    store.update(&guard, revoke).unwrap();
    assert!(begins_with("{\"usher_secrets\":2,"), "a revocation needs the client id as well");
    store.update(&guard, |vault| vault.pending.clear()).unwrap();
    assert!(begins_with("{\"usher_secrets\":1,"));
}

/// A file that its key opens is intact, so it must not be set aside only because a field is new.
#[test]
fn store_with_records_of_other_version_is_not_changed() {
    let home = tempfile::tempdir().unwrap();
    let store = store(home.path());
    let (source, key) = store.keys.create().unwrap();
    let file = seal(br#"{"sign_ins":[{"kind":"of 2030"}]}"#, Format::FIRST, &source, &key).unwrap();
    std::fs::write(&store.path, &file).unwrap();
    let failure = store.read().err().unwrap();
    assert_eq!(failure.code, ErrorCode::StoreUnavailable);
    let guard = store.lock.acquire_blocking(Duration::ZERO).unwrap();
    assert!(store.update(&guard, |vault| vault.sign_ins.clear()).is_err());
    assert_eq!(std::fs::read(&store.path).unwrap(), file);
    assert_eq!(store.newest_damaged_file(), None);
}
