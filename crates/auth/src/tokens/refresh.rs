//! One refresh, from the lock to the disk: the only place where a refresh token is used.

use std::sync::Arc;
use std::time::Duration;

use usher_domain::ports::{Authorization, Clock};
use usher_domain::{AccessToken, AccountId, ErrorCode, Failure, RefreshToken};

use super::account_snapshot::{AccountSnapshot, authorization, signed_out};
use super::refresh_terms::{Gate, RefreshError, RefreshReason, RefreshUrgency};
use super::routes::{NewTokens, Routes, access_token_rejected, is_refresh_due};
use crate::plan_usage::IdTokenError;
use crate::plan_usage::refresh::{adopt_verified, clear_plan_tokens};
use crate::platform::atomic_file::Room;
use crate::platform::blocking::run_blocking;
use crate::store::lock::{LOCK_TIMEOUT, LockGuard, Waited};
use crate::store::{Attempt, Ended, SignIn, Store};

/// Limits how long a refresh waits for another process that holds the lock and saves no new token.
#[derive(Debug, Clone, Copy)]
pub struct LockTimeouts {
    /// While the token is valid, so that a hanging holder costs little.
    pub while_valid: Duration,
    /// When there is no valid token: longer than a normal refresh takes.
    pub when_needed: Duration,
}

impl Default for LockTimeouts {
    fn default() -> Self {
        Self { while_valid: Duration::from_secs(3), when_needed: LOCK_TIMEOUT }
    }
}

impl LockTimeouts {
    pub(crate) fn for_urgency(self, urgency: RefreshUrgency) -> Duration {
        match urgency {
            RefreshUrgency::Early => self.while_valid,
            RefreshUrgency::Now => self.when_needed,
        }
    }
}

/// Refreshes the tokens of one account.
pub(crate) struct Refresher {
    pub(crate) store: Arc<Store>,
    pub(crate) routes: Routes,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) account: AccountId,
    pub(crate) lock_timeouts: LockTimeouts,
}

/// New tokens that could not be saved yet, for example because the disk is full.
///
/// Nobody gets them before they are on disk. Dropping them would lose the sign-in, so the next call saves them first.
pub(crate) struct PendingTokens {
    tokens: Arc<NewTokens>,
    /// The refresh token that was sent for them. If the store has another one by now, they are of no use.
    spent: RefreshToken,
}

impl Refresher {
    /// Refreshes under the home's lock: the store is read once more, now that nobody else can change it.
    ///
    /// While another process holds the lock, its result is taken as soon as it is saved.
    pub(crate) async fn refresh_locked(
        &self,
        pending: &mut Option<PendingTokens>,
        reason: RefreshReason,
        used: &AccessToken,
        urgency: RefreshUrgency,
    ) -> Result<Authorization, Failure> {
        let guard = match self.acquire_lock(used, urgency).await? {
            Waited::Acquired(guard) => Arc::new(guard),
            Waited::Settled(result) => return result,
        };
        let snapshot = self.read().await?;
        let earlier = pending.take();
        let current = snapshot.get()?;
        if let Some(earlier) = earlier.filter(|earlier| current.has_refresh_token(&earlier.spent)) {
            return self.save(&guard, None, earlier, pending).await;
        }
        if !current.access.matches(used) {
            return authorization(current);
        }
        if has_unverified_tokens(current) {
            // The refresh token before them is spent.
            let verified = self.verify(&guard).await?;
            let snapshot = self.read().await?;
            let current = snapshot.get()?;
            if !is_refresh_due(current, self.clock.now()) {
                return Ok(verified);
            }
            // They were kept aside until they were too old themselves.
            let reason = RefreshReason::ProactiveExpiry;
            return self.refresh_behind_gate(&guard, current, reason, urgency, pending).await;
        }
        self.refresh_behind_gate(&guard, current, reason, urgency, pending).await
    }

