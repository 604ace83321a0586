//! Makes a failure of an error response, with the code that interfaces act on: the tables of protocol §10 and siwc §11.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;
use usher_domain::{ErrorCode, Failure, LimitReached, Usage, redact};
use usher_net::{ErrorBody, HeaderMap, HttpResponse, StatusCode};

use crate::request::backend_rules::Access;
use crate::response::head::ResponseHead;
use crate::response::limits::{ErrorFacts, Limit, classify_limit};
use crate::response::plan_usage_errors::{PlanUsageError, meaning_of};
use crate::response::returned_headers::response_headers;
use crate::response::upstream_error::UpstreamErrorBody;

/// The code of a token that is expired or unknown (siwc §11).
const INVALID_TOKEN_CODE: &str = "invalid_token";

/// Error bodies are short; a longer one is a page.
const MAX_ERROR_BYTES: usize = 256 * 1024;

/// The header of a 401 comes with padding; one without is read as well.
const BASE64_FORMATS: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// An error response, or an error inside a stream.
pub(crate) struct ErrorResponse {
    head: ResponseHead,
    /// Absent for an error inside a stream.
    status: Option<StatusCode>,
    error: ErrorBody,
    challenge: Option<Failure>,
    /// The edge server says that the page is a bot check.
    bot_check: bool,
    /// The body of a success was this error.
    instead_of_answer: bool,
    /// Nothing of an answer came before it.
    before_answer: bool,
    /// The error as the server sent it, for callers of the server's own dialect.
    body: Option<UpstreamErrorBody>,
}

impl ErrorResponse {
    /// Reads the body of a response that is no success.
    ///
    /// A body that breaks off is ignored: the status and the headers are enough.
    pub(crate) async fn read(response: HttpResponse) -> Self {
        let (head, status, challenge) =
            (ResponseHead::of(&response), response.status(), challenge_page(&response));
        let bot_check = response.header("cf-mitigated").is_some();
        let (in_headers, headers) = (error_in_headers(&response), response_headers(response.headers()));
        let bytes = response.bytes(MAX_ERROR_BYTES).await.unwrap_or_default();
        let error = ErrorBody::parse(&bytes);
        let challenge = challenge.map(|page| with_words(page, &error));
        let object = serde_json::from_slice::<Value>(&bytes).ok();
        let object = object.and_then(|body| body.get("error").cloned()).filter(Value::is_object);
        Self {
            head,
            status: Some(status),
            error: error.or(in_headers),
            challenge,
            bot_check,
            instead_of_answer: false,
            before_answer: true,
            body: Some(UpstreamErrorBody { status, headers, error: object }),
        }
    }

    /// Makes an error of the error object in a stream whose head was `head`.
    pub(crate) fn in_stream(head: ResponseHead, error: &Value) -> Self {
        let error = ErrorBody::from_value(error);
        Self {
            head,
            status: None,
            error,
            challenge: None,
            bot_check: false,
            instead_of_answer: false,
            before_answer: false,
            body: None,
        }
    }

    /// Says that nothing of an answer came before the error.
    pub(crate) fn before_answer(self) -> Self {
        Self { before_answer: true, ..self }
    }

    /// Adds the error as the body of a success had it, for callers of the server's own dialect.
    pub(crate) fn with_body(self, status: StatusCode, error: Value) -> Self {
        let body = UpstreamErrorBody { status, headers: HeaderMap::new(), error: Some(error) };
        Self { body: Some(body), ..self }
    }

    /// Makes an error of the error object that was the whole body of a success, whose head was `head`.
    pub(crate) fn instead_of_answer(head: ResponseHead, error: &Value) -> Self {
        Self { instead_of_answer: true, before_answer: true, ..Self::in_stream(head, error) }
    }

    /// Takes the error as the server sent it.
    pub(crate) fn take_body(&mut self) -> Option<UpstreamErrorBody> {
        self.body.take()
    }

    /// Returns whether it is a 401 that another token may solve.
    ///
    /// A page for people, a region and a closed account come as 401 too, and a refresh for them would only spend the
    /// refresh token. With Sign in with ChatGPT a subscriber that was not accepted does too (siwc §11).
    pub(crate) fn is_unauthorized(&self, access: Access) -> bool {
        self.status == Some(StatusCode::UNAUTHORIZED)
            && self.challenge.is_none()
            && self.special().is_none()
            && (access != Access::PlanUsage || self.is_about_token())
    }

