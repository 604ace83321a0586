//! The two error bodies of the authorization server (protocol §2.2).

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// `{"error":…,"error_description":…}` (protocol §2.2; RFC 6749 §5.2).
pub(super) fn oauth_error(status: StatusCode, error: &str, description: &str) -> Response {
    (status, Json(json!({ "error": error, "error_description": description }))).into_response()
}

/// The other envelope of protocol §2.2, in which the codes of protocol §3.3 come.
pub(crate) fn refused(status: StatusCode, kind: &str, code: &str) -> Response {
    let message = format!("The sandbox refused: {code}.");
    let error = json!({ "message": message, "type": kind, "param": null, "code": code });
    (status, Json(json!({ "error": error }))).into_response()
}
