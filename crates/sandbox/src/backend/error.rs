//! The error body of the backend that is no `error` object (protocol §10).

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// The request was understood and refused; the envelope of protocol §10 that is no `error` object.
pub(crate) struct Detail(pub(crate) StatusCode, pub(crate) String);

impl Detail {
    pub(super) fn bad_request(text: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, text.into())
    }
}

impl IntoResponse for Detail {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "detail": self.1 }))).into_response()
    }
}