    /// Returns whether a 401 is about the token: it says so, or nothing (siwc §11).
    fn is_about_token(&self) -> bool {
        self.code() == INVALID_TOKEN_CODE || (self.code().is_empty() && self.error.message.is_none())
    }

    /// Returns the limits in the headers, with the limit that the error is about. Without such headers it has the limit
    /// alone. The limit of a single model is none of the plan: its own window says that it is used up.
    pub(crate) fn usage(&self) -> Option<Usage> {
        let reached = match self.limit() {
            Some(Limit::UsageLimitReached(reached)) => {
                Some(reached).filter(|_| !self.head.limits.is_of_other_meter())
            }
            Some(Limit::Billing { reason }) => Some(LimitReached { reason, resets_at: None }),
            _ => None,
        };
        let alone = |limit_reached| Usage { limit_reached: Some(limit_reached), ..Usage::default() };
        self.head.limits.usage(reached.clone()).or_else(|| reached.map(alone))
    }

    /// Makes a failure of it; `model` is the id that the request named.
    pub(crate) fn into_failure(mut self, model: Option<&str>, access: Access) -> Failure {
        // Web servers answer a path that they do not have with a page, so there it is the path that is missing.
        if let Some(challenge) = self.challenge.take().filter(|_| !self.is_endpoint_missing(access)) {
            return challenge;
        }
        if let Some(limit) = self.limit() {
            return self.limit_failure(limit, access);
        }
        let code = self
            .special()
            .or_else(|| self.bad_request(model))
            .or_else(|| self.plan_usage(access))
            .or_else(|| self.unauthorized(access))
            .or_else(|| self.endpoint_not_found(access))
            .unwrap_or(ErrorCode::UpstreamError);
        Failure::new(code, self.message(access)).with_retry_at(self.head.retry_after)
    }

    fn limit(&self) -> Option<Limit> {
        let ResponseHead { limits, retry_after, now, .. } = &self.head;
        let facts = ErrorFacts {
            status: self.status,
            error: &self.error,
            headers: limits,
            retry_after: *retry_after,
            now: *now,
        };
        classify_limit(facts)
    }

    fn limit_failure(&self, limit: Limit, access: Access) -> Failure {
        let (code, retry_at) = match limit {
            Limit::UsageLimitReached(reached) => (ErrorCode::UsageLimitReached, reached.resets_at),
            Limit::NotIncluded => (ErrorCode::UsageNotIncluded, None),
            Limit::Billing { .. } => (ErrorCode::Billing, None),
            Limit::RateLimited { retry_at } => (ErrorCode::RateLimited, retry_at),
            Limit::Overloaded { retry_at } => (ErrorCode::Overloaded, retry_at),
        };
        Failure::new(code, self.message(access)).with_retry_at(retry_at)
    }

    /// Returns the code of an error that means the same with every status.
    fn special(&self) -> Option<ErrorCode> {
        Some(match self.code() {
            "unsupported_country_region_territory" => ErrorCode::RegionUnsupported, // protocol §2.2, protocol §10
            "account_deactivated" | "account_suspended" | "account_deleted" => ErrorCode::AccountProblem, // protocol §3.3
            _ => return None,
        })
    }

    /// Returns the code of an error of Sign in with ChatGPT (siwc §11).
    ///
    /// An error of admission is a `detail` sentence, whose text is no code; then the status decides.
    fn plan_usage(&self, access: Access) -> Option<ErrorCode> {
        if let Some(PlanUsageError::Final(code)) = meaning_of(&self.error) {
            return Some(code);
        }
        if access != Access::PlanUsage || !self.code().is_empty() || self.error.message.is_none() {
            return None;
        }
        Some(match self.status? {
            // It names a field: our request is wrong.
            StatusCode::BAD_REQUEST => ErrorCode::BadUsage,
            StatusCode::UNAUTHORIZED => ErrorCode::AccessDenied,
            StatusCode::SERVICE_UNAVAILABLE => ErrorCode::Overloaded,
            _ => return None,
        })
    }

