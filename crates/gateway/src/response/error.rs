//! What a caller is told in place of an answer: any refusal, in its own dialect.
//!
//! 401 is for a bad pass and for nothing else. Codex takes a 401 as a word about its own sign-in and renews that,
//! several times in a run (protocol, corrections no. 4); whatever is wrong with the account is 403.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use usher_dialect::error::{ApiError, BadRequest};
use usher_dialect::{messages, responses};
use usher_domain::{ErrorCode, Failure, UnixTime};
use usher_upstream::UpstreamError;

use crate::admission::body::BodyError;
use crate::admission::endpoint::Dialect;
use crate::admission::endpoint::EndpointError;
use crate::admission::origin::OriginRejected;
use crate::host::PassRejected;
use crate::response::stream::ResponseBody;

/// A refusal before it has words in a dialect.
#[derive(Debug, Clone)]
pub(crate) struct ErrorResponse {
    pub(crate) error: Box<ApiError>,
    pub(crate) headers: HeaderMap,
}

impl ErrorResponse {
    fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let trouble = ApiError {
            status: status.as_u16(),
            code: code.to_owned(),
            message: message.into(),
            param: None,
            original: None,
        };
        Self { error: Box::new(trouble), headers: HeaderMap::new() }
    }

    fn header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    /// As a response in `dialect`. Only Anthropic has a status for having no room.
    pub(crate) fn into_response(self, dialect: Dialect) -> Response<ResponseBody> {
        let Self { error: mut trouble, headers } = self;
        if dialect == Dialect::Messages && trouble.status == 503 && trouble.code == "overloaded" {
            trouble.status = 529;
        }
        let body = match dialect {
            Dialect::Responses | Dialect::ChatCompletions => responses::translate_error(&trouble),
            Dialect::Messages => messages::translate_error(&trouble, None),
        };
        let mut response = Response::new(ResponseBody::whole(Bytes::from(body)));
        *response.status_mut() =
            StatusCode::from_u16(trouble.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        *response.headers_mut() = headers;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    /// A failure of ours, or one whose server's own words are not at hand.
    pub(crate) fn from_failure(failure: &Failure, now: UnixTime) -> Self {
        let mut refusal = Self::new(status_of(failure.code), code_of(failure.code), sentence(failure, now));
        refusal.retry_after(failure.retry_at, now);
        refusal
    }

    /// What a server did not answer. Its own words and status are kept, but for a 401.
    pub(crate) fn from_upstream(declined: &UpstreamError, now: UnixTime) -> Self {
        let mut refusal = Self::from_failure(&declined.failure, now);
        let Some(said) = &declined.body else { return refusal };
        if said.status != StatusCode::UNAUTHORIZED {
            refusal.error.status = said.status.as_u16();
            refusal.error.original.clone_from(&said.error);
        }
        let own = refusal.headers.remove(RETRY_AFTER);
        refusal.headers = said.headers.clone();
        if let Some(own) = own {
            refusal.headers.entry(RETRY_AFTER).or_insert(own);
        }
        refusal
    }

    /// Seconds until `retry_at` (RFC 9110 §10.2.3), at least one.
    fn retry_after(&mut self, retry_at: Option<UnixTime>, now: UnixTime) {
        if let Some(at) = retry_at {
            self.headers.insert(RETRY_AFTER, HeaderValue::from((at.0 - now.0).max(1)));
        }
    }
}

impl From<OriginRejected> for ErrorResponse {
    fn from(why: OriginRejected) -> Self {
        let status =
            if why == OriginRejected::Ambiguous { StatusCode::BAD_REQUEST } else { StatusCode::FORBIDDEN };
        Self::new(status, "not_allowed", why.message()).header(CONNECTION, "close")
    }
}

impl From<EndpointError> for ErrorResponse {
    fn from(why: EndpointError) -> Self {
        match why {
            EndpointError::NotFound => {
                Self::new(StatusCode::NOT_FOUND, "not_found", "the gateway has nothing at this path")
            }
            EndpointError::MethodNotAllowed(allowed) => {
                let message = format!("this path takes {allowed} only");
                Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
                    .header(ALLOW, allowed)
            }
            // RFC 9110 §15.5.22 wants the protocol that would do: this one.
            EndpointError::WebSocket => {
                let message = "the gateway speaks HTTP here, by POST and server-sent events";
                Self::new(StatusCode::UPGRADE_REQUIRED, "upgrade_required", message)
                    .header(http::header::UPGRADE, "HTTP/1.1")
                    .header(CONNECTION, "upgrade")
            }
        }
    }
}

impl From<BodyError> for ErrorResponse {
    fn from(why: BodyError) -> Self {
        let close = |refusal: Self| refusal.header(CONNECTION, "close");
        match why {
            BodyError::TooLong => close(Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "request_too_large",
                "the body is longer than 64 MiB",
            )),
            BodyError::Slow => {
                close(Self::new(StatusCode::REQUEST_TIMEOUT, "timeout", "the body came too slowly"))
            }
            BodyError::Cut => close(Self::new(StatusCode::BAD_REQUEST, "bad_request", "the body broke off")),
            BodyError::Encoding => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_encoding",
                "bodies may be plain or packed by zstd",
            ),
            BodyError::Damaged => {
                Self::new(StatusCode::BAD_REQUEST, "bad_request", "the body cannot be unpacked")
            }
        }
    }
}

