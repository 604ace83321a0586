//! Revokes sign-ins at OpenAI, now or later (RFC 7009, protocol §4, siwc §8).
//!
//! When OpenAI cannot be reached, the refresh token stays in a record that is used for revocation only. It is tried
//! again at the next start, and then with backoff, for seven days.

use std::sync::Arc;

use usher_domain::ports::Clock;
use usher_domain::{AccountId, Failure, OAuthProvider, UnixTime};
use usher_net::HttpClient;

use super::endpoint::TokenEndpoint;
use crate::plan_usage::{IssuedClientId, PlanTokenEndpoint};
use crate::platform::blocking::run_blocking;
use crate::platform::random::new_id;
use crate::store::lock::LOCK_TIMEOUT;
use crate::store::{RevocationRecord, Store};

const GIVES_UP_AFTER_SECONDS: i64 = 7 * 24 * 60 * 60;
const FIRST_BACKOFF_SECONDS: i64 = 60;
/// The same at a start of Usher, when a user expects another try soon. Not zero: the command that has just failed must
/// not count as a start itself, nor delay a script that runs another command at once.
const FIRST_BACKOFF_AT_START_SECONDS: i64 = 10;
const MAX_BACKOFF_SECONDS: i64 = 6 * 60 * 60;

/// Whether a sign-in is revoked at OpenAI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationStatus {
    /// OpenAI confirmed the revocation.
    Confirmed,
    /// OpenAI could not be reached yet.
    Pending,
    /// There was nothing to revoke.
    NotNeeded,
}

/// A pending revocation, without its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingRevocation {
    /// Identifies it for a retry or for giving up.
    pub id: String,
    /// The e-mail address of the sign-in.
    pub email: Option<String>,
    /// When it was enqueued.
    pub since: UnixTime,
    /// When Usher stops trying.
    pub gives_up_at: UnixTime,
    /// When it is retried automatically, at the latest.
    pub next_try: UnixTime,
}

/// Disconnects accounts and revokes their sign-ins.
pub struct Revocation {
    tokens: TokenEndpoint,
    plan_tokens: PlanTokenEndpoint,
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    /// Locked while pending revocations are processed, so that none is sent twice.
    processing: tokio::sync::Mutex<()>,
    /// For background work that outlives the call that started it.
    weak_self: std::sync::Weak<Self>,
}

impl Revocation {
    /// Creates the revocation of sign-ins of `provider` in `store`.
    pub fn new(
        provider: OAuthProvider,
        http: Arc<HttpClient>,
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
    ) -> Arc<Self> {
        let plan_tokens = PlanTokenEndpoint::new(Arc::clone(&http), Arc::clone(&clock));
        let tokens = TokenEndpoint::new(http, provider);
        Arc::new_cyclic(|weak_self| Self {
            tokens,
            plan_tokens,
            store,
            clock,
            processing: tokio::sync::Mutex::default(),
            weak_self: weak_self.clone(),
        })
    }

    /// Disconnects `account`: deletes it here, then revokes it at OpenAI.
    ///
    /// The write that deletes it also enqueues the revocation. So a crash in between leaves a sign-in that is deleted and
    /// will be revoked, never one that OpenAI has ended and that still looks valid here.
    pub async fn disconnect(&self, account: AccountId) -> Result<RevocationStatus, Failure> {
        let guard = self.store.lock().acquire(LOCK_TIMEOUT).await?;
        let (store, now) = (Arc::clone(&self.store), self.clock.now());
        let pending = run_blocking(move || {
            let id = new_id()?;
            store.update(&guard, |vault| {
                vault.take(&account).and_then(|taken| vault.enqueue_revocation(id, taken, now))
            })
        })
        .await?;
        match pending {
            Some(id) => self.retry(&id).await,
            None => Ok(RevocationStatus::NotNeeded),
        }
    }

    /// Retries a pending revocation now.
    pub async fn retry(&self, id: &str) -> Result<RevocationStatus, Failure> {
        let status = self.send(id).await?;
        if status == RevocationStatus::Pending
            && let Err(failure) = self.postpone(id, |_, _| true).await
        {
            // At worst it is sent again too soon.
            tracing::warn!(cause = failure.chain(), "the next try of a revocation could not be saved");
        }
        Ok(status)
    }

    /// Sends a pending revocation, and deletes it when it is confirmed.
    async fn send(&self, id: &str) -> Result<RevocationStatus, Failure> {
        let store = Arc::clone(&self.store);
        let vault = run_blocking(move || store.read()).await?;
        let Some(record) = vault.pending.iter().find(|record| record.id == id) else {
            return Ok(RevocationStatus::NotNeeded);
        };
        if let Err(failure) = self.revoke(record).await {
            // The caller reports that it is pending.
            tracing::info!(code = ?failure.code, cause = failure.chain(), "the sign-in could not be revoked at OpenAI");
            return Ok(RevocationStatus::Pending);
        }
        if let Err(failure) = self.forget(id).await {
            // The revocation is done; at worst it is sent again.
            tracing::warn!(cause = failure.chain(), "the result of a revocation could not be saved");
        }
        Ok(RevocationStatus::Confirmed)
    }

