//! The bearer token of a request.

use axum::http::{HeaderMap, header};

/// Returns the token of the `Authorization` header (RFC 6750 §2.1).
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}
