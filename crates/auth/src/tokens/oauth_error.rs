//! Error responses of the authorization server, parsed in one place for all its endpoints.

use usher_domain::{ErrorCode, Failure, UnixTime, redact};
use usher_net::{ErrorBody, HttpResponse, StatusCode};

/// Error responses are short; a longer one is a web page.
const MAX_RESPONSE_BYTES: usize = 256 * 1024;

/// Codes that mean "no capacity", whatever the status; the backend uses the same ones (protocol §10).
const BUSY: [&str; 3] = ["server_is_overloaded", "slow_down", "service_unavailable_error"];

/// The status, the code and the text of an error response.
pub(crate) struct OAuthError {
    pub(crate) status: StatusCode,
    /// Whether the body is text that is not JSON, which the authorization server never sends.
    pub(crate) is_foreign: bool,
    /// Set when the response is a web page for people, such as a bot check.
    pub(crate) challenge: Option<Failure>,
    /// The code in lower case, else the type; empty when there is neither.
    pub(crate) code: String,
    cause: String,
    retry_at: Option<UnixTime>,
}

impl OAuthError {
    pub(crate) async fn read(response: HttpResponse) -> Self {
        let (status, challenge, host) =
            (response.status(), response.challenge_page(), response.host().to_owned());
        let retry_at = response.retry_after();
        // An error response with a broken body is still an error; its status is enough.
        let body = response.bytes(MAX_RESPONSE_BYTES).await.unwrap_or_default();
        let is_foreign =
            !body.trim_ascii().is_empty() && serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_err();
        let error = ErrorBody::parse(&body);
        let code = error.code.or(error.kind).unwrap_or_default();
        // The text of a web page says nothing about this request.
        let message = error.message.filter(|_| challenge.is_none());
        let message = message.map(|message| format!(": {message}")).unwrap_or_default();
        let cause = format!("{host} answered {} {}{message}", status.as_u16(), redact(&code));
        Self { status, is_foreign, challenge, code, cause: cause.trim_end().to_owned(), retry_at }
    }

    /// Returns whether the server does not serve the region that the request came from (protocol §2.2).
    pub(crate) fn is_region(&self) -> bool {
        self.code == "unsupported_country_region_territory"
    }

    /// Converts the error into a failure with `code` and the provider's own text.
    pub(crate) fn failure(self, code: ErrorCode) -> Failure {
        Failure::new(code, self.cause).with_retry_at(self.retry_at)
    }

    /// Returns the code of a temporary error, which says nothing about the sign-in: rate limit or no capacity.
    pub(crate) fn temporary_code(&self) -> Option<ErrorCode> {
        if BUSY.contains(&self.code.as_str()) {
            return Some(ErrorCode::Overloaded);
        }
        (self.status == StatusCode::TOO_MANY_REQUESTS).then_some(ErrorCode::RateLimited)
    }

    /// Converts the error into a failure where no code has a meaning of its own.
    pub(crate) fn into_failure(mut self) -> Failure {
        if self.is_region() {
            return self.failure(ErrorCode::RegionUnsupported);
        }
        if let Some(challenge) = self.challenge.take() {
            return challenge;
        }
        let code = self.temporary_code().unwrap_or(ErrorCode::UpstreamError);
        self.failure(code)
    }
}
