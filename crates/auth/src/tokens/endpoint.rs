//! The token endpoint: exchange, refresh, revoke (protocol §2, §3, §4).

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use usher_domain::{AccessToken, AuthorizationCode, CodeVerifier, IdToken, RefreshToken, Secret};
use usher_domain::{Endpoints, ErrorCode, Failure, OAuthProvider};
use usher_net::{Delivery, HttpClient, HttpRequest, HttpResponse, NetError, StatusCode};

use super::oauth_error::OAuthError;

/// A token answer is three tokens and a few numbers.
const MAX_RESPONSE_BYTES: usize = 256 * 1024;
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(30);
const REFRESH_TIMEOUT: Duration = Duration::from_secs(20);
/// Protocol §4.
const REVOKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a refresh is made; sent along as recorded (clients §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefreshReason {
    /// The access token is about to expire.
    ProactiveExpiry,
    /// The backend answered 401.
    UnauthorizedRecovery,
}

/// What a first exchange must give: Codex requires all three (protocol §2.2).
pub(crate) struct IssuedTokens {
    pub(crate) access: AccessToken,
    pub(crate) refresh: RefreshToken,
    pub(crate) id: IdToken,
    /// The far side's clock when it answered.
    pub(crate) date: Option<usher_domain::UnixTime>,
}

/// What a refresh gives: each is optional, and a missing one keeps its old value (protocol §3.1).
pub(crate) struct RefreshedTokens {
    pub(crate) access: Option<AccessToken>,
    pub(crate) refresh: Option<RefreshToken>,
    pub(crate) id: Option<IdToken>,
}

/// Why a refresh gave nothing; the variants say what to do (protocol §3.3).
#[derive(Debug)]
pub(crate) enum RefreshError {
    /// Nothing was sent, so the same token may be used again at once.
    NotSent(Failure),
    /// The server answered no, without ending the sign-in: keep the token and back off.
    Retryable(Failure),
    /// It was sent and no usable answer came: the token may be spent.
    OutcomeUnknown(Failure),
    /// The token had been used before. Final only after the store was read again.
    Reused(Failure),
    /// The sign-in is over.
    SignInEnded(Failure),
}

/// Speaks to one provider's token endpoint.
pub(crate) struct TokenEndpoint {
    http: Arc<HttpClient>,
    provider: OAuthProvider,
}

impl TokenEndpoint {
    pub(crate) fn new(http: Arc<HttpClient>, provider: OAuthProvider) -> Self {
        Self { http, provider }
    }

    /// Exchanges a code (RFC 6749 §4.1.3). Once: a code is single use, and a second try after an unclear
    /// failure could end the grant that the first one made. Sends neither `originator` nor `state`, as recorded.
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
        let answer =
            self.http.send(HttpRequest::post_form(url, &form).with_timeout(EXCHANGE_TIMEOUT)).await?;
        let date = answer.date();
        if !answer.status().is_success() {
            return Err(exchange_refusal(answer).await);
        }
        if let Some(challenge) = answer.challenge_page() {
            return Err(challenge);
        }
        let host = answer.host().to_owned();
        let tokens: TokenAnswer = answer.json(MAX_RESPONSE_BYTES).await?;
        let RefreshedTokens { access, refresh, id } = tokens.into();
        match (access, refresh, id) {
            (Some(access), Some(refresh), Some(id)) => Ok(IssuedTokens { access, refresh, id, date }),
            (_, refresh, _) => {
                if let Some(refresh) = refresh {
                    self.revoke_unsaved(&refresh).await;
                }
                let cause = format!("the response of {host} lacks one of the three tokens");
                Err(Failure::new(ErrorCode::MalformedAnswer, cause))
            }
        }
    }

    /// Renews (RFC 6749 §6), with the JSON body of the recordings, at the issuer the sign-in was made with.
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
        let call = HttpRequest::post_json(endpoints.at_issuer("/oauth/token"), &body)
            .header("originator", &self.provider.originator)
            .with_timeout(REFRESH_TIMEOUT);
        let answer = self.http.send(call).await.map_err(into_refresh_error)?;
        if !answer.status().is_success() {
            return Err(refresh_refusal(answer).await);
        }
        if let Some(challenge) = answer.challenge_page() {
            return Err(RefreshError::OutcomeUnknown(challenge));
        }
        let tokens: TokenAnswer = answer.json(MAX_RESPONSE_BYTES).await.map_err(into_refresh_error)?;
        Ok(tokens.into())
    }

    /// Ends a grant of this provider that nobody keeps, so that it does not stay alive at the server.
    pub(crate) async fn revoke_unsaved(&self, token: &RefreshToken) {
        if let Err(failure) = self.revoke(&self.provider.endpoints, token).await {
            tracing::warn!(cause = failure.chain(), "a grant that was not saved could not be revoked");
        }
    }

    /// Ends a grant (RFC 7009, with the JSON body of protocol §4).
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
        let call = HttpRequest::post_json(endpoints.at_issuer("/oauth/revoke"), &body)
            .header("originator", &self.provider.originator)
            .with_timeout(REVOKE_TIMEOUT);
        let answer = self.http.send(call).await?;
        if answer.status().is_success() {
            return Ok(());
        }
        let said = OAuthError::read(answer).await;
        Err(said.into_failure())
    }
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names are those of RFC 6749 §5.1")]
struct TokenAnswer {
    access_token: Option<String>,
    refresh_token: Option<String>,
    id_token: Option<String>,
}

impl From<TokenAnswer> for RefreshedTokens {
    fn from(answer: TokenAnswer) -> Self {
        Self {
            access: answer.access_token.map(Secret::new),
            refresh: answer.refresh_token.map(Secret::new),
            id: answer.id_token.map(Secret::new),
        }
    }
}

async fn exchange_refusal(answer: HttpResponse) -> Failure {
    let said = OAuthError::read(answer).await;
    // Nothing was signed in yet, so of the codes that end a sign-in only a closed account means anything.
    match ended(&said.code) {
        Some(ErrorCode::AccountProblem) => said.failure(ErrorCode::AccountProblem),
        _ => said.into_failure(),
    }
}

/// The classes of protocol §3.3, by code and status, never by text.
async fn refresh_refusal(answer: HttpResponse) -> RefreshError {
    let mut said = OAuthError::read(answer).await;
    if said.is_region() {
        return RefreshError::Retryable(said.failure(ErrorCode::RegionUnsupported));
    }
    if let Some(challenge) = said.challenge.take() {
        return RefreshError::Retryable(challenge);
    }
    if said.code == "refresh_token_reused" {
        return RefreshError::Reused(said.failure(ErrorCode::SignInReused));
    }
    if let Some(code) = ended(&said.code) {
        return RefreshError::SignInEnded(said.failure(code));
    }
    if said.status == StatusCode::UNAUTHORIZED {
        return RefreshError::SignInEnded(said.failure(ErrorCode::SignInRevoked));
    }
    let code = said.passes().unwrap_or(ErrorCode::UpstreamError);
    if said.status.is_server_error() {
        return RefreshError::OutcomeUnknown(said.failure(code));
    }
    RefreshError::Retryable(said.failure(code))
}

/// Codes that end a sign-in (protocol §3.3).
fn ended(code: &str) -> Option<ErrorCode> {
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

fn into_refresh_error(error: NetError) -> RefreshError {
    match error.delivery {
        Delivery::NotSent => RefreshError::NotSent(error.failure),
        Delivery::MaybeSent => RefreshError::OutcomeUnknown(error.failure),
    }
}