    /// Refreshes if that may be sent now.
    async fn refresh_behind_gate(
        &self,
        guard: &Arc<LockGuard>,
        current: &SignIn,
        reason: RefreshReason,
        urgency: RefreshUrgency,
        pending: &mut Option<PendingTokens>,
    ) -> Result<Authorization, Failure> {
        let urgency = match self.routes.check_gate(current, reason, urgency).await? {
            Gate::NotDue => return authorization(current),
            Gate::Open(urgency) => urgency,
        };
        if urgency == RefreshUrgency::Early && current.attempt.is_some() {
            // Under the lock nobody else is refreshing, so an earlier attempt ended without a result and may have
            // spent the refresh token. Sending it again would then end the sign-in, and there is no need yet.
            return authorization(current);
        }
        let Some(refresh) = &current.refresh else {
            return Err(self.record_end(guard, access_token_rejected(current)).await);
        };
        self.refresh(guard, current, refresh, reason, pending).await
    }

    /// Acquires the lock, unless the process that has it saves another access token than `used`, or the end of the
    /// sign-in.
    async fn acquire_lock(
        &self,
        used: &AccessToken,
        urgency: RefreshUrgency,
    ) -> Result<Waited<Result<Authorization, Failure>>, Failure> {
        let (store, account, used) = (Arc::clone(&self.store), self.account.clone(), used.duplicate());
        let mut seen = None;
        let settled = move || {
            let version = store.file_version();
            if version == seen {
                return None;
            }
            seen = version;
            // A store that cannot be read now is reported once the lock is held.
            let snapshot = AccountSnapshot { vault: store.read().ok()?, account: account.clone() };
            match snapshot.get() {
                Ok(current) if current.access.matches(&used) => None,
                current => Some(current.and_then(authorization)),
            }
        };
        self.store.lock().acquire_unless(self.lock_timeouts.for_urgency(urgency), settled).await
    }

    /// Sends the refresh token. `guard` proves that nobody else is doing it.
    async fn refresh(
        &self,
        guard: &Arc<LockGuard>,
        current: &SignIn,
        refresh: &RefreshToken,
        reason: RefreshReason,
        pending: &mut Option<PendingTokens>,
    ) -> Result<Authorization, Failure> {
        let earlier = current.attempt.clone();
        let at = self.clock.now();
        // Before anything is sent: a failure here costs nothing.
        let room = self.make_room(guard).await?;
        self.change(guard, None, move |sign_in| sign_in.attempt = Some(Attempt { at })).await?;
        let outcome = self.routes.send(current, refresh, reason).await;
        match outcome {
            Ok(tokens) => {
                let new = PendingTokens { tokens: Arc::new(tokens), spent: refresh.duplicate() };
                self.save(guard, Some(room), new, pending).await
            }
            // The request was not sent, or the server refused it: the refresh token is still unused.
            Err(RefreshError::NotSent(failure) | RefreshError::Retryable(failure)) => {
                drop(room);
                let restored = self.change(guard, None, move |sign_in| sign_in.attempt = earlier).await;
                if let Err(why) = restored {
                    tracing::warn!(
                        cause = why.chain(),
                        "the record of a refresh attempt that was not sent could not be removed"
                    );
                }
                Err(failure)
            }
            Err(RefreshError::OutcomeUnknown(failure)) => Err(failure),
            Err(RefreshError::Reused(failure)) => self.reused(guard, refresh, earlier, failure).await,
            // OpenAI calls a used token revoked as well (siwc §7.4).
            Err(RefreshError::SignInEnded(failure)) if failure.code == ErrorCode::SignInRevoked => {
                Err(self.record_end(guard, self.with_interruption(failure, earlier)).await)
            }
            Err(RefreshError::SignInEnded(failure)) => Err(self.record_end(guard, failure).await),
        }
    }

    /// Saves the new tokens, and returns them only then.
    async fn save(
        &self,
        guard: &Arc<LockGuard>,
        room: Option<Room>,
        new: PendingTokens,
        pending: &mut Option<PendingTokens>,
    ) -> Result<Authorization, Failure> {
        let (now, tokens) = (self.clock.now(), Arc::clone(&new.tokens));
        let saved = self
            .change(guard, room, move |sign_in| {
                tokens.save_in(sign_in, now);
                (!has_unverified_tokens(sign_in)).then(|| authorization(sign_in))
            })
            .await;
        match saved {
            Ok(Some(Some(usable))) => usable,
            Ok(Some(None)) => self.verify(guard).await,
            Ok(None) => Err(signed_out()),
            Err(failure) => {
                *pending = Some(new);
                Err(failure)
            }
        }
    }

