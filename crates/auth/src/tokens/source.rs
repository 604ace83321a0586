//! Hands out access tokens and refreshes them: one refresh at a time, in this process and across all others.
//!
//! In this order: a token that is still valid is handed out; otherwise the home's lock is acquired, the store read again,
//! and a token that another process has refreshed meanwhile is adopted; otherwise the attempt is recorded, the refresh
//! token sent once, and the result written to disk before anybody uses it (`refresh.rs`).

use std::sync::Arc;

use tokio::sync::Mutex;
use usher_domain::ports::{Authorization, Bearer, BoxFuture, Clock, TokenSource};
use usher_domain::{AccessToken, AccountId, ErrorCode, Failure, OAuthProvider, UnixTime};
use usher_net::HttpClient;

use super::account_snapshot::authorization;
use super::refresh::{LockTimeouts, PendingTokens, Refresher};
use super::refresh_terms::{RefreshReason, RefreshUrgency};
use super::routes::{Routes, expires_soon, is_refresh_due};
use crate::store::{SignIn, Store};

/// Backoff after a failed refresh, for all callers, while the current token is valid.
const BACKOFF_SECONDS: i64 = 60;
/// Backoff when it is not: just long enough that callers who waited together share one failure.
pub const REFRESH_RETRY_SECONDS: i64 = 5;
/// Limits the backoff that a server may request.
const MAX_BACKOFF_SECONDS: i64 = 5 * 60;

/// The access tokens of one account.
pub struct RefreshingTokenSource {
    refresher: Arc<Refresher>,
    /// Locked during a refresh, so that this process makes one at a time.
    state: Arc<Mutex<RefreshState>>,
}

/// What a refresh leaves for the next one.
#[derive(Default)]
struct RefreshState {
    backoff: Option<Backoff>,
    pending: Option<PendingTokens>,
}

/// A time in which no refresh is started.
struct Backoff {
    from: UnixTime,
    until: UnixTime,
    /// The urgency of the refresh before it.
    urgency: RefreshUrgency,
    /// The failure that callers get; without one they get the current token.
    failure: Option<Failure>,
}

impl Backoff {
    /// Returns whether it applies to a caller with `urgency`.
    ///
    /// One from a time when the token was valid does not apply once the token has expired. A clock that was set back
    /// does not make it longer.
    fn applies(&self, urgency: RefreshUrgency, now: UnixTime) -> bool {
        (urgency == RefreshUrgency::Early || self.urgency == RefreshUrgency::Now)
            && self.from <= now
            && now < self.until
    }

    /// Returns the backoff after a refresh with this outcome. `used` is the token that it was to replace.
    fn after(
        outcome: &Result<Authorization, Failure>,
        used: &AccessToken,
        urgency: RefreshUrgency,
        from: UnixTime,
    ) -> Option<Self> {
        match outcome {
            Err(failure) if !ends_sign_in(failure) => {
                let until = next_try(failure, urgency, from);
                Some(Self { from, until, urgency, failure: Some(failure.clone()) })
            }
            // Without a new access token, or with one that has expired by this computer's clock, every call would
            // rotate the refresh token again.
            Ok(refreshed) if is_bearer(refreshed, used) || expires_soon(refreshed.expires_at, from) => {
                Some(Self { from, until: from.plus(BACKOFF_SECONDS), urgency, failure: None })
            }
            _ => None,
        }
    }
}

/// Returns when the next refresh may start after one that failed with `failure` at `from`.
fn next_try(failure: &Failure, urgency: RefreshUrgency, from: UnixTime) -> UnixTime {
    let default = from.plus(match urgency {
        RefreshUrgency::Early => BACKOFF_SECONDS,
        RefreshUrgency::Now => REFRESH_RETRY_SECONDS,
    });
    // The server's Retry-After, within a limit: one wrong header must not sign anybody out for a day.
    let requested = failure.retry_at.unwrap_or(default).min(from.plus(MAX_BACKOFF_SECONDS));
    default.max(requested)
}