impl From<BadRequest> for ErrorResponse {
    fn from(bad: BadRequest) -> Self {
        let mut refusal = Self::new(StatusCode::BAD_REQUEST, "invalid_request", bad.message);
        refusal.error.param = bad.param;
        refusal
    }
}

impl ErrorResponse {
    /// Nobody is let in. `foreign_jwt`: the caller sent what it signs in to OpenAI with.
    pub(crate) fn pass_rejected(denied: PassRejected, own_sign_in: bool, now: UnixTime) -> Self {
        let message = match denied {
            PassRejected::Failed(failure) => return Self::from_failure(&failure, now),
            PassRejected::Expired => "this pass has expired; make a new one with `usher pass new NAME`",
            PassRejected::Unknown if own_sign_in => {
                "this is a sign-in of your own, not a pass; it was neither used nor kept. Leave \
                 `requires_openai_auth` off and let `auth.command` run `usher pass print NAME`"
            }
            PassRejected::Unknown => "this is no pass of this gateway; make one with `usher pass new NAME`",
        };
        Self::new(StatusCode::UNAUTHORIZED, "invalid_pass", message)
            .header(WWW_AUTHENTICATE, "Bearer realm=\"usher\"")
    }

    /// More requests at once than one pass may have.
    pub(crate) fn too_many_requests(most: usize) -> Self {
        let message = format!("this pass has {most} requests under way; wait for one to end");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message).header(RETRY_AFTER, "1")
    }

    /// The pass is good, but not for this.
    pub(crate) fn not_allowed(why: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "not_allowed", why)
    }

    /// The provider has no such thing.
    pub(crate) fn model_not_listed(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("this provider has no {what}"))
    }
}

