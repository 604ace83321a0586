//! A refusal of the authorization server, read once for all its endpoints.

use usher_domain::{ErrorCode, Failure, UnixTime, redact};
use usher_net::{ErrorBody, HttpResponse, StatusCode};

/// Refusals are short; what is longer is a page.
const MAX_RESPONSE_BYTES: usize = 256 * 1024;

/// No capacity, whatever the status is; the backend says it in the same words (protocol §10).
const BUSY: [&str; 3] = ["server_is_overloaded", "slow_down", "service_unavailable_error"];

/// Status, code and words of a refusal.
pub(crate) struct OAuthError {
    pub(crate) status: StatusCode,
    /// A page for people stood where the answer should be.
    pub(crate) challenge: Option<Failure>,
    /// Lower-cased code, else type; empty when there is neither.
    pub(crate) code: String,
    words: String,
    retry_at: Option<UnixTime>,
}

impl OAuthError {
    pub(crate) async fn read(answer: HttpResponse) -> Self {
        let (status, challenge, host) = (answer.status(), answer.challenge_page(), answer.host().to_owned());
        let retry_at = answer.retry_after();
        // A refusal whose body breaks off is still a refusal; its status speaks.
        let body = answer.bytes(MAX_RESPONSE_BYTES).await.unwrap_or_default();
        let envelope = ErrorBody::parse(&body);
        let code = envelope.code.or(envelope.kind).unwrap_or_default();
        // A page's text is not the provider's word on this request.
        let message = envelope.message.filter(|_| challenge.is_none());
        let message = message.map(|message| format!(": {message}")).unwrap_or_default();
        let words = format!("{host} answered {} {}{message}", status.as_u16(), redact(&code));
        Self { status, challenge, code, words: words.trim_end().to_owned(), retry_at }
    }

    /// This computer's way out is in a region that is not served (protocol §2.2).
    pub(crate) fn is_region(&self) -> bool {
        self.code == "unsupported_country_region_territory"
    }

    /// This refusal as `code`, in the provider's own words.
    pub(crate) fn failure(self, code: ErrorCode) -> Failure {
        Failure::new(code, self.words).with_retry_at(self.retry_at)
    }

    /// Too many questions or no capacity: it passes by itself and says nothing about the sign-in.
    pub(crate) fn passes(&self) -> Option<ErrorCode> {
        if BUSY.contains(&self.code.as_str()) {
            return Some(ErrorCode::Overloaded);
        }
        (self.status == StatusCode::TOO_MANY_REQUESTS).then_some(ErrorCode::RateLimited)
    }

    /// This refusal where nothing about it is special.
    pub(crate) fn into_failure(mut self) -> Failure {
        if self.is_region() {
            return self.failure(ErrorCode::RegionUnsupported);
        }
        if let Some(challenge) = self.challenge.take() {
            return challenge;
        }
        let code = self.passes().unwrap_or(ErrorCode::UpstreamError);
        self.failure(code)
    }
}