impl RefreshingTokenSource {
    /// Creates the token source of `account`, whose sign-in is in `store`.
    pub fn new(
        store: Arc<Store>,
        http: Arc<HttpClient>,
        provider: OAuthProvider,
        clock: Arc<dyn Clock>,
        account: AccountId,
        lock_timeouts: LockTimeouts,
    ) -> Self {
        let routes = Routes::new(http, provider, Arc::clone(&clock));
        let refresher = Arc::new(Refresher { store, routes, clock, account, lock_timeouts });
        Self { refresher, state: Arc::default() }
    }

    /// Waits for a refresh in progress.
    ///
    /// A program does so before it exits: new tokens in transit would be lost, and the sign-in with them.
    pub async fn wait_idle(&self) {
        drop(self.state.lock().await);
    }

    async fn valid_token(&self) -> Result<Authorization, Failure> {
        let now = self.refresher.clock.now();
        let snapshot = self.refresher.read().await?;
        let current = snapshot.get()?;
        if !is_refresh_due(current, now) {
            return authorization(current);
        }
        match self.refresh(RefreshReason::ProactiveExpiry, &current.access).await {
            // A token that is still valid is used even if its refresh failed (protocol §3.2).
            Err(failure) if is_valid(current, now) && !ends_sign_in(&failure) => {
                tracing::warn!(code = ?failure.code, cause = failure.chain(), "refresh failed; the current token still works");
                authorization(current)
            }
            outcome => outcome,
        }
    }

    /// Refreshes unless somebody else already has. `used` is the token to replace.
    async fn refresh(&self, reason: RefreshReason, used: &AccessToken) -> Result<Authorization, Failure> {
        let mut state = Arc::clone(&self.state).lock_owned().await;
        let now = self.refresher.clock.now();
        let snapshot = self.refresher.read().await?;
        let current = snapshot.get()?;
        if !current.access.matches(used) {
            return authorization(current);
        }
        let urgency = urgency_of(reason, current, now);
        if state.pending.is_none()
            && let Some(backoff) = state.backoff.as_ref().filter(|backoff| backoff.applies(urgency, now))
        {
            return backoff.failure.clone().map_or_else(|| authorization(current), Err);
        }
        let (refresher, used) = (Arc::clone(&self.refresher), used.duplicate());
        // Its own task: the caller may be dropped at any moment, and once the refresh token is sent, the new tokens
        // must be saved all the same.
        let task = tokio::spawn(async move {
            let outcome = refresher.refresh_locked(&mut state.pending, reason, &used, urgency).await;
            state.backoff = Backoff::after(&outcome, &used, urgency, refresher.clock.now());
            outcome
        });
        task.await.unwrap_or_else(|error| {
            Err(Failure::new(ErrorCode::Internal, "the task that refreshes the sign-in failed")
                .with_source(error))
        })
    }
}

impl TokenSource for RefreshingTokenSource {
    fn authorization(&self) -> BoxFuture<'_, Result<Authorization, Failure>> {
        Box::pin(self.valid_token())
    }

    fn after_unauthorized<'a>(
        &'a self,
        used: &'a Authorization,
    ) -> BoxFuture<'a, Result<Authorization, Failure>> {
        match &used.bearer {
            Bearer::AccessToken(token) => Box::pin(self.refresh(RefreshReason::UnauthorizedRecovery, token)),
            // Not a credential of this source.
            Bearer::None | Bearer::ApiKey(_) => Box::pin(self.valid_token()),
        }
    }
}

fn urgency_of(reason: RefreshReason, current: &SignIn, now: UnixTime) -> RefreshUrgency {
    match reason {
        RefreshReason::ProactiveExpiry if is_valid(current, now) => RefreshUrgency::Early,
        _ => RefreshUrgency::Now,
    }
}

fn is_bearer(authorization: &Authorization, token: &AccessToken) -> bool {
    matches!(&authorization.bearer, Bearer::AccessToken(bearer) if bearer.matches(token))
}

fn is_valid(sign_in: &SignIn, now: UnixTime) -> bool {
    sign_in.expires_at.is_none_or(|end| end > now)
}

/// Returns whether no token of the sign-in may be used after the failure.
fn ends_sign_in(failure: &Failure) -> bool {
    failure.code.requires_sign_in()
        || matches!(
            failure.code,
            ErrorCode::AccountProblem | ErrorCode::OtherAccount | ErrorCode::PlanUseNotAllowed
        )
}
