//! The token endpoint: exchange, refresh, revoke (protocol §2, §3, §4).

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use usher_domain::{AccessToken, AuthorizationCode, CodeVerifier, IdToken, RefreshToken, Secret};
use usher_domain::{Endpoints, ErrorCode, Failure, OAuthProvider};
use usher_net::{HttpClient, HttpRequest, HttpResponse, StatusCode};

use super::oauth_error::OAuthError;
use super::refresh_terms::{RefreshError, RefreshReason, into_refresh_error};

/// A token response is three tokens and a few numbers.
const MAX_RESPONSE_BYTES: usize = 256 * 1024;
/// Limits a token at sign-in. OpenAI's have two kilobytes, and no server takes a header with a larger one.
///
/// Not at a refresh: there the old token is spent, and a refused new one would be the end of the sign-in.
pub(crate) const MAX_TOKEN_BYTES: usize = 32 * 1024;
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(30);
const REFRESH_TIMEOUT: Duration = Duration::from_secs(20);
/// Protocol §4.
const REVOKE_TIMEOUT: Duration = Duration::from_secs(10);

/// The tokens of a code exchange: Codex requires all three (protocol §2.2).
pub(crate) struct IssuedTokens {
    pub(crate) access: AccessToken,
    pub(crate) refresh: RefreshToken,
    pub(crate) id: IdToken,
    /// The server's clock when it responded.
    pub(crate) date: Option<usher_domain::UnixTime>,
}

/// The tokens of a refresh: each is optional, and a missing one keeps its old value (protocol §3.1).
pub(crate) struct RefreshedTokens {
    pub(crate) access: Option<AccessToken>,
    pub(crate) refresh: Option<RefreshToken>,
    pub(crate) id: Option<IdToken>,
}

/// Calls the token endpoint of one provider.
pub(crate) struct TokenEndpoint {
    http: Arc<HttpClient>,
    provider: OAuthProvider,
}

impl TokenEndpoint {
    pub(crate) fn new(http: Arc<HttpClient>, provider: OAuthProvider) -> Self {
        Self { http, provider }
    }

    /// Exchanges a code (RFC 6749 §4.1.3).
    ///
    /// Never retried: a code is single use, and a second try after an unclear failure could revoke the grant that the
    /// first one created. Sends neither `originator` nor `state`, as recorded.
    pub(crate) async fn exchange(
        &self,
        code: &AuthorizationCode,
        verifier: &CodeVerifier,
        redirect_uri: &str,
    ) -> Result<IssuedTokens, Failure> {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", &self.provider.client_id),
            ("code", code.expose()),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier.expose()),
        ];
        let url = self.provider.endpoints.at_issuer("/oauth/token");
        let response =
            self.http.send(HttpRequest::post_form(url, &form).with_timeout(EXCHANGE_TIMEOUT)).await?;
        let date = response.date();
        if !response.status().is_success() {
            return Err(read_exchange_error(response).await);
        }
        if let Some(challenge) = response.challenge_page() {
            return Err(challenge);
        }
        let host = response.host().to_owned();
        let tokens: TokenResponse = response.json(MAX_RESPONSE_BYTES).await?;
        let RefreshedTokens { access, refresh, id } = tokens.into();
        match (access, refresh, id) {
            (Some(access), Some(refresh), Some(id)) => {
                let longest = access.expose().len().max(refresh.expose().len()).max(id.expose().len());
                if longest > MAX_TOKEN_BYTES {
                    self.revoke_unsaved(&refresh).await;
                    let cause = format!(
                        "a token of {host} has {longest} bytes; Usher takes at most {MAX_TOKEN_BYTES}"
                    );
                    return Err(Failure::new(ErrorCode::MalformedAnswer, cause));
                }
                Ok(IssuedTokens { access, refresh, id, date })
            }
            (_, refresh, _) => {
                if let Some(refresh) = refresh {
                    self.revoke_unsaved(&refresh).await;
                }
                let cause = format!("the response of {host} lacks one of the three tokens");
                Err(Failure::new(ErrorCode::MalformedAnswer, cause))
            }
        }
    }

    /// Refreshes tokens (RFC 6749 §6), with the JSON body of the recordings, at the issuer of the sign-in.
    pub(crate) async fn refresh(
        &self,
        endpoints: &Endpoints,
        token: &RefreshToken,
        reason: RefreshReason,
    ) -> Result<RefreshedTokens, RefreshError> {
        #[derive(Serialize)]
        struct Body<'a> {
            client_id: &'a str,
            grant_type: &'a str,
            refresh_reason: RefreshReason,
            refresh_token: &'a str,
        }
        let body = Body {
            client_id: &self.provider.client_id,
            grant_type: "refresh_token",
            refresh_reason: reason,
            refresh_token: token.expose(),
        };
        let request = HttpRequest::post_json(endpoints.at_issuer("/oauth/token"), &body)
            .header("originator", &self.provider.originator)
            .with_timeout(REFRESH_TIMEOUT);
        let response = self.http.send(request).await.map_err(into_refresh_error)?;
        if !response.status().is_success() {
            return Err(read_refresh_error(response).await);
        }
        if let Some(challenge) = response.challenge_page() {
            return Err(RefreshError::OutcomeUnknown(challenge));
        }
        let tokens: TokenResponse = response.json(MAX_RESPONSE_BYTES).await.map_err(into_refresh_error)?;
        Ok(tokens.into())
    }

    /// Revokes a grant of this provider that was not saved, so that it does not stay valid at the server.
    pub(crate) async fn revoke_unsaved(&self, token: &RefreshToken) {
        if let Err(failure) = self.revoke(&self.provider.endpoints, token).await {
            tracing::warn!(cause = failure.chain(), "a grant that was not saved could not be revoked");
        }
    }

    /// Revokes a grant (RFC 7009, with the JSON body of protocol §4).
    pub(crate) async fn revoke(&self, endpoints: &Endpoints, token: &RefreshToken) -> Result<(), Failure> {
        #[derive(Serialize)]
        struct Body<'a> {
            token: &'a str,
            token_type_hint: &'a str,
            client_id: &'a str,
        }
        let body = Body {
            token: token.expose(),
            token_type_hint: "refresh_token",
            client_id: &self.provider.client_id,
        };
        let request = HttpRequest::post_json(endpoints.at_issuer("/oauth/revoke"), &body)
            .header("originator", &self.provider.originator)
            .with_timeout(REVOKE_TIMEOUT);
        let response = self.http.send(request).await?;
        if response.status().is_success() {
            return Ok(());
        }
        let error = OAuthError::read(response).await;
        Err(error.into_failure())
    }
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names are those of RFC 6749 §5.1")]
struct TokenResponse {
    access_token: Option<String>,
    refresh_token: Option<String>,
    id_token: Option<String>,
}

