//! What is special about the refresh of a plan sign-in: the gate before it, and the identity after it (siwc §6, §7).

use std::sync::Arc;

use usher_domain::ports::Clock;
use usher_domain::{AccessToken, ErrorCode, Failure, IdToken, RefreshToken, UnixTime};
use usher_net::HttpClient;

use super::identity::id_token::{ExpectedIdentity, IdTokenError, IdTokenVerifier, VerifiedIdentity};
use super::refresh_gate::refresh_window::{Now, Readiness, RefreshWindow};
use super::registrations::client_id::IssuedClientId;
use super::token_endpoint::PlanTokenEndpoint;
use super::token_endpoint::refresh::RefreshedPlanTokens;
use crate::store::{PlanGrant, Scopes, SignIn, UnverifiedTokens};
use crate::tokens::refresh_terms::{Gate, RefreshError, RefreshReason, RefreshUrgency};

/// Refreshes the sign-ins of plan usage.
pub(crate) struct PlanRefresh {
    http: Arc<HttpClient>,
    endpoint: PlanTokenEndpoint,
    clock: Arc<dyn Clock>,
}

impl PlanRefresh {
    pub(crate) fn new(http: Arc<HttpClient>, clock: Arc<dyn Clock>) -> Self {
        let endpoint = PlanTokenEndpoint::new(Arc::clone(&http), Arc::clone(&clock));
        Self { http, endpoint, clock }
    }

    /// Decides whether a refresh may be sent now. Called under the lock, before every refresh.
    ///
    /// Before the gate it fails with the time of the retry, and nothing is spent. Where the server restricts refreshes, its
    /// own time decides: a clock of this computer that was set meanwhile does not open the gate.
    pub(crate) async fn check_gate(
        &self,
        sign_in: &SignIn,
        grant: &PlanGrant,
        reason: RefreshReason,
    ) -> Result<Gate, Failure> {
        match reason {
            RefreshReason::ProactiveExpiry => self.check_due(sign_in, &grant.window).await,
            RefreshReason::UnauthorizedRecovery => {
                self.check_after_unauthorized(sign_in, &grant.window).await
            }
        }
    }

    async fn check_due(&self, sign_in: &SignIn, window: &RefreshWindow) -> Result<Gate, Failure> {
        let mut now = self.local_now();
        if window.readiness(now) == Readiness::ServerTimeNeeded {
            now.server = Some(self.endpoint.server_time(&sign_in.endpoints).await?);
        }
        match window.readiness(now) {
            Readiness::Due if window.is_expired(now) => Ok(Gate::Open(RefreshUrgency::Now)),
            Readiness::Due => Ok(Gate::Open(RefreshUrgency::Early)),
            Readiness::Closed { opens_at } => Err(closed(opens_at)),
            Readiness::NotDue | Readiness::ServerTimeNeeded => Ok(Gate::NotDue),
        }
    }

    async fn check_after_unauthorized(
        &self,
        sign_in: &SignIn,
        window: &RefreshWindow,
    ) -> Result<Gate, Failure> {
        let mut now = self.local_now();
        if window.is_restricted() {
            match self.endpoint.server_time(&sign_in.endpoints).await {
                Ok(time) => now.server = Some(time),
                // Closed by the local clock, or not known: nothing is sent in either case.
                Err(failure) => return window.after_unauthorized(now).and(Err(failure)),
            }
        }
        window.after_unauthorized(now)?;
        Ok(Gate::Open(RefreshUrgency::Now))
    }

    fn local_now(&self) -> Now {
        Now { local: self.clock.now(), server: None }
    }

    /// Sends the refresh token.
    pub(crate) async fn send(
        &self,
        sign_in: &SignIn,
        token: &RefreshToken,
    ) -> Result<RefreshedPlanTokens, RefreshError> {
        let client_id = client_id(sign_in).map_err(RefreshError::NotSent)?;
        self.endpoint.refresh(&sign_in.endpoints, &client_id, token).await
    }

