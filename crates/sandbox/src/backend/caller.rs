//! Authenticates a request: the access token and the account header (protocol §8.1), and the two-layered 401 of protocol §10.

use std::sync::Arc;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::error::DetailError;
use crate::accounts::Membership;
use crate::bearer::bearer_token;
use crate::issuer::grants::AccessRefusal;
use crate::state::SandboxState;

/// The caller's membership, for a valid token and account header.
pub(super) struct Caller(pub(super) Membership);

impl FromRequestParts<Arc<SandboxState>> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<SandboxState>) -> Result<Self, Response> {
        let Some(token) = bearer_token(&parts.headers) else {
            return Err(unauthorized("missing_authorization_header", None));
        };
        let membership = match state.grants.authenticate(token, state.now()) {
            Ok(membership) => membership,
            Err(AccessRefusal::Expired) => return Err(unauthorized("token_expired", Some("token_expired"))),
            Err(AccessRefusal::Invalidated | AccessRefusal::Unknown) => {
                return Err(unauthorized("token_invalidated", Some("token_invalidated")));
            }
        };
        // protocol §14 leaves open whether the header is mandatory for all accounts. The sandbox requires it, and never
        // by a 401, because a client would refresh for nothing then.
        match parts.headers.get("chatgpt-account-id").map(|value| value.to_str().unwrap_or_default()) {
            None | Some("") => {
                Err(DetailError::bad_request("ChatGPT-Account-ID header is required").into_response())
            }
            Some(id) if id == membership.workspace.account_id => Ok(Self(membership)),
            Some(_) => {
                let text = "ChatGPT-Account-ID is not the account of this token".to_owned();
                Err(DetailError(StatusCode::FORBIDDEN, text).into_response())
            }
        }
    }
}

/// The body says only "Unauthorized"; the code is in the base64 `x-error-json`, the reason in another header (protocol §10).
fn unauthorized(reason: &'static str, code: Option<&str>) -> Response {
    let mut response = (
        StatusCode::UNAUTHORIZED,
        [("x-openai-authorization-error", reason)],
        Json(json!({ "detail": "Unauthorized" })),
    )
        .into_response();
    if let Some(code) = code {
        let encoded = STANDARD.encode(json!({ "error": { "code": code } }).to_string());
        response.headers_mut().insert("x-error-json", encoded.parse().expect("base64 is a header value"));
    }
    response
}