impl From<TokenResponse> for RefreshedTokens {
    fn from(response: TokenResponse) -> Self {
        Self {
            access: token(response.access_token),
            refresh: token(response.refresh_token),
            id: token(response.id_token),
        }
    }
}

/// Returns the token; a blank one counts as missing, or it would replace a good one.
fn token<Kind>(text: Option<String>) -> Option<Secret<Kind>> {
    text.filter(|text| !text.trim().is_empty()).map(Secret::new)
}

async fn read_exchange_error(response: HttpResponse) -> Failure {
    let error = OAuthError::read(response).await;
    // There is no sign-in yet: a code that ends one means here that the authorization code is too old or was used already.
    match sign_in_ended_by(&error.code) {
        Some(ErrorCode::AccountProblem) => error.failure(ErrorCode::AccountProblem),
        Some(_) if error.challenge.is_none() => {
            let mut failure = error.failure(ErrorCode::SignInExpired);
            let why = "the code of the sign-in page is too old or was used already";
            failure.cause = format!("{why}; {}", failure.cause);
            failure
        }
        _ => error.into_failure(),
    }
}

/// Classifies an error response by code and status, never by text (protocol §3.3).
async fn read_refresh_error(response: HttpResponse) -> RefreshError {
    let mut error = OAuthError::read(response).await;
    if error.is_region() {
        return RefreshError::Retryable(error.failure(ErrorCode::RegionUnsupported));
    }
    if let Some(challenge) = error.challenge.take() {
        return RefreshError::Retryable(challenge);
    }
    if error.code == "refresh_token_reused" {
        return RefreshError::Reused(error.failure(ErrorCode::SignInReused));
    }
    if let Some(code) = sign_in_ended_by(&error.code) {
        return RefreshError::SignInEnded(error.failure(code));
    }
    // A 401 of something in between, such as a gateway of the network, says nothing about the sign-in.
    if error.status == StatusCode::UNAUTHORIZED && !error.is_foreign {
        return RefreshError::SignInEnded(error.failure(ErrorCode::SignInRevoked));
    }
    let code = error.temporary_code().unwrap_or(ErrorCode::UpstreamError);
    if error.status.is_server_error() {
        return RefreshError::OutcomeUnknown(error.failure(code));
    }
    RefreshError::Retryable(error.failure(code))
}

/// Returns how `code` ends a sign-in, if it does (protocol §3.3).
fn sign_in_ended_by(code: &str) -> Option<ErrorCode> {
    match code {
        "refresh_token_expired" | "token_expired" => Some(ErrorCode::SignInExpired),
        "refresh_token_invalidated"
        | "invalid_grant"
        | "token_invalidated"
        | "app_session_terminated"
        | "account_session_expired" => Some(ErrorCode::SignInRevoked),
        "account_deactivated" | "account_suspended" | "account_deleted" => Some(ErrorCode::AccountProblem),
        _ => None,
    }
}
