//! Hands out access tokens and renews them: one refresh at a time, in this process and in all others.
//!
//! The ladder: a token that is good is handed out; else the home's lock is taken, the store read again, and
//! a token that another process has renewed meanwhile is adopted; else the attempt is written down, made
//! once, and its result is on the disk before anybody uses it (`refresh.rs`).

use std::sync::Arc;

use tokio::sync::Mutex;
use usher_domain::ports::{Authorization, Bearer, BoxFuture, Clock, TokenSource};
use usher_domain::{AccessToken, AccountId, ErrorCode, Failure, OAuthProvider, UnixTime};
use usher_net::HttpClient;

use super::endpoint::{RefreshReason, TokenEndpoint};
use super::refresh::{LockTimeouts, PendingTokens, RefreshUrgency, Refresher, authorization};
use crate::store::{SignIn, Store};

/// Renewed this long before `exp` (protocol §3.2).
const MARGIN_SECONDS: i64 = 5 * 60;
/// A token whose `exp` cannot be read is renewed when it is this old (protocol §3.2).
const UNREADABLE_AGE_SECONDS: i64 = 8 * 24 * 60 * 60;
/// How long a failure stands for all callers while the current token works.
const LONG_PAUSE_SECONDS: i64 = 60;
/// The same when it does not: just long enough for those who waited together.
const SHORT_PAUSE_SECONDS: i64 = 5;
/// The longest pause that a server may ask for.
const LONGEST_PAUSE_SECONDS: i64 = 5 * 60;

/// The access tokens of one account.
pub struct RefreshingTokenSource {
    refresher: Arc<Refresher>,
    /// Single flight in this process.
    state: Arc<Mutex<RefreshState>>,
}

/// What one renewal leaves behind for the next.
#[derive(Default)]
struct RefreshState {
    pause: Option<Pause>,
    pending: Option<PendingTokens>,
}

/// A time in which no renewal is begun.
struct Pause {
    from: UnixTime,
    until: UnixTime,
    /// How much the renewal was needed that it follows.
    urgency: RefreshUrgency,
    /// What callers hear in it; without one they go on with the current token.
    failure: Option<Failure>,
}

impl Pause {
    /// Whether a caller with `need` is held back. What was let be while the token worked is tried when it no longer
    /// does. A clock that was set back does not make it longer.
    fn covers(&self, urgency: RefreshUrgency, now: UnixTime) -> bool {
        (urgency == RefreshUrgency::Early || self.urgency == RefreshUrgency::Now)
            && self.from <= now
            && now < self.until
    }

    /// What follows from how a renewal went. `used` is the token that was no longer wanted.
    fn after(
        outcome: &Result<Authorization, Failure>,
        used: &AccessToken,
        urgency: RefreshUrgency,
        from: UnixTime,
    ) -> Option<Self> {
        match outcome {
            Err(failure) if !ends_it(failure) => {
                let until = next_try(failure, urgency, from);
                Some(Self { from, until, urgency, failure: Some(failure.clone()) })
            }
            // A server that gives no new access token, or a clock by which the new one is old already,
            // must not make every call rotate the refresh token.
            Ok(renewed) if is_bearer(renewed, used) || ends_soon(renewed.expires_at, from) => {
                Some(Self { from, until: from.plus(LONG_PAUSE_SECONDS), urgency, failure: None })
            }
            _ => None,
        }
    }
}

/// When the next renewal may be begun after one that failed with `failure` at `from`.
fn next_try(failure: &Failure, urgency: RefreshUrgency, from: UnixTime) -> UnixTime {
    let own = from.plus(match urgency {
        RefreshUrgency::Early => LONG_PAUSE_SECONDS,
        RefreshUrgency::Now => SHORT_PAUSE_SECONDS,
    });
    // What the server asks for, within reason: one wrong header must not sign anybody out for a day.
    let asked = failure.retry_at.unwrap_or(own).min(from.plus(LONGEST_PAUSE_SECONDS));
    own.max(asked)
}

impl RefreshingTokenSource {
    /// The tokens of `account`, which `store` keeps.
    pub fn new(
        store: Arc<Store>,
        http: Arc<HttpClient>,
        provider: OAuthProvider,
        clock: Arc<dyn Clock>,
        account: AccountId,
        lock_timeouts: LockTimeouts,
    ) -> Self {
        let endpoint = TokenEndpoint::new(http, provider);
        let refresher = Arc::new(Refresher { store, endpoint, clock, account, lock_timeouts });
        Self { refresher, state: Arc::default() }
    }

