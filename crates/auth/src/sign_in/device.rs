//! Signing in with a code on another device (protocol §5).
//!
//! Not RFC 8628: the paths and fields differ, 403 and 404 mean "not yet", the interval is text, and the
//! server makes the PKCE pair.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use url::Url;
use usher_domain::{ErrorCode, Failure, OAuthProvider, Secret, is_printable_within};
use usher_net::{HttpClient, HttpRequest, StatusCode};

use super::token_exchange::CodeGrant;
use crate::tokens::oauth_error::OAuthError;

/// A code is good for 15 minutes (protocol §5, the first-party client's own constant).
pub(crate) const CODE_LIFETIME: Duration = Duration::from_secs(900);
const DEFAULT_INTERVAL: Duration = Duration::from_secs(5);
/// An interval of nothing would be a storm of questions.
const MIN_INTERVAL: Duration = Duration::from_secs(1);
/// An interval of minutes would leave a person looking at a finished sign-in that does not end.
const MAX_INTERVAL: Duration = Duration::from_secs(60);
const MAX_RESPONSE_BYTES: usize = 64 * 1024;
/// Real ones have nine characters and a dash.
const MAX_USER_CODE_CHARS: usize = 40;

/// What the person is shown.
pub(crate) struct DeviceAuthorization {
    device_auth_id: String,
    /// To be entered at [`DeviceAuthorization::page`].
    pub(crate) user_code: String,
    interval: Duration,
}

/// Speaks to the device endpoints of one provider.
pub(crate) struct DeviceEndpoint {
    http: Arc<HttpClient>,
    provider: OAuthProvider,
}

impl DeviceEndpoint {
    pub(crate) fn new(http: Arc<HttpClient>, provider: OAuthProvider) -> Self {
        Self { http, provider }
    }

    /// Where the person enters the code.
    pub(crate) fn page(&self) -> Url {
        self.provider.endpoints.at_issuer("/codex/device")
    }

    /// Asks for a code.
    pub(crate) async fn begin(&self) -> Result<DeviceAuthorization, Failure> {
        #[derive(Serialize)]
        struct Body<'a> {
            client_id: &'a str,
        }
        #[derive(Deserialize)]
        struct Begun {
            device_auth_id: String,
            #[serde(alias = "usercode")]
            user_code: String,
            #[serde(default, deserialize_with = "seconds")]
            interval: Option<u64>,
        }
        let url = self.provider.endpoints.at_issuer("/api/accounts/deviceauth/usercode");
        let answer = self
            .http
            .send(HttpRequest::post_json(url, &Body { client_id: &self.provider.client_id }))
            .await?;
        if answer.status() == StatusCode::NOT_FOUND {
            let cause = format!("{} does not allow device codes for this account", answer.host());
            return Err(Failure::new(ErrorCode::DeviceLoginDisabled, cause));
        }
        if !answer.status().is_success() {
            return Err(OAuthError::read(answer).await.into_failure());
        }
        if let Some(challenge) = answer.challenge_page() {
            return Err(challenge);
        }
        let begun: Begun = answer.json(MAX_RESPONSE_BYTES).await?;
        if !is_printable_within(&begun.user_code, MAX_USER_CODE_CHARS) {
            let cause = "the response has no usable user code";
            return Err(Failure::new(ErrorCode::MalformedAnswer, cause));
        }
        let interval = begun.interval.map_or(DEFAULT_INTERVAL, Duration::from_secs);
        let interval = interval.clamp(MIN_INTERVAL, MAX_INTERVAL);
        Ok(DeviceAuthorization { device_auth_id: begun.device_auth_id, user_code: begun.user_code, interval })
    }

    /// Asks until the person has finished, at once and then every `interval` (protocol correction 6). A
    /// question that gets no answer is asked again: it changes nothing at the server.
    pub(crate) async fn wait(
        &self,
        device: &DeviceAuthorization,
        until: Instant,
    ) -> Result<CodeGrant, Failure> {
        let mut interval = device.interval;
        loop {
            let asked = tokio::time::timeout_at(until, self.poll(device)).await;
            match asked.unwrap_or_else(|_| Err(unused()))? {
                Poll::Granted(grant) => return Ok(grant),
                Poll::Pending => {}
                Poll::TooFast => interval += DEFAULT_INTERVAL,
            }
            if Instant::now() + interval >= until {
                tokio::time::sleep_until(until).await;
                return Err(unused());
            }
            tokio::time::sleep(interval).await;
        }
    }

    async fn poll(&self, device: &DeviceAuthorization) -> Result<Poll, Failure> {
        #[derive(Serialize)]
        struct Body<'a> {
            device_auth_id: &'a str,
            user_code: &'a str,
        }
        #[derive(Deserialize)]
        struct Granted {
            authorization_code: String,
            code_verifier: String,
        }
        let url = self.provider.endpoints.at_issuer("/api/accounts/deviceauth/token");
        let body = Body { device_auth_id: &device.device_auth_id, user_code: &device.user_code };
        let answer = match self.http.send(HttpRequest::post_json(url, &body)).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::info!(cause = error.failure.chain(), "a poll got no response");
                return Ok(Poll::Pending);
            }
        };
        match answer.status() {
            StatusCode::OK => {
                let granted: Granted = answer.json(MAX_RESPONSE_BYTES).await?;
                Ok(Poll::Granted(CodeGrant {
                    code: Secret::new(granted.authorization_code),
                    verifier: Secret::new(granted.code_verifier),
                    redirect_uri: self.provider.endpoints.at_issuer("/deviceauth/callback").to_string(),
                }))
            }
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => match answer.challenge_page() {
                Some(challenge) => Err(challenge),
                None => Ok(Poll::Pending),
            },
            StatusCode::TOO_MANY_REQUESTS => Ok(Poll::TooFast),
            StatusCode::GONE => Err(unused()),
            status if status.is_server_error() => Ok(Poll::Pending),
            _ => Err(OAuthError::read(answer).await.into_failure()),
        }
    }
}

enum Poll {
    Granted(CodeGrant),
    Pending,
    TooFast,
}

fn unused() -> Failure {
    Failure::new(ErrorCode::Timeout, "the code was not entered in time")
}

/// The interval is text on the wire; a number is taken as well.
fn seconds<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Number(u64),
        Other(serde::de::IgnoredAny),
    }
    Ok(match Either::deserialize(from)? {
        Either::Text(text) => text.trim().parse().ok(),
        Either::Number(number) => Some(number),
        Either::Other(_) => None,
    })
}