    /// Returns the code of a 401 that no other token solves (protocol §3.3, protocol §10).
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
            INVALID_TOKEN_CODE | "token_expired" | "refresh_token_expired" | "" => ErrorCode::SignInExpired,
            // About something else than the token, so a sign-in may not solve it (siwc §11).
            _ if access == Access::PlanUsage => ErrorCode::UpstreamError,
            _ => ErrorCode::SignInExpired,
        })
    }

    /// Returns the code of an error that is about the request itself (protocol §8.2, protocol §10).
    ///
    /// An unknown model comes as a `detail` sentence without any code. It is recognized by the one part of the sentence
    /// that we know: a 400 without a code that repeats the requested id. The text around the id may change; the other
    /// errors of this kind name a parameter instead.
    fn bad_request(&self, model: Option<&str>) -> Option<ErrorCode> {
        if !matches!(self.status, Some(StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND)) {
            return None;
        }
        if self.code() == "model_not_found" {
            return Some(ErrorCode::ModelUnavailable);
        }
        match self.error.param.as_deref() {
            Some("model") => return Some(ErrorCode::ModelUnavailable),
            Some("reasoning.effort") => return Some(ErrorCode::EffortUnsupported),
            _ => {}
        }
        let message = self.error.message.as_deref()?;
        // The message went through `redact`, so the id is searched for as `redact` leaves it.
        let repeats_model = model.is_some_and(|model| !model.is_empty() && message.contains(&redact(model)));
        let coded = self.error.code.is_some();
        (!coded && repeats_model).then_some(ErrorCode::ModelUnavailable)
    }

    /// Returns the code for an address of a person's own that has no such API.
    fn endpoint_not_found(&self, access: Access) -> Option<ErrorCode> {
        self.is_endpoint_missing(access).then_some(ErrorCode::EndpointNotFound)
    }

    /// Returns whether an address of a person's own has no such path.
    ///
    /// Some servers answer an unknown path with a success and a sentence without any code.
    fn is_endpoint_missing(&self, access: Access) -> bool {
        let missing = matches!(
            self.status,
            Some(StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED)
        );
        access == Access::Key
            && !self.bot_check
            && (missing || self.instead_of_answer && self.code().is_empty())
    }

    fn code(&self) -> &str {
        self.error.code.as_deref().or(self.error.kind.as_deref()).unwrap_or_default()
    }

    /// Returns the message, with the request's id where it is what helps with an error (siwc §11).
    fn message(&self, access: Access) -> String {
        let message = self.message_or_status();
        match &self.head.request_id {
            Some(id) if access == Access::PlanUsage => format!("{message} (request {id})"),
            _ => message,
        }
    }

    /// Returns which host sent the error, its status and code, and the provider's message.
    fn message_or_status(&self) -> String {
        let host = &self.head.host;
        let failed = match self.status {
            Some(status) => format!("{host} answered {}", status.as_u16()),
            None if self.before_answer => format!("{host} answered with an error"),
            None => format!("{host} gave up in the middle of the answer"),
        };
        let code = if self.code().is_empty() { String::new() } else { format!(" {}", self.code()) };
        let message = self.error.message.as_ref().map(|message| format!(": {message}"));
        format!("{failed}{code}{}", message.unwrap_or_default())
    }
}

/// Returns a failure for a page where the API should be.
///
/// The error page of an edge server whose backend is down is not one: that is an outage (protocol §10, 5xx), unless a
/// header of the edge server says that it is a challenge.
pub(crate) fn challenge_page(response: &HttpResponse) -> Option<Failure> {
    let outage = response.status().is_server_error() && response.header("cf-mitigated").is_none();
    response.challenge_page().filter(|_| !outage)
}

/// Adds what a page says.
pub(crate) fn with_words(mut page: Failure, error: &ErrorBody) -> Failure {
    if let Some(words) = &error.message {
        page.cause = format!("{}: {words}", page.cause);
    }
    page
}

/// Reads the error in the headers.
///
/// A 401's body may say only "Unauthorized"; the code is then in `x-error-json`, base64 of JSON, and a reason in
/// `x-openai-authorization-error` (protocol §10).
fn error_in_headers(response: &HttpResponse) -> ErrorBody {
    let error = response
        .header("x-error-json")
        .and_then(|encoded| BASE64_FORMATS.decode(encoded).ok())
        .map(|json| ErrorBody::parse(&json))
        .unwrap_or_default();
    let reason = response.header("x-openai-authorization-error").map(redact);
    error.or(ErrorBody { code: reason.map(|reason| reason.to_ascii_lowercase()), ..ErrorBody::default() })
}
