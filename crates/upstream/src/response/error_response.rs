//! A refusal becomes a failure with the code that interfaces act on: the table of protocol §10.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;
use usher_domain::{ErrorCode, Failure, LimitReached, Usage, redact};
use usher_net::{ErrorBody, HttpResponse, StatusCode};

use crate::request::backend_rules::Access;
use crate::response::head::ResponseHead;
use crate::response::limits::{ErrorFacts, Limit, classify_limit};
use crate::response::returned_headers::response_headers;
use crate::response::upstream_error::UpstreamErrorBody;

/// Refusals are short; what is longer is a page.
const MAX_ERROR_BYTES: usize = 256 * 1024;

/// The 401 header is written with padding; without it, it is as good.
const BASE64_FORMATS: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A request that was refused, or a response that failed in its stream.
pub(crate) struct ErrorResponse {
    head: ResponseHead,
    /// Absent for a failure inside a stream.
    status: Option<StatusCode>,
    envelope: ErrorBody,
    challenge: Option<Failure>,
    /// The answer as it came, for callers of the server's own dialect.
    raw: Option<UpstreamErrorBody>,
}

impl ErrorResponse {
    /// Reads the body of an answer that is no success. A body that breaks off is no matter: the status and the
    /// headers speak.
    pub(crate) async fn read(answer: HttpResponse) -> Self {
        let (head, status, challenge) = (ResponseHead::of(&answer), answer.status(), challenge(&answer));
        let (in_headers, headers) = (coded(&answer), response_headers(answer.headers()));
        let body = answer.bytes(MAX_ERROR_BYTES).await.unwrap_or_default();
        let envelope = ErrorBody::parse(&body).or(in_headers);
        let error = serde_json::from_slice::<Value>(&body).ok();
        let error = error.and_then(|body| body.get("error").cloned()).filter(Value::is_object);
        let said = Some(UpstreamErrorBody { status, headers, error });
        Self { head, status: Some(status), envelope, challenge, raw: said }
    }

    /// The error object of a stream whose head was `head`.
    pub(crate) fn in_stream(head: ResponseHead, error: &Value) -> Self {
        Self { head, status: None, envelope: ErrorBody::from_value(error), challenge: None, raw: None }
    }

    /// What the server said, to be handed on.
    pub(crate) fn take_raw(&mut self) -> Option<UpstreamErrorBody> {
        self.raw.take()
    }

    /// Whether it is a 401 that another token may help against. A page for people, a region and a closed
    /// account come as 401 too, and renewing the token for them would only spend it.
    pub(crate) fn is_unauthorized(&self) -> bool {
        let hopeless = || self.special().is_some();
        self.status == Some(StatusCode::UNAUTHORIZED) && self.challenge.is_none() && !hopeless()
    }

    /// The limits in the headers, with what the refusal adds to them.
    pub(crate) fn usage(&self) -> Option<Usage> {
        let reached = match self.limit() {
            Some(Limit::UsageLimitReached(reached)) => Some(reached),
            Some(Limit::Billing { reason }) => Some(LimitReached { reason, resets_at: None }),
            _ => None,
        };
        self.head.limits.usage(reached)
    }

    /// As a failure; `model` is the id that the request named.
    pub(crate) fn into_failure(mut self, model: Option<&str>, access: Access) -> Failure {
        if let Some(challenge) = self.challenge.take() {
            return challenge;
        }
        if let Some(limit) = self.limit() {
            return self.limit_failure(limit);
        }
        let code = self
            .special()
            .or_else(|| self.unauthorized(access))
            .or_else(|| self.bad_request(model))
            .or_else(|| self.endpoint_not_found(access))
            .unwrap_or(ErrorCode::UpstreamError);
        Failure::new(code, self.message_or_status()).with_retry_at(self.head.retry_after)
    }

    fn limit(&self) -> Option<Limit> {
        let ResponseHead { limits, retry_after, now, .. } = &self.head;
        let said = ErrorFacts {
            status: self.status,
            envelope: &self.envelope,
            headers: limits,
            retry_after: *retry_after,
            now: *now,
        };
        classify_limit(said)
    }

    fn limit_failure(&self, limit: Limit) -> Failure {
        let (code, retry_at) = match limit {
            Limit::UsageLimitReached(reached) => (ErrorCode::UsageLimitReached, reached.resets_at),
            Limit::NotIncluded => (ErrorCode::UsageNotIncluded, None),
            Limit::Billing { .. } => (ErrorCode::Billing, None),
            Limit::RateLimited { retry_at } => (ErrorCode::RateLimited, retry_at),
            Limit::Overloaded { retry_at } => (ErrorCode::Overloaded, retry_at),
        };
        Failure::new(code, self.message_or_status()).with_retry_at(retry_at)
    }

