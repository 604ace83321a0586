//! Sign-in with a code that is entered on another device (protocol §5).
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

/// A code is valid for 15 minutes (protocol §5, the first-party client's own constant).
pub(crate) const CODE_LIFETIME: Duration = Duration::from_secs(900);
const DEFAULT_INTERVAL: Duration = Duration::from_secs(5);
/// An interval of zero would flood the server with requests.
const MIN_INTERVAL: Duration = Duration::from_secs(1);
/// With an interval of minutes a user would wait that long after finishing on the page.
const MAX_INTERVAL: Duration = Duration::from_secs(60);
const MAX_RESPONSE_BYTES: usize = 64 * 1024;
/// Real ones have nine characters and a dash.
const MAX_USER_CODE_CHARS: usize = 40;

/// The issued code, and what polling for its result needs.
pub(crate) struct DeviceAuthorization {
    device_auth_id: String,
    /// The code for the user to enter at [`DeviceEndpoint::verification_page`].
    pub(crate) user_code: String,
    interval: Duration,
}

/// Calls the device endpoints of one provider.
pub(crate) struct DeviceEndpoint {
    http: Arc<HttpClient>,
    provider: OAuthProvider,
}

impl DeviceEndpoint {
    pub(crate) fn new(http: Arc<HttpClient>, provider: OAuthProvider) -> Self {
        Self { http, provider }
    }

    /// Returns the page where the user enters the code.
    pub(crate) fn verification_page(&self) -> Url {
        self.provider.endpoints.at_issuer("/codex/device")
    }

    /// Requests a code.
    pub(crate) async fn request_code(&self) -> Result<DeviceAuthorization, Failure> {
        #[derive(Serialize)]
        struct Body<'a> {
            client_id: &'a str,
        }
        #[derive(Deserialize)]
        struct Issued {
            device_auth_id: String,
            #[serde(alias = "usercode")]
            user_code: String,
            #[serde(default, deserialize_with = "seconds")]
            interval: Option<u64>,
        }
        let url = self.provider.endpoints.at_issuer("/api/accounts/deviceauth/usercode");
        let response = self
            .http
            .send(HttpRequest::post_json(url, &Body { client_id: &self.provider.client_id }))
            .await?;
        if response.status() == StatusCode::NOT_FOUND {
            let cause = format!("{} does not allow device codes for this account", response.host());
            return Err(Failure::new(ErrorCode::DeviceLoginDisabled, cause));
        }
        if !response.status().is_success() {
            return Err(OAuthError::read(response).await.into_failure());
        }
        if let Some(challenge) = response.challenge_page() {
            return Err(challenge);
        }
        let issued: Issued = response.json(MAX_RESPONSE_BYTES).await?;
        if !is_printable_within(&issued.user_code, MAX_USER_CODE_CHARS) {
            let cause = "the response has no usable user code";
            return Err(Failure::new(ErrorCode::MalformedAnswer, cause));
        }
        let interval = issued.interval.map_or(DEFAULT_INTERVAL, Duration::from_secs);
        let interval = interval.clamp(MIN_INTERVAL, MAX_INTERVAL);
        Ok(DeviceAuthorization {
            device_auth_id: issued.device_auth_id,
            user_code: issued.user_code,
            interval,
        })
    }

    /// Polls until the user has finished, at once and then every `interval` (protocol correction 6).
    ///
    /// A poll without a response is repeated: polling changes nothing at the server.
    pub(crate) async fn wait(
        &self,
        device: &DeviceAuthorization,
        until: Instant,
    ) -> Result<CodeGrant, Failure> {
        let mut interval = device.interval;
        loop {
            let polled = tokio::time::timeout_at(until, self.poll(device)).await;
            match polled.unwrap_or_else(|_| Err(not_entered_in_time()))? {
                Poll::Granted(grant) => return Ok(grant),
                Poll::Pending => {}
                Poll::SlowDown => interval += DEFAULT_INTERVAL,
            }
            if Instant::now() + interval >= until {
                tokio::time::sleep_until(until).await;
                return Err(not_entered_in_time());
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
        let response = match self.http.send(HttpRequest::post_json(url, &body)).await {
            Ok(response) => response,
            Err(error) => {
                tracing::info!(cause = error.failure.chain(), "a poll got no response");
                return Ok(Poll::Pending);
            }
        };
        match response.status() {
            StatusCode::OK => {
                let granted: Granted = response.json(MAX_RESPONSE_BYTES).await?;
                Ok(Poll::Granted(CodeGrant {
                    code: Secret::new(granted.authorization_code),
                    verifier: Secret::new(granted.code_verifier),
                    redirect_uri: self.provider.endpoints.at_issuer("/deviceauth/callback").to_string(),
                }))
            }
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => match response.challenge_page() {
                Some(challenge) => Err(challenge),
                None => Ok(Poll::Pending),
            },
            StatusCode::TOO_MANY_REQUESTS => Ok(Poll::SlowDown),
            StatusCode::GONE => Err(not_entered_in_time()),
            status if status.is_server_error() => Ok(Poll::Pending),
            _ => Err(OAuthError::read(response).await.into_failure()),
        }
    }
}

enum Poll {
    Granted(CodeGrant),
    Pending,
    SlowDown,
}

fn not_entered_in_time() -> Failure {
    Failure::new(ErrorCode::Timeout, "the code was not entered in time")
}

/// Parses the interval: text on the wire; a number is accepted as well.
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
