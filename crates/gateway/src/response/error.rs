//! Error responses in the client's dialect.
//!
//! 401 means a bad pass and nothing else. Codex takes a 401 for a problem of its own sign-in and refreshes that several
//! times in a row; account problems are 403.

mod codes;

use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde_json::Value;
use usher_dialect::error::{ApiError, BadRequest};
use usher_domain::{ErrorCode, Failure, UnixTime};
use usher_upstream::UpstreamError;

use crate::admission::body::BodyError;
use crate::admission::endpoint::EndpointError;
use crate::admission::origin::OriginRejected;
use crate::dialects::Dialect;
use crate::host::PassRejected;
use crate::response::body::ResponseBody;
use crate::response::error::codes::{code_of, is_final, is_final_status, status_of};

/// With the value `false` the SDKs of `OpenAI` and Anthropic and Claude Code do not try again. Without it they sleep for a
/// whole `Retry-After`, which can be hours, or try for minutes what cannot succeed.
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// An error before it is encoded in a dialect.
#[derive(Debug, Clone)]
pub(crate) struct GatewayError {
    pub(crate) error: Box<ApiError>,
    pub(crate) headers: HeaderMap,
}

impl GatewayError {
    fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let error = ApiError {
            status: status.as_u16(),
            code: code.to_owned(),
            message: message.into(),
            param: None,
            original: None,
        };
        Self { error: Box::new(error), headers: HeaderMap::new() }
    }

    /// Adds the provider's own error object. What it says of a limit gets the time.
    pub(crate) fn with_original(mut self, mut original: Value, failure: &Failure, now: UnixTime) -> Self {
        name_retry_time(&mut original, failure, now);
        self.error.original = Some(original);
        self
    }

    pub(crate) fn header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    /// Encodes the error as an HTTP response in `dialect`.
    pub(crate) fn into_response(self, dialect: Dialect) -> Response<ResponseBody> {
        let Self { mut error, mut headers } = self;
        if is_final_status(error.status) {
            headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
        }
        error.status = dialect.error_status(&error);
        let mut response = Response::new(ResponseBody::full(Bytes::from(dialect.encode_error(&error))));
        *response.status_mut() =
            StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        *response.headers_mut() = headers;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    /// Builds the error for a failure of ours, or one without the provider's own error body.
    pub(crate) fn from_failure(failure: &Failure, now: UnixTime) -> Self {
        let mut response =
            Self::new(status_of(failure.code), code_of(failure.code), message_of(failure, now));
        response.retry_after(failure.retry_at, now);
        if is_final(failure.code) {
            response.headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
        }
        response
    }

    /// Builds the error for a provider's error response, with its own body and status except for a 401.
    pub(crate) fn from_upstream(upstream: &UpstreamError, now: UnixTime) -> Self {
        let mut response = Self::from_failure(&upstream.failure, now);
        let Some(body) = &upstream.body else { return response };
        if body.status != StatusCode::UNAUTHORIZED {
            // An error with the status of a success gets that of its code.
            if !body.status.is_success() {
                response.error.status = body.status.as_u16();
            }
            if let Some(original) = &body.error {
                response = response.with_original(original.clone(), &upstream.failure, now);
            }
        }
        let own = std::mem::replace(&mut response.headers, body.headers.clone());
        for (name, value) in own.into_iter().filter_map(|(name, value)| Some((name?, value))) {
            response.headers.entry(name).or_insert(value);
        }
        response
    }

    /// Sets `Retry-After` to the seconds until `retry_at`, at least one (RFC 9110 §10.2.3).
    fn retry_after(&mut self, retry_at: Option<UnixTime>, now: UnixTime) {
        if let Some(at) = retry_at {
            self.headers.insert(RETRY_AFTER, HeaderValue::from((at.0 - now.0).max(1)));
        }
    }
}

impl From<OriginRejected> for GatewayError {
    fn from(why: OriginRejected) -> Self {
        let status =
            if why == OriginRejected::Ambiguous { StatusCode::BAD_REQUEST } else { StatusCode::FORBIDDEN };
        Self::new(status, "not_allowed", why.message()).header(CONNECTION, "close")
    }
}

impl From<EndpointError> for GatewayError {
    fn from(why: EndpointError) -> Self {
        match why {
            EndpointError::NotFound => Self::new(
                StatusCode::NOT_FOUND,
                "not_found",
                "Usher: the gateway has no endpoint at this path.",
            ),
            EndpointError::MethodNotAllowed(allowed) => {
                let message = format!("Usher: this path only accepts {allowed}.");
                Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
                    .header(ALLOW, allowed)
            }
            // RFC 9110 §15.5.22 requires the protocol to use instead: this one.
            EndpointError::WebSocket => {
                let message =
                    "Usher: WebSocket is not supported. Use POST; responses stream as server-sent events.";
                Self::new(StatusCode::UPGRADE_REQUIRED, "upgrade_required", message)
                    .header(http::header::UPGRADE, "HTTP/1.1")
                    .header(CONNECTION, "upgrade")
            }
        }
    }
}

