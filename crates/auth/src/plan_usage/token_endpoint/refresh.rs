//! A refresh at the token endpoint, and what its errors mean (siwc §7.1, §7.4).

use std::time::Duration;

use usher_domain::{AccessToken, Endpoints, ErrorCode, Failure, IdToken, RefreshToken, UnixTime};
use usher_net::HttpResponse;

use super::response::TokenResponse;
use super::{PlanTokenEndpoint, RESOURCE, post};
use crate::plan_usage::refresh_gate::refresh_window::RefreshWindow;
use crate::plan_usage::registrations::client_id::IssuedClientId;
use crate::store::Scopes;
use crate::tokens::oauth_error::OAuthError;
use crate::tokens::refresh_terms::{RefreshError, into_refresh_error};

const TIMEOUT: Duration = Duration::from_secs(20);

/// The tokens of a refresh. A missing one, and missing scopes, keep their old value.
pub(crate) struct RefreshedPlanTokens {
    pub(crate) access: Option<AccessToken>,
    pub(crate) refresh: Option<RefreshToken>,
    /// Not verified yet.
    pub(crate) id: Option<IdToken>,
    pub(crate) scopes: Option<Scopes>,
    pub(crate) window: RefreshWindow,
    /// The server's time when they came, or else the local one.
    pub(crate) issued_at: UnixTime,
}

impl PlanTokenEndpoint {
    /// Refreshes tokens. The caller has made sure that the gate is open.
    ///
    /// Without `scope`, which keeps what was granted.
    pub(crate) async fn refresh(
        &self,
        endpoints: &Endpoints,
        client_id: &IssuedClientId,
        token: &RefreshToken,
    ) -> Result<RefreshedPlanTokens, RefreshError> {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", client_id.as_str()),
            ("refresh_token", token.expose()),
            ("resource", RESOURCE),
        ];
        let request = post(endpoints, &form).with_timeout(TIMEOUT);
        let response = self.http.send(request).await.map_err(into_refresh_error)?;
        let (received_at, server_date) = (self.clock.now(), response.date());
        if !response.status().is_success() {
            return Err(read_refresh_error(response).await);
        }
        if let Some(challenge) = response.challenge_page() {
            return Err(RefreshError::OutcomeUnknown(challenge));
        }
        let host = response.host().to_owned();
        let response = TokenResponse::read(response).await.map_err(into_refresh_error)?;
        if response.access.is_none() && response.refresh.is_none() {
            let cause = format!("the response of {host} has no token");
            return Err(RefreshError::OutcomeUnknown(Failure::new(ErrorCode::MalformedAnswer, cause)));
        }
        Ok(RefreshedPlanTokens {
            window: response.window(received_at, server_date),
            access: response.access,
            refresh: response.refresh,
            id: response.id,
            scopes: response.scopes,
            issued_at: server_date.unwrap_or(received_at),
        })
    }
}

/// Classifies an error response by status and code, never by text.
async fn read_refresh_error(response: HttpResponse) -> RefreshError {
    let error = OAuthError::read(response).await;
    // A redirect is not followed, and what is behind it may have seen the request.
    if !error.status.is_client_error() {
        return RefreshError::OutcomeUnknown(error.into_failure());
    }
    match error.code.as_str() {
        _ if error.challenge.is_some() || error.is_region() => RefreshError::Retryable(error.into_failure()),
        "refresh_token_reused" => RefreshError::Reused(error.failure(ErrorCode::SignInReused)),
        "token_expired" | "refresh_token_expired" => {
            RefreshError::SignInEnded(error.failure(ErrorCode::SignInExpired))
        }
        "invalid_grant" | "invalid_refresh_token" | "refresh_token_invalidated" => {
            RefreshError::SignInEnded(error.failure(ErrorCode::SignInRevoked))
        }
        // A matter of configuration, which says nothing about the tokens.
        "invalid_client" => RefreshError::Retryable(rejected_client(error)),
        _ => RefreshError::Retryable(error.into_failure()),
    }
}

fn rejected_client(error: OAuthError) -> Failure {
    let mut failure = error.failure(ErrorCode::RegistrationIncomplete);
    failure.cause =
        format!("OpenAI did not accept this registration of Usher; the sign-in is kept; {}", failure.cause);
    failure
}
