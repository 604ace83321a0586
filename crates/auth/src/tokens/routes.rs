//! What differs between the two routes of a sign-in in a refresh: when it is due, when it may be sent, what is sent, and
//! what is saved. The record of the sign-in says which route it is.
//!
//! Everything else, such as the lock, the record of the attempt and the order of saving, is in `refresh.rs`.

use std::sync::Arc;

use usher_domain::ports::Clock;
use usher_domain::{Account, ErrorCode, Failure, OAuthProvider, RefreshToken, UnixTime};
use usher_net::HttpClient;

use super::claims;
use super::endpoint::{RefreshedTokens, TokenEndpoint};
use super::refresh_terms::{Gate, RefreshError, RefreshReason, RefreshUrgency};
use crate::plan_usage::refresh::PlanRefresh;
use crate::plan_usage::token_endpoint::refresh::RefreshedPlanTokens;
use crate::plan_usage::{Now, Readiness};
use crate::store::SignIn;

/// A token is refreshed this long before `exp` (protocol §3.2).
const MARGIN_SECONDS: i64 = 5 * 60;
/// A token of the Codex client whose `exp` cannot be read is refreshed at this age (protocol §3.2).
const UNREADABLE_AGE_SECONDS: i64 = 8 * 24 * 60 * 60;

/// Both routes.
pub(crate) struct Routes {
    codex: TokenEndpoint,
    pub(crate) plan: PlanRefresh,
}

/// The tokens of a refresh.
pub(crate) enum NewTokens {
    Codex(RefreshedTokens),
    PlanUsage(RefreshedPlanTokens),
}

impl Routes {
    pub(crate) fn new(http: Arc<HttpClient>, provider: OAuthProvider, clock: Arc<dyn Clock>) -> Self {
        let plan = PlanRefresh::new(Arc::clone(&http), clock);
        Self { codex: TokenEndpoint::new(http, provider), plan }
    }

    /// Decides whether a refresh may be sent now. Called under the lock. Fails where it has to wait.
    pub(crate) async fn check_gate(
        &self,
        sign_in: &SignIn,
        reason: RefreshReason,
        urgency: RefreshUrgency,
    ) -> Result<Gate, Failure> {
        match &sign_in.plan_grant {
            None => Ok(Gate::Open(urgency)),
            Some(grant) => self.plan.check_gate(sign_in, grant, reason).await,
        }
    }

    /// Sends the refresh token.
    pub(crate) async fn send(
        &self,
        sign_in: &SignIn,
        token: &RefreshToken,
        reason: RefreshReason,
    ) -> Result<NewTokens, RefreshError> {
        match &sign_in.plan_grant {
            None => self.codex.refresh(&sign_in.endpoints, token, reason).await.map(NewTokens::Codex),
            Some(_) => self.plan.send(sign_in, token).await.map(NewTokens::PlanUsage),
        }
    }
}

impl NewTokens {
    /// Replaces the tokens of `sign_in`; a missing one keeps its old value.
    pub(crate) fn save_in(&self, sign_in: &mut SignIn, now: UnixTime) {
        match self {
            Self::Codex(tokens) => save_codex_tokens(tokens, sign_in, now),
            Self::PlanUsage(tokens) => tokens.save_in(sign_in, now),
        }
    }
}

/// Returns whether a refresh is due by the local clock, or the token has expired before it may be refreshed.
pub(crate) fn is_refresh_due(sign_in: &SignIn, now: UnixTime) -> bool {
    if sign_in.refresh.is_none() {
        return false;
    }
    match (&sign_in.plan_grant, sign_in.expires_at) {
        (Some(grant), _) => grant.window.readiness(Now { local: now, server: None }) != Readiness::NotDue,
        (None, None) => now.since(sign_in.refreshed_at) >= UNREADABLE_AGE_SECONDS,
        (None, end) => expires_soon(end, now),
    }
}

pub(crate) fn expires_soon(end: Option<UnixTime>, now: UnixTime) -> bool {
    end.is_some_and(|end| end.since(now) <= MARGIN_SECONDS)
}

/// Returns the failure for an access token that the server rejected and that cannot be refreshed.
pub(crate) fn access_token_rejected(sign_in: &SignIn) -> Failure {
    match &sign_in.plan_grant {
        // A token that a user pasted (protocol §5.1).
        None => Failure::new(
            ErrorCode::SignInRevoked,
            "OpenAI rejected the access token; it cannot be refreshed, so create a new one",
        ),
        Some(_) => Failure::new(
            ErrorCode::SignInExpired,
            "OpenAI rejected the access token, and issued none to refresh it with",
        ),
    }
}

fn save_codex_tokens(tokens: &RefreshedTokens, sign_in: &mut SignIn, now: UnixTime) {
    if let (Some(id), Some(access)) = (&tokens.id, &tokens.access) {
        adopt_claims(sign_in, claims::account(id, access));
    }
    if let Some(access) = &tokens.access {
        sign_in.expires_at = claims::expires_at(access);
        sign_in.access = Arc::new(access.duplicate());
    }
    if let Some(refresh) = &tokens.refresh {
        sign_in.refresh = Some(refresh.duplicate());
    }
    sign_in.refreshed_at = now;
    sign_in.attempt = None;
    sign_in.ended = None;
}

/// Adopts the claims of new tokens: plan and e-mail may change with a refresh, the identity may not.
fn adopt_claims(sign_in: &mut SignIn, account: Result<Account, Failure>) {
    if let Ok(account) = account
        && account.id() == sign_in.account.id()
    {
        let (label, default_name) = (sign_in.account.label.take(), sign_in.account.default_name.take());
        sign_in.account = Account { label, default_name, ..account };
    }
}

#[cfg(test)]
mod tests {
    use usher_domain::Plan;

    use super::*;
    use crate::store::sign_in;

    #[test]
    fn refreshed_account_keeps_the_name_that_it_arrived_with() {
        let mut current = sign_in("ada");
        current.account.default_name = Some("Personal 2".into());
        let of_tokens = Account { default_name: None, plan: Plan("pro".into()), ..current.account.clone() };
        adopt_claims(&mut current, Ok(of_tokens));
        assert_eq!((current.account.name().as_str(), current.account.plan.0.as_str()), ("Personal 2", "pro"));
    }
}
