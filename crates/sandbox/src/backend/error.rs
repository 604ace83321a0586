//! The error body of the backend that is no `error` object (protocol §10).

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An error response with a `detail` (protocol §10).
pub(crate) struct DetailError(pub(crate) StatusCode, pub(crate) String);

impl DetailError {
    pub(super) fn bad_request(text: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, text.into())
    }
}

impl IntoResponse for DetailError {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "detail": self.1 }))).into_response()
    }
}