    /// Verifies whose the new tokens are.
    pub(crate) async fn verify(
        &self,
        sign_in: &SignIn,
        tokens: &UnverifiedTokens,
    ) -> Result<VerifiedIdentity, IdTokenError> {
        let client_id = client_id(sign_in).map_err(IdTokenError::NotGenuine)?;
        let verifier =
            IdTokenVerifier::new(Arc::clone(&self.http), &sign_in.endpoints, Arc::clone(&self.clock));
        let expected = ExpectedIdentity {
            client_id: &client_id,
            // Bound to the sign-in only.
            nonce: None,
            subject: Some(&sign_in.account.user_id),
        };
        verifier.verify(&tokens.id, expected, tokens.issued_at).await
    }

    /// Revokes the tokens of a refresh whose identity is not the one of the sign-in.
    pub(crate) async fn revoke_rejected(&self, sign_in: &SignIn, tokens: &UnverifiedTokens) {
        if let Ok(client_id) = client_id(sign_in) {
            self.endpoint.revoke_unsaved(&sign_in.endpoints, &client_id, &tokens.refresh).await;
        }
    }
}

impl RefreshedPlanTokens {
    /// Replaces the tokens of `sign_in`, all at once. With an ID token they are kept aside, until that is verified.
    pub(crate) fn save_in(&self, sign_in: &mut SignIn, now: UnixTime) {
        let Some(grant) = &mut sign_in.plan_grant else { return };
        let access = self.access.as_ref().map(|access| Arc::new(access.duplicate()));
        let refresh = self.refresh.as_ref().or(sign_in.refresh.as_ref()).map(RefreshToken::duplicate);
        let scopes = self.scopes.clone().unwrap_or_else(|| grant.scopes.clone());
        let window = match &access {
            Some(_) => self.window,
            None => self.window.with_expiry_of(&grant.window),
        };
        let access = access.unwrap_or_else(|| Arc::clone(&sign_in.access));
        sign_in.refreshed_at = now;
        sign_in.attempt = None;
        sign_in.ended = None;
        match (&self.id, refresh) {
            (Some(id), Some(refresh)) => {
                let (id, issued_at) = (id.duplicate(), self.issued_at);
                grant.unverified = Some(UnverifiedTokens { access, refresh, id, scopes, window, issued_at });
            }
            (_, refresh) => replace(sign_in, access, refresh, scopes, window, None),
        }
    }
}

/// Takes the tokens of a refresh into use, whose ID token is verified.
pub(crate) fn adopt_verified(sign_in: &mut SignIn, identity: VerifiedIdentity) {
    let Some(tokens) = sign_in.plan_grant.as_mut().and_then(|grant| grant.unverified.take()) else { return };
    let UnverifiedTokens { access, refresh, id, scopes, window, .. } = tokens;
    replace(sign_in, access, Some(refresh), scopes, window, Some(id));
    sign_in.account.email = identity.email.or(sign_in.account.email.take());
}

fn replace(
    sign_in: &mut SignIn,
    access: Arc<AccessToken>,
    refresh: Option<RefreshToken>,
    scopes: Scopes,
    window: RefreshWindow,
    id: Option<IdToken>,
) {
    let Some(grant) = &mut sign_in.plan_grant else { return };
    grant.scopes = scopes;
    grant.window = window;
    grant.id = id.or(grant.id.take());
    sign_in.access = access;
    sign_in.refresh = refresh;
    sign_in.expires_at = Some(window.expires_at());
}

/// Clears the tokens of a plan sign-in that has ended (siwc §7.4). The account stays, and so does the registration.
pub(crate) fn clear_plan_tokens(sign_in: &mut SignIn) {
    let Some(grant) = &mut sign_in.plan_grant else { return };
    grant.id = None;
    grant.unverified = None;
    sign_in.access = Arc::new(AccessToken::new(""));
    sign_in.refresh = None;
}

fn client_id(sign_in: &SignIn) -> Result<IssuedClientId, Failure> {
    IssuedClientId::parse(&sign_in.account.account_id)
}

fn closed(opens_at: UnixTime) -> Failure {
    let cause =
        "the access token has expired, and a refresh now would end the sign-in; it is refreshed later";
    Failure::new(ErrorCode::UpstreamError, cause).with_retry_at(Some(opens_at))
}
