//! The errors of the API (siwc §11).

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How long a throttled client has to wait; the number is ours.
const RETRY_AFTER_S: u16 = 7;

/// A row of the table of errors (siwc §11). The texts are ours: only codes and forms are known.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanUsageError {
    /// 400: a field that is not accepted, named in `detail`.
    RejectedField,
    /// 400: an input, a tool, a feature, a model or a tier that the plan does not have.
    UnsupportedCapability,
    /// 401: the token is expired or unknown.
    InvalidToken,
    /// 401 of admission: identity or direct permission not accepted.
    AdmissionUnauthorized,
    /// 401: the subscriber was not validated.
    InvalidUser,
    /// 403 of admission: a policy, such as the region.
    AdmissionForbidden,
    /// 403: plan, user, workspace or policy.
    UserNotEligible,
    /// 403: the grant lacks the scope of the plan.
    ScopeNotAuthorized,
    /// 403: the grant does not cover the request.
    InvalidAuthorizationContext,
    /// 403: wrong method or path.
    RouteNotSupported,
    /// 429, or in the stream: a window of the plan, or the app's weekly cap.
    UsageLimitExceeded,
    /// 429: the limit of a Business workspace.
    WorkspaceLimitExceeded,
    /// 429: an unknown throttle.
    Throttled,
    /// 503, or in the stream: usage could not be checked.
    UsageUnavailable,
    /// 503: data of user or workspace unavailable.
    UserUnavailable,
    /// 503 of admission: direct routing is off.
    AdmissionUnavailable,
    /// 503: the model is at capacity.
    AtCapacity,
    /// 520: the edge is degraded.
    EdgeDegraded,
}

/// The form of an error's body.
enum Form {
    /// `{"detail":"…"}`.
    Detail(&'static str),
    /// `{"detail":{"error_code":"…"}}`.
    DetailCode(&'static str),
    /// `{"error":{"message","type","param","code"}}`.
    Structured { code: &'static str, param: Option<&'static str>, message: &'static str },
    /// `{"retry_after":…}`.
    Edge,
}

fn structured(code: &'static str, message: &'static str) -> Form {
    Form::Structured { code, param: None, message }
}

impl PlanUsageError {
    /// Returns the row: status and body.
    fn row(self) -> (u16, Form) {
        match self {
            Self::RejectedField => (400, Form::Detail("Unsupported parameter: metadata")),
            Self::UnsupportedCapability => (
                400,
                Form::Structured {
                    code: "subscription_sharing_unsupported_capability",
                    param: Some("tools"),
                    message: "This tool cannot be used with the plan.",
                },
            ),
            Self::InvalidToken => (401, Form::DetailCode("invalid_token")),
            Self::AdmissionUnauthorized => (401, Form::Detail("The identity was not accepted.")),
            Self::InvalidUser => {
                (401, structured("subscription_sharing_invalid_user", "The subscriber was not validated."))
            }
            Self::AdmissionForbidden => (403, Form::Detail("Not available in this region.")),
            Self::UserNotEligible => {
                (403, structured("subscription_sharing_user_not_eligible", "This plan cannot be used here."))
            }
            Self::ScopeNotAuthorized => {
                (403, structured("chatpass_v2_scope_not_authorized", "The plan was not allowed."))
            }
            Self::InvalidAuthorizationContext => (
                403,
                structured("chatpass_v2_invalid_authorization_context", "The grant does not cover this."),
            ),
            Self::RouteNotSupported => {
                (403, structured("subscription_sharing_route_not_supported", "No route of the plan."))
            }
            Self::UsageLimitExceeded => {
                (429, structured("subscription_sharing_usage_limit_exceeded", "The usage limit was reached."))
            }
            Self::WorkspaceLimitExceeded => (
                429,
                structured(
                    "subscription_sharing_workplace_individual_usage_limit_exceeded",
                    "The limit of the workspace was reached.",
                ),
            ),
            Self::Throttled => (429, structured("rate_limit_exceeded", "Too many requests.")),
            Self::UsageUnavailable => {
                (503, structured("subscription_sharing_usage_unavailable", "The usage could not be checked."))
            }
            Self::UserUnavailable => {
                (503, structured("subscription_sharing_user_unavailable", "The user could not be read."))
            }
            Self::AdmissionUnavailable => (503, Form::Detail("Direct routing is not available.")),
            Self::AtCapacity => {
                (503, structured("server_is_overloaded", "Selected model is at capacity. Please try again."))
            }
            Self::EdgeDegraded => (520, Form::Edge),
        }
    }

    /// Returns whether it can be in a stream: errors without a code end the request before it.
    pub(crate) fn can_be_in_stream(self) -> bool {
        matches!(self.row().1, Form::Structured { .. })
    }

    /// Returns the event that ends a stream with this error (siwc §10.4).
    pub(crate) fn failed_event(self) -> Value {
        let error = match self.row().1 {
            Form::Structured { code, message, .. } => json!({ "code": code, "message": message }),
            _ => Value::Null,
        };
        json!({
            "type": "response.failed",
            "response": { "object": "response", "status": "failed", "error": error, "output": [] },
        })
    }
}

impl IntoResponse for PlanUsageError {
    fn into_response(self) -> Response {
        let (status, form) = self.row();
        let body = match form {
            Form::Detail(text) => json!({ "detail": text }),
            Form::DetailCode(code) => json!({ "detail": { "error_code": code } }),
            Form::Structured { code, param, message } => structured_body(code, param, message),
            Form::Edge => json!({ "retry_after": 60 }),
        };
        let status = StatusCode::from_u16(status).expect("a status of the table");
        let mut response = (status, Json(body)).into_response();
        if self == Self::Throttled {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
        }
        response
    }
}

/// Returns the error of a capability that the plan does not have, which `param` names (siwc §11).
pub(crate) fn unsupported_capability(param: &str, message: &str) -> Response {
    let body = structured_body("subscription_sharing_unsupported_capability", Some(param), message);
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

/// Returns the error that names a field (siwc §11).
pub(crate) fn rejected(detail: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "detail": detail }))).into_response()
}

fn structured_body(code: &str, param: Option<&str>, message: &str) -> Value {
    json!({
        "error": { "message": message, "type": "invalid_request_error", "param": param, "code": code },
    })
}
