//! The token endpoint of plan usage: exchange, refresh and revocation, as forms (siwc §5, §7, §8).
//!
//! The issued client id is given with each call: there is one for each registration.

mod discovery;
pub(crate) mod refresh;
mod response;

use std::sync::Arc;
use std::time::Duration;

use usher_domain::ports::Clock;
use usher_domain::{AccessToken, AuthorizationCode, CodeVerifier, IdToken, RefreshToken, UnixTime};
use usher_domain::{Endpoints, ErrorCode, Failure};
use usher_net::{HttpClient, HttpRequest, HttpResponse, StatusCode};

use self::discovery::Discovery;
use self::response::TokenResponse;
use crate::plan_usage::refresh_gate::refresh_window::RefreshWindow;
use crate::plan_usage::registrations::client_id::IssuedClientId;
use crate::store::Scopes;
use crate::tokens::endpoint::MAX_TOKEN_BYTES;
use crate::tokens::oauth_error::OAuthError;

/// What the tokens are for. The same at every issuer, also at the sandbox (siwc §0).
pub(crate) const RESOURCE: &str = "https://api.openai.com/v1";

const TOKEN_PATH: &str = "/api/accounts/oauth/token";
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(30);
const REVOKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Calls the token endpoint of plan usage.
pub struct PlanTokenEndpoint {
    http: Arc<HttpClient>,
    clock: Arc<dyn Clock>,
    discovery: Discovery,
}

/// The tokens of a code exchange.
pub struct IssuedPlanTokens {
    /// Missing where the plan was not allowed, perhaps (siwc §5).
    pub access: Option<AccessToken>,
    /// Missing where the sign-in cannot be refreshed.
    pub refresh: Option<RefreshToken>,
    /// Not verified yet.
    pub id: IdToken,
    /// What was granted. A response without scopes grants nothing: no other place says whether the plan may be used
    /// (siwc §4).
    pub scopes: Scopes,
    /// When the tokens may be refreshed.
    pub window: RefreshWindow,
    /// The server's clock when it responded.
    pub server_time: Option<UnixTime>,
}

impl PlanTokenEndpoint {
    /// Creates it. Nothing is sent yet.
    pub fn new(http: Arc<HttpClient>, clock: Arc<dyn Clock>) -> Self {
        let discovery = Discovery::new(Arc::clone(&http));
        Self { http, clock, discovery }
    }

    /// Exchanges a code for tokens (siwc §5).
    ///
    /// Sent once: a code is single use. `redirect_uri` is the one of the authorization request, byte for byte. Fails
    /// without an ID token or with a token that is too long, and revokes the grant then.
    pub async fn exchange(
        &self,
        endpoints: &Endpoints,
        client_id: &IssuedClientId,
        code: &AuthorizationCode,
        verifier: &CodeVerifier,
        redirect_uri: &str,
    ) -> Result<IssuedPlanTokens, Failure> {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", client_id.as_str()),
            ("code", code.expose()),
            ("code_verifier", verifier.expose()),
            ("redirect_uri", redirect_uri),
            ("resource", RESOURCE),
        ];
        let request = post(endpoints, &form).with_timeout(EXCHANGE_TIMEOUT);
        let response = self.http.send(request).await?;
        let (received_at, server_date) = (self.clock.now(), response.date());
        if !response.status().is_success() {
            return Err(read_exchange_error(response).await);
        }
        if let Some(challenge) = response.challenge_page() {
            return Err(challenge);
        }
        let host = response.host().to_owned();
        let response = TokenResponse::read(response).await?;
        let window = response.window(received_at, server_date);
        match response.id {
            Some(id) if response.longest <= MAX_TOKEN_BYTES => Ok(IssuedPlanTokens {
                access: response.access,
                refresh: response.refresh,
                id,
                scopes: response.scopes.unwrap_or_default(),
                window,
                server_time: server_date,
            }),
            id => {
                if let Some(refresh) = &response.refresh {
                    self.revoke_unsaved(endpoints, client_id, refresh).await;
                }
                let cause = match id {
                    None => format!("the response of {host} lacks the ID token"),
                    Some(_) => format!(
                        "a token of {host} has {} bytes; Usher takes at most {MAX_TOKEN_BYTES}",
                        response.longest
                    ),
                };
                Err(Failure::new(ErrorCode::MalformedAnswer, cause))
            }
        }
    }

    /// Returns the issuer's time. No token is sent.
    pub(crate) async fn server_time(&self, endpoints: &Endpoints) -> Result<UnixTime, Failure> {
        self.discovery.server_time(endpoints).await
    }

    /// Revokes a grant that was not saved, so that it does not stay valid at the server.
    pub(crate) async fn revoke_unsaved(
        &self,
        endpoints: &Endpoints,
        client_id: &IssuedClientId,
        token: &RefreshToken,
    ) {
        if let Err(failure) = self.revoke(endpoints, client_id, token).await {
            tracing::warn!(cause = failure.chain(), "a grant that was not saved could not be revoked");
        }
    }

    /// Revokes a grant at the address that the issuer names (siwc §8, RFC 7009). The registration stays.
    pub(crate) async fn revoke(
        &self,
        endpoints: &Endpoints,
        client_id: &IssuedClientId,
        token: &RefreshToken,
    ) -> Result<(), Failure> {
        let url = self.discovery.revocation_endpoint(endpoints).await?;
        let form = [
            ("token", token.expose()),
            ("token_type_hint", "refresh_token"),
            ("client_id", client_id.as_str()),
        ];
        let request = HttpRequest::post_form(url, &form).with_timeout(REVOKE_TIMEOUT);
        let response = self.http.send(request).await?;
        if let Some(challenge) = response.challenge_page() {
            return Err(challenge);
        }
        if response.status() == StatusCode::OK {
            return Ok(());
        }
        let error = OAuthError::read(response).await;
        // The person removed the app at ChatGPT: its grants ended with it.
        if error.code == "invalid_client" && error.challenge.is_none() {
            return Ok(());
        }
        Err(error.into_failure())
    }
}

fn post(endpoints: &Endpoints, form: &[(&str, &str)]) -> HttpRequest {
    HttpRequest::post_form(endpoints.at_issuer(TOKEN_PATH), form).header("accept", "application/json")
}

async fn read_exchange_error(response: HttpResponse) -> Failure {
    let error = OAuthError::read(response).await;
    match error.code.as_str() {
        _ if error.challenge.is_some() => error.into_failure(),
        "invalid_client" => error.failure(ErrorCode::RegistrationIncomplete),
        "invalid_grant" => {
            let mut failure = error.failure(ErrorCode::SignInExpired);
            let why = "the code of the sign-in page is too old or was used already";
            failure.cause = format!("{why}; {}", failure.cause);
            failure
        }
        _ => error.into_failure(),
    }
}
