//! Telling OpenAI that a sign-in is over, now or later (RFC 7009, protocol §4).
//!
//! When OpenAI can't be told, the refresh token moves to a record that is good for nothing else, and is
//! tried again at the next start, and then with back-off, for seven days.

use std::sync::Arc;

use usher_domain::ports::Clock;
use usher_domain::{AccountId, Endpoints, Failure, OAuthProvider, RefreshToken, UnixTime};
use usher_net::HttpClient;

use super::endpoint::TokenEndpoint;
use crate::platform::blocking::run_blocking;
use crate::platform::random::new_id;
use crate::store::lock::LOCK_TIMEOUT;
use crate::store::{RevocationRecord, Store};

const GIVES_UP_AFTER_SECONDS: i64 = 7 * 24 * 60 * 60;
const FIRST_PAUSE_SECONDS: i64 = 60;
/// The same at a start: whoever starts Usher again expects it to be told now. Not nothing, so that the command
/// which has just failed to tell is not a start itself, and a script that goes on at once is not held up.
const FIRST_PAUSE_AT_START_SECONDS: i64 = 10;
const LONGEST_PAUSE_SECONDS: i64 = 6 * 60 * 60;

/// Whether OpenAI knows that a sign-in is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationStatus {
    /// It confirmed.
    Confirmed,
    /// It could not be told yet.
    Pending,
    /// There was nothing to tell.
    NotNeeded,
}

/// A revocation that is owed, without its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingRevocation {
    /// Names it.
    pub id: String,
    /// Whose sign-in it was.
    pub email: Option<String>,
    /// Since when.
    pub since: UnixTime,
    /// When Usher stops trying.
    pub gives_up_at: UnixTime,
    /// When it is tried next by itself, at the latest.
    pub next_try: UnixTime,
}

/// Ends sign-ins.
pub struct Revocation {
    tokens: TokenEndpoint,
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    /// One round at a time, so that what one is telling is not told by another as well.
    processing: tokio::sync::Mutex<()>,
    /// For work that outlives the call that began it.
    me: std::sync::Weak<Self>,
}

impl Revocation {
    /// Ends sign-ins of `provider` that are kept in `store`.
    pub fn new(
        provider: OAuthProvider,
        http: Arc<HttpClient>,
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
    ) -> Arc<Self> {
        let tokens = TokenEndpoint::new(http, provider);
        Arc::new_cyclic(|me| Self {
            tokens,
            store,
            clock,
            processing: tokio::sync::Mutex::default(),
            me: me.clone(),
        })
    }

    /// Disconnects `account`: erased here first, in one write that also notes what is owed; then OpenAI is
    /// told. In this order a crash in between leaves a sign-in that is over and will be revoked, never one
    /// that OpenAI has ended and that still looks alive here.
    pub async fn disconnect(&self, account: AccountId) -> Result<RevocationStatus, Failure> {
        let guard = self.store.lock().acquire(LOCK_TIMEOUT).await?;
        let (store, now) = (Arc::clone(&self.store), self.clock.now());
        let owed = run_blocking(move || {
            let id = new_id()?;
            store.update(&guard, |vault| {
                vault.take(&account).and_then(|taken| vault.enqueue_revocation(id, taken, now))
            })
        })
        .await?;
        match owed {
            Some(id) => self.retry(&id).await,
            None => Ok(RevocationStatus::NotNeeded),
        }
    }

    /// Tries one that is owed, now.
    pub async fn retry(&self, id: &str) -> Result<RevocationStatus, Failure> {
        let Some((endpoints, token)) = self.token_of(id).await? else {
            return Ok(RevocationStatus::NotNeeded);
        };
        let outcome = self.tokens.revoke(&endpoints, &token).await;
        if let Err(failure) = &outcome {
            tracing::warn!(code = ?failure.code, cause = failure.chain(), "the sign-in could not be revoked at OpenAI");
        }
        let (told, id, now) = (outcome.is_ok(), id.to_owned(), self.clock.now());
        let noted = self
            .store
            .change(move |vault| {
                vault.pending.retain(|one| !(told && one.id == id));
                if let Some(one) = vault.pending.iter_mut().find(|one| one.id == id) {
                    one.next_try = now.plus(pause(one.tries));
                    one.tries += 1;
                }
            })
            .await;
        if let Err(failure) = noted {
            // What was said to OpenAI stands; at worst it is said again.
            tracing::warn!(cause = failure.chain(), "the result of a revocation could not be saved");
        }
        Ok(if told { RevocationStatus::Confirmed } else { RevocationStatus::Pending })
    }

