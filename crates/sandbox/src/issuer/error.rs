//! The two error bodies of the authorization server (protocol §2.2).

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Returns `{"error":…,"error_description":…}` (protocol §2.2; RFC 6749 §5.2).
pub(crate) fn oauth_error(status: StatusCode, error: &str, description: &str) -> Response {
    (status, Json(json!({ "error": error, "error_description": description }))).into_response()
}

/// Returns the other error body of protocol §2.2, which has the codes of protocol §3.3.
pub(crate) fn api_error(status: StatusCode, kind: &str, code: &str) -> Response {
    let message = format!("The sandbox refused: {code}.");
    let error = json!({ "message": message, "type": kind, "param": null, "code": code });
    (status, Json(json!({ "error": error }))).into_response()
}
