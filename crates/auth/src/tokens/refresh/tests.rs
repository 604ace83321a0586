//! What waits for the lock goes on as soon as the holder has saved its result.

use std::path::Path;

use usher_domain::ports::Bearer;
use usher_domain::{Endpoints, OAuthProvider, UnixTime};
use usher_net::{AllowedHosts, HttpClient, NetworkConfig};

use super::*;
use crate::store::{KeyStorage, StoreConfig, sign_in};

const NOON: UnixTime = UnixTime(43_200);

/// Another process that has the lock of a home with one sign-in, and what waits for it.
struct Held {
    store: Arc<Store>,
    guard: LockGuard,
    account: AccountId,
    waiting: tokio::task::JoinHandle<Result<Authorization, Failure>>,
}

async fn waiting_in(home: &Path) -> Held {
    let store = || {
        let config = StoreConfig { storage: KeyStorage::File, passphrase: None };
        Arc::new(Store::new(home, "home", config, Arc::new(|| NOON)))
    };
    let (ours, theirs) = (store(), store());
    let guard = theirs.lock().acquire(Duration::ZERO).await.unwrap();
    let sign_in = sign_in("ada");
    let (account, used) = (sign_in.account.id(), Arc::clone(&sign_in.access));
    theirs.update(&guard, |vault| vault.put(sign_in)).unwrap();
    // Nothing is sent without the lock.
    let endpoints = Endpoints::parse("http://127.0.0.1:9", "http://127.0.0.1:9").unwrap();
    let http = HttpClient::new(&NetworkConfig::default(), AllowedHosts::from_urls([])).unwrap();
    let long = Duration::from_secs(60);
    let refresher = Refresher {
        store: ours,
        routes: Routes::new(Arc::new(http), OAuthProvider::chatgpt(endpoints), Arc::new(|| NOON)),
        clock: Arc::new(|| NOON),
        account: account.clone(),
        lock_timeouts: LockTimeouts { while_valid: long, when_needed: long },
    };
    let waiting = tokio::spawn(async move {
        let reason = RefreshReason::UnauthorizedRecovery;
        refresher.refresh_locked(&mut None, reason, &used, RefreshUrgency::Now).await
    });
    Held { store: theirs, guard, account, waiting }
}

#[tokio::test]
async fn token_saved_by_the_holder_of_the_lock_is_taken_without_the_lock() {
    let home = tempfile::tempdir().unwrap();
    let Held { store, guard, account, waiting } = waiting_in(home.path()).await;
    let attempt = Some(Attempt { at: UnixTime(1) });
    store.update_sign_in(&guard, &account, None, |sign_in| sign_in.attempt = attempt).unwrap();
    let new = AccessToken::new("new");
    let saved = Arc::new(new.duplicate());
    store.update_sign_in(&guard, &account, None, |sign_in| sign_in.access = saved).unwrap();
    let given = waiting.await.unwrap().unwrap();
    assert!(matches!(given.bearer, Bearer::AccessToken(token) if token.matches(&new)));
    drop(guard);
}

#[tokio::test]
async fn end_saved_by_the_holder_of_the_lock_is_reported_without_the_lock() {
    let home = tempfile::tempdir().unwrap();
    let Held { store, guard, account, waiting } = waiting_in(home.path()).await;
    let ended = Ended { code: ErrorCode::SignInRevoked, cause: "revoked".to_owned() };
    store.update_sign_in(&guard, &account, None, |sign_in| sign_in.ended = Some(ended)).unwrap();
    assert_eq!(waiting.await.unwrap().err().unwrap().code, ErrorCode::SignInRevoked);
    drop(guard);
}