    /// Leaves one that is owed as it is, for ever: the person said so.
    pub async fn forget(&self, id: &str) -> Result<(), Failure> {
        let id = id.to_owned();
        self.store.change(move |vault| vault.pending.retain(|one| one.id != id)).await
    }

    /// What is owed, as last kept.
    pub async fn list_pending(&self) -> Result<Vec<PendingRevocation>, Failure> {
        let store = Arc::clone(&self.store);
        let vault = run_blocking(move || store.read()).await?;
        Ok(vault.pending.iter().map(PendingRevocation::from).collect())
    }

    /// Tries all whose time has come, and drops those that are too old. Once in a while.
    pub async fn process_pending(&self) -> Result<(), Failure> {
        self.round(is_due).await
    }

    /// The same at a start of Usher, where one that failed a first time is tried without its pause. After that
    /// the pauses count here too: a server in trouble must not hold up every command.
    pub async fn process_pending_at_start(&self) -> Result<(), Failure> {
        self.round(is_due_at_start).await
    }

    async fn round(&self, is_due: fn(&RevocationRecord, UnixTime) -> bool) -> Result<(), Failure> {
        let _round = self.processing.lock().await;
        let now = self.clock.now();
        let store = Arc::clone(&self.store);
        let vault = run_blocking(move || store.read()).await?;
        let (alive, over): (Vec<_>, Vec<_>) = vault.pending.iter().partition(|one| gives_up_at(one) > now);
        if !over.is_empty() {
            tracing::warn!(count = over.len(), "revocation at OpenAI failed for seven days; giving up");
            self.store.change(move |vault| vault.pending.retain(|one| gives_up_at(one) > now)).await?;
        }
        for one in alive.into_iter().filter(|one| is_due(one, now)) {
            self.retry(&one.id).await?;
        }
        Ok(())
    }

    /// The same, without anybody waiting for it.
    pub fn process_pending_in_background(&self) {
        let Some(me) = self.me.upgrade() else { return };
        tokio::spawn(async move {
            if let Err(failure) = me.process_pending().await {
                tracing::warn!(cause = failure.chain(), "pending revocations could not be processed");
            }
        });
    }

    async fn token_of(&self, id: &str) -> Result<Option<(Endpoints, RefreshToken)>, Failure> {
        let (store, id) = (Arc::clone(&self.store), id.to_owned());
        run_blocking(move || {
            let vault = store.read()?;
            let found = vault.pending.iter().find(|one| one.id == id);
            Ok(found.map(|one| (one.endpoints.clone(), one.refresh.duplicate())))
        })
        .await
    }
}

impl From<&RevocationRecord> for PendingRevocation {
    fn from(one: &RevocationRecord) -> Self {
        Self {
            id: one.id.clone(),
            email: one.email.clone(),
            since: one.since,
            gives_up_at: gives_up_at(one),
            next_try: one.next_try,
        }
    }
}

fn gives_up_at(one: &RevocationRecord) -> UnixTime {
    one.since.plus(GIVES_UP_AFTER_SECONDS)
}

fn is_due(one: &RevocationRecord, now: UnixTime) -> bool {
    // A clock that was set back must not put the next try off for as long.
    one.next_try <= now || one.next_try.since(now) > LONGEST_PAUSE_SECONDS
}

fn is_due_at_start(one: &RevocationRecord, now: UnixTime) -> bool {
    let sooner = FIRST_PAUSE_SECONDS - FIRST_PAUSE_AT_START_SECONDS;
    is_due(one, now) || (one.tries == 1 && one.next_try.plus(-sooner) <= now)
}

/// Doubles from a minute to six hours.
fn pause(tries: u32) -> i64 {
    FIRST_PAUSE_SECONDS.saturating_mul(1 << tries.min(16)).min(LONGEST_PAUSE_SECONDS)
}
