//! One renewal, from the lock to the disk: the only place where a refresh token is spent.

use std::sync::Arc;
use std::time::Duration;

use usher_domain::ports::{Authorization, Bearer, Clock};
use usher_domain::{AccessToken, Account, AccountId, ErrorCode, Failure, RefreshToken};

use super::claims;
use super::endpoint::{RefreshError, RefreshReason, RefreshedTokens, TokenEndpoint};
use crate::platform::blocking::run_blocking;
use crate::store::lock::{LOCK_TIMEOUT, LockGuard};
use crate::store::{Attempt, Ended, SignIn, Store, Vault};

/// How long to wait for another process that holds the lock.
#[derive(Debug, Clone, Copy)]
pub struct LockTimeouts {
    /// While the token still works, so that a hanging holder costs little.
    pub while_valid: Duration,
    /// When there is nothing to go on with: longer than an honest refresh takes.
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

/// How much a refresh is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefreshUrgency {
    /// The current token still works for some minutes.
    Early,
    /// There is nothing to go on with.
    Now,
}

/// Renews the tokens of one account.
pub(crate) struct Refresher {
    pub(crate) store: Arc<Store>,
    pub(crate) endpoint: TokenEndpoint,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) account: AccountId,
    pub(crate) lock_timeouts: LockTimeouts,
}

/// New tokens that could not be written yet, for example because the disk is full. Nobody gets them before
/// they are on the disk; letting them go would cost the sign-in, so the next call writes them first.
pub(crate) struct PendingTokens {
    renewed: Arc<RefreshedTokens>,
    /// What they were got for. Where the store holds another one by now, they are of no use.
    spent: RefreshToken,
}

impl Refresher {
    /// Renews under the home's lock: the store is read once more, now that nobody else can change it.
    pub(crate) async fn renew(
        &self,
        pending: &mut Option<PendingTokens>,
        reason: RefreshReason,
        used: &AccessToken,
        urgency: RefreshUrgency,
    ) -> Result<Authorization, Failure> {
        let guard = Arc::new(self.store.lock().acquire(self.lock_timeouts.for_urgency(urgency)).await?);
        let held = self.read().await?;
        let earlier = pending.take();
        let current = held.get()?;
        if let Some(earlier) = earlier.filter(|earlier| current.holds(&earlier.spent)) {
            return self.keep(&guard, earlier, pending).await;
        }
        if !current.access.matches(used) {
            return Ok(authorization(current));
        }
        if urgency == RefreshUrgency::Early && current.attempt.is_some() {
            // With the lock in our hands nobody is at it: an earlier attempt ended without a word and may
            // have spent the refresh token. Trying it costs the sign-in if so, and there is no need yet.
            return Ok(authorization(current));
        }
        let Some(refresh) = &current.refresh else {
            return Err(self.end(&guard, refused_for_good()).await);
        };
        self.refresh(&guard, current, refresh, reason, pending).await
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
        self.change(guard, move |sign_in| sign_in.attempt = Some(Attempt { at })).await?;
        let sent = self.endpoint.refresh(&current.endpoints, refresh, reason).await;
        match sent {
            Ok(renewed) => {
                let new = PendingTokens { renewed: Arc::new(renewed), spent: refresh.duplicate() };
                self.keep(guard, new, pending).await
            }
            // Nothing left this computer, or the server said no to it: the token is as good as before.
            Err(RefreshError::NotSent(failure) | RefreshError::Retryable(failure)) => {
                let restored = self.change(guard, move |sign_in| sign_in.attempt = earlier).await;
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
            Err(RefreshError::SignInEnded(failure)) => Err(self.end(guard, failure).await),
        }
    }

    /// Writes the new tokens, and gives them out only then.
    async fn keep(
        &self,
        guard: &Arc<LockGuard>,
        new: PendingTokens,
        pending: &mut Option<PendingTokens>,
    ) -> Result<Authorization, Failure> {
        let (now, renewed) = (self.clock.now(), Arc::clone(&new.renewed));
        let kept = self
            .change(guard, move |sign_in| {
                if let (Some(id), Some(access)) = (&renewed.id, &renewed.access) {
                    adopt_claims(sign_in, claims::account(id, access));
                }
                if let Some(access) = &renewed.access {
                    sign_in.expires_at = claims::expires_at(access);
                    sign_in.access = Arc::new(access.duplicate());
                }
                if let Some(refresh) = &renewed.refresh {
                    sign_in.refresh = Some(refresh.duplicate());
                }
                sign_in.refreshed_at = now;
                sign_in.attempt = None;
                sign_in.ended = None;
                authorization(sign_in)
            })
            .await;
        match kept {
            Ok(kept) => kept.ok_or_else(signed_out),
            Err(failure) => {
                *pending = Some(new);
                Err(failure)
            }
        }
    }

    /// `refresh_token_reused` is final only after the store was read again: a program that is not Usher, or
    /// a restored backup, may have put another token there (protocol §3.3).
    async fn reused(
        &self,
        guard: &Arc<LockGuard>,
        sent: &RefreshToken,
        earlier: Option<Attempt>,
        failure: Failure,
    ) -> Result<Authorization, Failure> {
        let held = self.read().await?;
        let now = held.get()?;
        if !now.holds(sent) {
            return Ok(authorization(now));
        }
        let failure = match earlier {
            Some(attempt) => Failure::new(
                ErrorCode::SignInReused,
                format!(
                    "a refresh started {} s ago was interrupted before its response was saved: Usher was stopped, or the connection broke; {failure}",
                    self.clock.now().since(attempt.at)
                ),
            ),
            None => failure,
        };
        Err(self.end(guard, failure).await)
    }

    /// Writes down that the sign-in is over, so that every process says the same at once.
    async fn end(&self, guard: &Arc<LockGuard>, failure: Failure) -> Failure {
        let ended = Ended { code: failure.code, cause: failure.cause.clone() };
        let noted = self
            .change(guard, move |sign_in| {
                sign_in.attempt = None;
                sign_in.ended = Some(ended);
            })
            .await;
        if let Err(why) = noted {
            // It is over all the same; the next renewal will be told so again.
            tracing::warn!(cause = why.chain(), "the end of a sign-in could not be saved");
        }
        failure
    }

    async fn change<T: Send + 'static>(
        &self,
        guard: &Arc<LockGuard>,
        change: impl FnOnce(&mut SignIn) -> T + Send + 'static,
    ) -> Result<Option<T>, Failure> {
        let (store, guard, account) = (Arc::clone(&self.store), Arc::clone(guard), self.account.clone());
        run_blocking(move || store.update(&guard, |vault| vault.sign_in_mut(&account).map(change))).await
    }