    /// Sets the time of the next try, if the revocation still `is_due`. Returns whether it was.
    async fn postpone(
        &self,
        id: &str,
        is_due: fn(&RevocationRecord, UnixTime) -> bool,
    ) -> Result<bool, Failure> {
        let (id, now) = (id.to_owned(), self.clock.now());
        let change = self.store.change(move |vault| {
            let mut pending = vault.pending.iter_mut();
            let Some(record) = pending.find(|record| record.id == id && is_due(record, now)) else {
                return false;
            };
            record.next_try = now.plus(backoff(record.tries));
            record.tries += 1;
            true
        });
        change.await
    }

    /// Drops a pending revocation at the user's request.
    pub async fn forget(&self, id: &str) -> Result<(), Failure> {
        let id = id.to_owned();
        self.store.change(move |vault| vault.pending.retain(|record| record.id != id)).await
    }

    /// Returns the pending revocations.
    pub async fn list_pending(&self) -> Result<Vec<PendingRevocation>, Failure> {
        let store = Arc::clone(&self.store);
        let vault = run_blocking(move || store.read()).await?;
        Ok(vault.pending.iter().map(PendingRevocation::from).collect())
    }

    /// Retries every revocation that is due, and drops those that are too old. Called from time to time.
    pub async fn process_pending(&self) -> Result<(), Failure> {
        self.process_due(is_due).await
    }

    /// Retries pending revocations at a start of Usher, with a shorter first backoff.
    ///
    /// Later backoffs apply here too: a failing server must not delay every command.
    pub async fn process_pending_at_start(&self) -> Result<(), Failure> {
        self.process_due(is_due_at_start).await
    }

    async fn process_due(&self, is_due: fn(&RevocationRecord, UnixTime) -> bool) -> Result<(), Failure> {
        let _round = self.processing.lock().await;
        let now = self.clock.now();
        let store = Arc::clone(&self.store);
        let vault = run_blocking(move || store.read()).await?;
        let (active, expired): (Vec<_>, Vec<_>) =
            vault.pending.iter().partition(|record| gives_up_at(record) > now);
        if !expired.is_empty() {
            tracing::warn!(count = expired.len(), "revocation at OpenAI failed for seven days; giving up");
            self.store.change(move |vault| vault.pending.retain(|record| gives_up_at(record) > now)).await?;
        }
        for record in active.into_iter().filter(|record| is_due(record, now)) {
            // Of several processes of this home only one sends it.
            if self.postpone(&record.id, is_due).await? {
                self.send(&record.id).await?;
            }
        }
        Ok(())
    }

    /// Processes pending revocations in the background.
    pub fn process_pending_in_background(&self) {
        let Some(this) = self.weak_self.upgrade() else { return };
        tokio::spawn(async move {
            if let Err(failure) = this.process_pending().await {
                tracing::warn!(cause = failure.chain(), "pending revocations could not be processed");
            }
        });
    }

    /// Sends the revocation as the route of the sign-in has it.
    async fn revoke(&self, record: &RevocationRecord) -> Result<(), Failure> {
        match &record.client_id {
            None => self.tokens.revoke(&record.endpoints, &record.refresh).await,
            Some(id) => {
                let client_id = IssuedClientId::parse(id)?;
                self.plan_tokens.revoke(&record.endpoints, &client_id, &record.refresh).await
            }
        }
    }
}

impl From<&RevocationRecord> for PendingRevocation {
    fn from(record: &RevocationRecord) -> Self {
        Self {
            id: record.id.clone(),
            email: record.email.clone(),
            since: record.since,
            gives_up_at: gives_up_at(record),
            next_try: record.next_try,
        }
    }
}

fn gives_up_at(record: &RevocationRecord) -> UnixTime {
    record.since.plus(GIVES_UP_AFTER_SECONDS)
}

fn is_due(record: &RevocationRecord, now: UnixTime) -> bool {
    // A clock that was set back must not delay the next try.
    record.next_try <= now || record.next_try.since(now) > MAX_BACKOFF_SECONDS
}

fn is_due_at_start(record: &RevocationRecord, now: UnixTime) -> bool {
    let sooner = FIRST_BACKOFF_SECONDS - FIRST_BACKOFF_AT_START_SECONDS;
    is_due(record, now) || (record.tries == 1 && record.next_try.plus(-sooner) <= now)
}

/// Returns the backoff after `tries`: doubles from a minute to six hours.
fn backoff(tries: u32) -> i64 {
    FIRST_BACKOFF_SECONDS.saturating_mul(1 << tries.min(16)).min(MAX_BACKOFF_SECONDS)
}