    /// Waits for a renewal that is under way. A program does so before it ends: a token that is on its way
    /// back would be lost with it, and the sign-in too.
    pub async fn wait_idle(&self) {
        drop(self.state.lock().await);
    }

    async fn good_token(&self) -> Result<Authorization, Failure> {
        let now = self.refresher.clock.now();
        let held = self.refresher.read().await?;
        let current = held.get()?;
        if !is_due(current, now) {
            return Ok(authorization(current));
        }
        match self.renew(RefreshReason::ProactiveExpiry, &current.access).await {
            // A token that still works outlives a renewal that did not (protocol §3.2).
            Err(failure) if still_works(current, now) && !ends_it(&failure) => {
                tracing::warn!(code = ?failure.code, cause = failure.chain(), "refresh failed; the current token still works");
                Ok(authorization(current))
            }
            other => other,
        }
    }

    /// Renews unless somebody else already did. `used` is the token that is no longer wanted.
    async fn renew(&self, reason: RefreshReason, used: &AccessToken) -> Result<Authorization, Failure> {
        let mut state = Arc::clone(&self.state).lock_owned().await;
        let now = self.refresher.clock.now();
        let held = self.refresher.read().await?;
        let current = held.get()?;
        if !current.access.matches(used) {
            return Ok(authorization(current));
        }
        let urgency = urgency_of(reason, current, now);
        if state.pending.is_none()
            && let Some(pause) = state.pause.as_ref().filter(|pause| pause.covers(urgency, now))
        {
            return pause.failure.clone().map_or_else(|| Ok(authorization(current)), Err);
        }
        let (refresher, used) = (Arc::clone(&self.refresher), used.duplicate());
        // A task of its own: whoever asked may go away at any moment, and once the refresh token is sent,
        // what comes back must be kept all the same.
        let refresh = tokio::spawn(async move {
            let outcome = refresher.renew(&mut state.pending, reason, &used, urgency).await;
            state.pause = Pause::after(&outcome, &used, urgency, refresher.clock.now());
            outcome
        });
        refresh.await.unwrap_or_else(|error| {
            Err(Failure::new(ErrorCode::Internal, "the task that refreshes the sign-in failed")
                .with_source(error))
        })
    }
}

impl TokenSource for RefreshingTokenSource {
    fn authorization(&self) -> BoxFuture<'_, Result<Authorization, Failure>> {
        Box::pin(self.good_token())
    }

    fn after_unauthorized<'a>(
        &'a self,
        used: &'a Authorization,
    ) -> BoxFuture<'a, Result<Authorization, Failure>> {
        match &used.bearer {
            Bearer::AccessToken(token) => Box::pin(self.renew(RefreshReason::UnauthorizedRecovery, token)),
            // Nothing that this source gave out.
            Bearer::None | Bearer::ApiKey(_) => Box::pin(self.good_token()),
        }
    }
}

fn urgency_of(reason: RefreshReason, current: &SignIn, now: UnixTime) -> RefreshUrgency {
    match reason {
        RefreshReason::ProactiveExpiry if still_works(current, now) => RefreshUrgency::Early,
        _ => RefreshUrgency::Now,
    }
}

fn is_bearer(authorization: &Authorization, token: &AccessToken) -> bool {
    matches!(&authorization.bearer, Bearer::AccessToken(bearer) if bearer.matches(token))
}

fn is_due(sign_in: &SignIn, now: UnixTime) -> bool {
    if sign_in.refresh.is_none() {
        return false;
    }
    match sign_in.expires_at {
        None => now.since(sign_in.refreshed_at) >= UNREADABLE_AGE_SECONDS,
        end => ends_soon(end, now),
    }
}

fn ends_soon(end: Option<UnixTime>, now: UnixTime) -> bool {
    end.is_some_and(|end| end.since(now) <= MARGIN_SECONDS)
}

fn still_works(sign_in: &SignIn, now: UnixTime) -> bool {
    sign_in.expires_at.is_none_or(|end| end > now)
}

fn ends_it(failure: &Failure) -> bool {
    failure.code.requires_sign_in() || failure.code == ErrorCode::AccountProblem
}