/// The status that stands for a code of ours (contract section 3).
fn status_of(code: ErrorCode) -> StatusCode {
    use ErrorCode as C;
    match code {
        C::SignInRequired
        | C::SignInExpired
        | C::SignInRevoked
        | C::SignInReused
        | C::InvalidKey
        | C::AccessDenied
        | C::AccountProblem
        | C::MissingEntitlement
        | C::RegionUnsupported
        | C::UsageNotIncluded
        | C::Cancelled
        | C::HostNotAllowed => StatusCode::FORBIDDEN,
        C::UsageLimitReached | C::Billing | C::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        C::ModelUnavailable | C::EndpointNotFound => StatusCode::NOT_FOUND,
        C::BadUsage | C::EffortUnsupported | C::BadUrl => StatusCode::BAD_REQUEST,
        C::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
        C::Timeout => StatusCode::GATEWAY_TIMEOUT,
        C::Offline
        | C::Dns
        | C::Proxy
        | C::Tls
        | C::ChallengePage
        | C::MalformedAnswer
        | C::UpstreamError => StatusCode::BAD_GATEWAY,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The word for machines. All trouble with a sign-in is one word: what helps is the same.
fn code_of(code: ErrorCode) -> &'static str {
    use ErrorCode as C;
    match code {
        code if code.requires_sign_in() => "sign_in_required",
        C::InvalidKey => "invalid_key",
        C::Cancelled => "cancelled",
        C::AccountProblem => "account_problem",
        C::MissingEntitlement => "missing_entitlement",
        C::RegionUnsupported => "region_unsupported",
        C::UsageNotIncluded => "usage_not_included",
        C::HostNotAllowed => "host_not_allowed",
        C::UsageLimitReached => "usage_limit_reached",
        C::Billing => "insufficient_quota",
        C::RateLimited => "rate_limit_exceeded",
        C::ModelUnavailable => "model_not_found",
        C::EndpointNotFound => "endpoint_not_found",
        C::EffortUnsupported => "effort_unsupported",
        C::BadUsage | C::BadUrl => "invalid_request",
        C::Overloaded => "overloaded",
        C::Timeout => "timeout",
        C::Offline | C::Dns | C::Proxy | C::Tls | C::ChallengePage => "upstream_unreachable",
        C::MalformedAnswer | C::UpstreamError => "upstream_error",
        C::StoreLocked | C::StoreUnavailable | C::StoreCorrupt => "store_unavailable",
        _ => "internal_error",
    }
}

/// The cause, and what to do where that is the same for everybody. Anthropic's clients show nothing but this sentence:
/// Claude Code does not say what `retry-after` does.
fn sentence(failure: &Failure, now: UnixTime) -> String {
    let next = match code_of(failure.code) {
        "sign_in_required" => ". Sign in with Usher, in its window or by `usher login`",
        "host_not_allowed" => ". Switch it on in Usher",
        "store_unavailable" => ". Run `usher doctor`",
        _ => "",
    };
    let left = failure.retry_at.map(|at| at.0 - now.0).filter(|left| *left > 0);
    let when = left.map(|left| format!(". Try again in {}", duration_text(left))).unwrap_or_default();
    format!("{}{next}{when}", failure.cause)
}

/// A length of time, in two units at most.
fn duration_text(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_401_is_for_bad_pass_only() {
        for &code in ErrorCode::ALL {
            let refusal = ErrorResponse::from_failure(&Failure::new(code, "why"), UnixTime(0));
            assert_ne!(refusal.error.status, 401, "{code:?}");
        }
        assert_eq!(ErrorResponse::pass_rejected(PassRejected::Unknown, false, UnixTime(0)).error.status, 401);
    }

    #[test]
    fn limit_message_names_reset_time() {
        let failure =
            Failure::new(ErrorCode::UsageLimitReached, "used up").with_retry_at(Some(UnixTime(100)));
        let refusal = ErrorResponse::from_failure(&failure, UnixTime(40));
        assert_eq!((refusal.error.status, refusal.headers[RETRY_AFTER].to_str().unwrap()), (429, "60"));
        assert_eq!(refusal.error.message, "used up. Try again in 60 s");
        let past = ErrorResponse::from_failure(&failure, UnixTime(100));
        assert_eq!(past.error.message, "used up");
    }

    #[test]
    fn duration_text_has_two_units() {
        let told = [119, 120, 7_199, 8_880, 172_800 + 5 * 3_600].map(duration_text);
        assert_eq!(told, ["119 s", "2 min", "119 min", "2 h 28 min", "2 d 5 h"]);
    }
}