impl From<BodyError> for GatewayError {
    fn from(why: BodyError) -> Self {
        let close = |error: Self| error.header(CONNECTION, "close");
        match why {
            BodyError::TooLong => close(Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "request_too_large",
                "Usher: the request body is larger than 64 MiB.",
            )),
            BodyError::Slow => close(Self::new(
                StatusCode::REQUEST_TIMEOUT,
                "timeout",
                "Usher: the request body arrived too slowly.",
            )),
            BodyError::Cut => close(Self::new(
                StatusCode::BAD_REQUEST,
                "bad_request",
                "Usher: the request body is incomplete.",
            )),
            BodyError::NoMemory => close(
                Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "too_many_requests",
                    "Usher: the requests of all programs together need more memory than they may. Try again when some have ended.",
                )
                .header(RETRY_AFTER, "1"),
            ),
            BodyError::TooManyParts => Self::new(
                StatusCode::BAD_REQUEST,
                "bad_request",
                "Usher: the request body has too many small parts. Send fewer or longer ones.",
            ),
            BodyError::Encoding => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_encoding",
                "Usher: unsupported content encoding. Send the body uncompressed or with zstd.",
            ),
            BodyError::Damaged => Self::new(
                StatusCode::BAD_REQUEST,
                "bad_request",
                "Usher: the request body cannot be decompressed.",
            ),
        }
    }
}

impl From<BadRequest> for GatewayError {
    fn from(bad: BadRequest) -> Self {
        let mut response = Self::new(StatusCode::BAD_REQUEST, "invalid_request", bad.message);
        response.error.param = bad.param;
        response
    }
}

impl GatewayError {
    /// Builds the error for a rejected pass. `sign_in_only`: the client sent its own OpenAI access token and no pass.
    pub(crate) fn pass_rejected(rejected: PassRejected, sign_in_only: bool, now: UnixTime) -> Self {
        let message = match rejected {
            PassRejected::Failed(failure) | PassRejected::Locked { failure, .. } => {
                return Self::from_failure(&failure, now);
            }
            PassRejected::Expired => {
                "Usher: this pass has expired. Create a new one with `usher pass new NAME`."
            }
            PassRejected::Unknown if sign_in_only => {
                "Usher: this is your own sign-in, not a pass. It was neither used nor stored. Send a pass in the header \
                 x-api-key, as `usher tools connect codex-app` sets it up; or set `requires_openai_auth` to false and \
                 `auth.command` to `usher pass print NAME`."
            }
            PassRejected::Unknown => "Usher: unknown or revoked pass. Create one with `usher pass new NAME`.",
        };
        Self::new(StatusCode::UNAUTHORIZED, "invalid_pass", message)
            .header(WWW_AUTHENTICATE, "Bearer realm=\"usher\"")
    }

    /// Builds the error for a pass that is at its concurrency limit.
    pub(crate) fn too_many_requests(limit: usize) -> Self {
        let message = format!("Usher: this pass already has {limit} running requests. Wait until one ends.");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message).header(RETRY_AFTER, "1")
    }

    /// Builds the error for a pass that asked for too many access tokens.
    pub(crate) fn too_many_tokens(limit: usize, wait: Duration) -> Self {
        let seconds = wait.as_secs() + 1;
        let message = format!(
            "Usher: a pass gets at most {limit} access tokens in a minute. Keep a token until it expires. Try again in \
             {seconds} s"
        );
        let mut error = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message);
        error.headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        error
    }

    /// Builds the error for a valid pass without this permission.
    pub(crate) fn not_allowed(why: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "not_allowed", why)
    }

    /// Builds the error for a model that the provider does not list.
    pub(crate) fn model_not_listed(model: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("Usher: this provider has no {model}."))
    }
}

/// Returns the message: the cause, and what to do where that does not depend on the client.
///
/// Anthropic's clients show only this message; Claude Code does not show `Retry-After`.
fn message_of(failure: &Failure, now: UnixTime) -> String {
    let next = match code_of(failure.code) {
        "sign_in_required" if failure.code == ErrorCode::SignInRequired => {
            ". Sign in again in Usher, or run `usher login`"
        }
        "sign_in_required" => ". Sign in again in Usher, or run `usher login --account ACCOUNT`",
        // Terms of Sign in with ChatGPT, section 2: connected application only.
        "connected_app_only" => {
            ". OpenAI lets this sign-in serve only the connected application, which is Usher itself. For other programs \
             sign in with OpenAI, `usher login`, or save an API key"
        }
        "plan_use_not_allowed" => ". Allow plan use in Usher, or use an API key",
        "locked" => ". Choose Allow again in Usher, or run `usher unlock`",
        "store_unavailable" => ". Run `usher doctor`",
        _ => "",
    };
    match retry_time(failure, now) {
        Some(when) => with_sentence(&format!("{}{next}", failure.cause), &when),
        None => format!("{}{next}", failure.cause),
    }
}

/// Returns when to try again, as a sentence.
fn retry_time(failure: &Failure, now: UnixTime) -> Option<String> {
    let left = failure.retry_at.map(|at| at.0 - now.0).filter(|left| *left > 0)?;
    Some(format!("Try again in {}", duration_text(left)))
}

/// Adds when to try again to the message of a provider's error object, unless it says so itself. Most clients show
/// nothing else of it.
pub(crate) fn name_retry_time(error: &mut Value, failure: &Failure, now: UnixTime) {
    let Some(when) = retry_time(failure, now) else { return };
    if let Some(Value::String(message)) = error.get_mut("message")
        && !message.to_ascii_lowercase().contains("try again in")
    {
        *message = with_sentence(message, &when);
    }
}

/// Adds a sentence to a text that may or may not end with a full stop.
fn with_sentence(text: &str, sentence: &str) -> String {
    let end = if text.is_empty() || text.ends_with(['.', '!', '?']) { " " } else { ". " };
    format!("{text}{end}{sentence}").trim_start().to_owned()
}

/// Formats a duration in at most two units.
fn duration_text(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

#[cfg(test)]
mod tests;