    /// What means the same whatever the status is.
    fn special(&self) -> Option<ErrorCode> {
        Some(match self.code() {
            "unsupported_country_region_territory" => ErrorCode::RegionUnsupported, // protocol §2.2, protocol §10
            "account_deactivated" | "account_suspended" | "account_deleted" => ErrorCode::AccountProblem, // protocol §3.3
            _ => return None,
        })
    }

    /// A 401 to which there is no better token (protocol §3.3, protocol §10).
    fn unauthorized(&self, access: Access) -> Option<ErrorCode> {
        if self.status != Some(StatusCode::UNAUTHORIZED) {
            return None;
        }
        if access == Access::Key {
            return Some(ErrorCode::InvalidKey);
        }
        Some(match self.code() {
            "refresh_token_reused" => ErrorCode::SignInReused,
            "refresh_token_invalidated"
            | "invalid_grant"
            | "token_invalidated"
            | "app_session_terminated"
            | "account_session_expired" => ErrorCode::SignInRevoked,
            "invalid_api_key" => ErrorCode::InvalidKey,
            // `token_expired`, `refresh_token_expired`, and a 401 without a word.
            _ => ErrorCode::SignInExpired,
        })
    }

    /// Refusals of the request itself (protocol §8.2, protocol §10).
    ///
    /// An unknown model comes as a `detail` sentence without any code. The mark taken for it is our own
    /// word in their mouth: a 400 without a code that repeats the id that was asked for. The sentence around
    /// the id may change; the other refusals of this kind name a parameter instead.
    fn bad_request(&self, model: Option<&str>) -> Option<ErrorCode> {
        if !matches!(self.status, Some(StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND)) {
            return None;
        }
        if self.code() == "model_not_found" {
            return Some(ErrorCode::ModelUnavailable);
        }
        match self.envelope.param.as_deref() {
            Some("model") => return Some(ErrorCode::ModelUnavailable),
            Some("reasoning.effort") => return Some(ErrorCode::EffortUnsupported),
            _ => {}
        }
        let message = self.envelope.message.as_deref()?;
        // The sentence went through `redact`; an id that would not survive it is looked for as it came out.
        let repeats = model.is_some_and(|model| !model.is_empty() && message.contains(&redact(model)));
        let coded = self.envelope.code.is_some();
        (!coded && repeats).then_some(ErrorCode::ModelUnavailable)
    }

    /// The address that a person gave leads to a host that has no such API there.
    fn endpoint_not_found(&self, access: Access) -> Option<ErrorCode> {
        let missing = matches!(
            self.status,
            Some(StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED)
        );
        (missing && access == Access::Key).then_some(ErrorCode::EndpointNotFound)
    }

    fn code(&self) -> &str {
        self.envelope.code.as_deref().or(self.envelope.kind.as_deref()).unwrap_or_default()
    }

    /// Who refused, by which status and code, and the provider's own sentence.
    fn message_or_status(&self) -> String {
        let host = &self.head.host;
        let did = match self.status {
            Some(status) => format!("{host} answered {}", status.as_u16()),
            None => format!("{host} gave up in the middle of the answer"),
        };
        let code = if self.code().is_empty() { String::new() } else { format!(" {}", self.code()) };
        let message = self.envelope.message.as_ref().map(|message| format!(": {message}"));
        format!("{did}{code}{}", message.unwrap_or_default())
    }
}

/// A page where the API should be. The error page of an edge server whose backend is down is none: that is an
/// outage (protocol §10, 5xx), unless the edge says that it is a check.
pub(crate) fn challenge(answer: &HttpResponse) -> Option<Failure> {
    let outage = answer.status().is_server_error() && answer.header("cf-mitigated").is_none();
    answer.challenge_page().filter(|_| !outage)
}

/// A 401's body may say only "Unauthorized"; the code is then in `x-error-json`, base64 of JSON, and a reason in
/// `x-openai-authorization-error` (protocol §10).
fn coded(answer: &HttpResponse) -> ErrorBody {
    let envelope = answer
        .header("x-error-json")
        .and_then(|coded| BASE64_FORMATS.decode(coded).ok())
        .map(|json| ErrorBody::parse(&json))
        .unwrap_or_default();
    let reason = answer.header("x-openai-authorization-error").map(redact);
    envelope.or(ErrorBody { code: reason.map(|reason| reason.to_ascii_lowercase()), ..ErrorBody::default() })
}
