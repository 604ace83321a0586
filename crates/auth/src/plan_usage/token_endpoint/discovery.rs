//! The discovery document of the issuer (OpenID Connect Discovery §3), as far as it is needed.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use url::Url;
use usher_domain::{Endpoints, ErrorCode, Failure, UnixTime};
use usher_net::{HttpClient, HttpRequest, HttpResponse};

const PATH: &str = "/.well-known/openid-configuration";
const TIMEOUT: Duration = Duration::from_secs(10);
/// Asked under the lock of the home, where others wait.
const TIME_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_RESPONSE_BYTES: usize = 256 * 1024;

/// Asks issuers about themselves.
pub(super) struct Discovery {
    http: Arc<HttpClient>,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    revocation_endpoint: Option<Url>,
}

impl Discovery {
    pub(super) fn new(http: Arc<HttpClient>) -> Self {
        Self { http }
    }

    /// Returns where to revoke grants of the issuer. Fails when it names no address of its own origin: tokens go to the
    /// issuer only.
    pub(super) async fn revocation_endpoint(&self, endpoints: &Endpoints) -> Result<Url, Failure> {
        let response = self.fetch(endpoints, TIMEOUT).await?;
        let host = response.host().to_owned();
        let document: Document = response.json(MAX_RESPONSE_BYTES).await?;
        let issuer = endpoints.issuer.as_str().trim_end_matches('/');
        // OpenID Connect Discovery §4.3.
        if document.issuer.trim_end_matches('/') != issuer {
            return Err(malformed(format!("{host} describes another issuer than itself")));
        }
        match document.revocation_endpoint {
            Some(url) if url.origin() == endpoints.issuer.origin() => Ok(url),
            Some(_) => Err(malformed(format!("{host} names another server for revocations"))),
            None => Err(malformed(format!("{host} names no address for revocations"))),
        }
    }

    /// Returns the issuer's time, from the head of its response.
    pub(super) async fn server_time(&self, endpoints: &Endpoints) -> Result<UnixTime, Failure> {
        let response = self.fetch(endpoints, TIME_TIMEOUT).await?;
        response.date().ok_or_else(|| {
            let cause = format!("{} does not say what time it is there", response.host());
            malformed(cause)
        })
    }

    /// A stored copy would have an older time.
    async fn fetch(&self, endpoints: &Endpoints, timeout: Duration) -> Result<HttpResponse, Failure> {
        let request = HttpRequest::get(endpoints.at_issuer(PATH))
            .header("cache-control", "no-cache")
            .with_timeout(timeout);
        let response = self.http.send(request).await?;
        if let Some(challenge) = response.challenge_page() {
            return Err(challenge);
        }
        if response.status().is_success() {
            return Ok(response);
        }
        let cause =
            format!("{} answered {} instead of its addresses", response.host(), response.status().as_u16());
        Err(Failure::new(ErrorCode::UpstreamError, cause).with_retry_at(response.retry_after()))
    }
}

fn malformed(cause: String) -> Failure {
    Failure::new(ErrorCode::MalformedAnswer, cause)
}