    /// Verifies whose the new tokens are that were kept aside, and takes them into use (siwc §6).
    ///
    /// Without the keys of the issuer they stay aside for the next need. The sign-in ends if they are of somebody else.
    async fn verify(&self, guard: &Arc<LockGuard>) -> Result<Authorization, Failure> {
        let snapshot = self.read().await?;
        let current = snapshot.get()?;
        let Some(tokens) = current.plan_grant.as_ref().and_then(|grant| grant.unverified.as_ref()) else {
            return authorization(current);
        };
        match self.routes.plan.verify(current, tokens).await {
            Ok(identity) => {
                let adopted = self.change(guard, None, move |sign_in| {
                    adopt_verified(sign_in, identity);
                    authorization(sign_in)
                });
                adopted.await?.unwrap_or_else(|| Err(signed_out()))
            }
            Err(IdTokenError::KeysUnavailable(failure)) => Err(failure),
            Err(IdTokenError::NotGenuine(failure)) => {
                self.routes.plan.revoke_rejected(current, tokens).await;
                // What is left to do is to sign in; why is in the cause.
                let failure = Failure::new(ErrorCode::SignInRequired, failure.cause);
                Err(self.record_end(guard, failure).await)
            }
            Err(IdTokenError::OtherPerson(failure)) => {
                self.routes.plan.revoke_rejected(current, tokens).await;
                Err(self.record_end(guard, failure).await)
            }
        }
    }

    /// Handles `refresh_token_reused`, which is final only after the store was read again: a program that is not Usher,
    /// or a restored backup, may have put another token there (protocol §3.3).
    async fn reused(
        &self,
        guard: &Arc<LockGuard>,
        sent: &RefreshToken,
        earlier: Option<Attempt>,
        failure: Failure,
    ) -> Result<Authorization, Failure> {
        let snapshot = self.read().await?;
        let now = snapshot.get()?;
        if !now.has_refresh_token(sent) {
            return authorization(now);
        }
        Err(self.record_end(guard, self.with_interruption(failure, earlier)).await)
    }

    /// Adds the interrupted refresh before the failure, if there was one: it is why the refresh token is of no use.
    fn with_interruption(&self, failure: Failure, earlier: Option<Attempt>) -> Failure {
        let Some(attempt) = earlier else { return failure };
        let seconds = self.clock.now().since(attempt.at);
        let cause = format!(
            "a refresh started {seconds} s ago was interrupted before its response was saved: Usher was stopped, or the connection broke; {failure}"
        );
        Failure::new(failure.code, cause)
    }

    /// Records that the sign-in has ended, so that every process reports the same at once.
    async fn record_end(&self, guard: &Arc<LockGuard>, failure: Failure) -> Failure {
        let ended = Ended { code: failure.code, cause: failure.cause.clone() };
        let recorded = self
            .change(guard, None, move |sign_in| {
                sign_in.attempt = None;
                sign_in.ended = Some(ended);
                clear_plan_tokens(sign_in);
            })
            .await;
        if let Err(why) = recorded {
            // It has ended all the same; the next refresh gets the same error from the server.
            tracing::warn!(cause = why.chain(), "the end of a sign-in could not be saved");
        }
        failure
    }

    async fn make_room(&self, guard: &Arc<LockGuard>) -> Result<Room, Failure> {
        let (store, guard) = (Arc::clone(&self.store), Arc::clone(guard));
        run_blocking(move || store.make_room(&guard)).await
    }

    async fn change<T: Send + 'static>(
        &self,
        guard: &Arc<LockGuard>,
        room: Option<Room>,
        change: impl FnOnce(&mut SignIn) -> T + Send + 'static,
    ) -> Result<Option<T>, Failure> {
        let (store, guard, account) = (Arc::clone(&self.store), Arc::clone(guard), self.account.clone());
        run_blocking(move || store.update_sign_in(&guard, &account, room, change)).await
    }

    /// Reads the account's current record.
    pub(crate) async fn read(&self) -> Result<AccountSnapshot, Failure> {
        let store = Arc::clone(&self.store);
        let vault = run_blocking(move || store.read()).await?;
        Ok(AccountSnapshot { vault, account: self.account.clone() })
    }
}

fn has_unverified_tokens(sign_in: &SignIn) -> bool {
    sign_in.plan_grant.as_ref().is_some_and(|grant| grant.unverified.is_some())
}

#[cfg(test)]
mod tests;