    /// What is kept now.
    pub(crate) async fn read(&self) -> Result<AccountSnapshot, Failure> {
        let store = Arc::clone(&self.store);
        let vault = run_blocking(move || store.read()).await?;
        Ok(AccountSnapshot { vault, account: self.account.clone() })
    }
}

/// The records as they were read, with one account looked up in them.
pub(crate) struct AccountSnapshot {
    vault: Arc<Vault>,
    account: AccountId,
}

impl AccountSnapshot {
    /// The sign-in, unless there is none or the server has ended it.
    pub(crate) fn get(&self) -> Result<&SignIn, Failure> {
        let sign_in = self.vault.sign_in(&self.account).ok_or_else(signed_out)?;
        match &sign_in.ended {
            Some(ended) => Err(Failure::new(ended.code, ended.cause.clone())),
            None => Ok(sign_in),
        }
    }
}

/// What a caller gets of `sign_in`.
pub(crate) fn authorization(sign_in: &SignIn) -> Authorization {
    Authorization {
        bearer: Bearer::AccessToken(Arc::clone(&sign_in.access)),
        account_id: Some(sign_in.account.account_id.clone()),
        fedramp: sign_in.account.fedramp,
        headers: Vec::new(),
        base: sign_in.endpoints.backend.clone(),
        expires_at: sign_in.expires_at,
    }
}

/// Plan and e-mail may change between refresher; the identity may not.
fn adopt_claims(sign_in: &mut SignIn, claimed: Result<Account, Failure>) {
    if let Ok(claimed) = claimed
        && claimed.id() == sign_in.account.id()
    {
        let label = sign_in.account.label.take();
        sign_in.account = Account { label, ..claimed };
    }
}

/// An access token that a person pasted has nothing to renew it with, so a refusal is final (protocol §5.1).
fn refused_for_good() -> Failure {
    Failure::new(
        ErrorCode::SignInRevoked,
        "OpenAI rejected the access token; it cannot be refreshed, so create a new one",
    )
}

fn signed_out() -> Failure {
    Failure::new(ErrorCode::SignInRequired, "this account is no longer signed in")
}
