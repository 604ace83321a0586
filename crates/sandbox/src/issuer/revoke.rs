//! `POST /oauth/revoke` (protocol §4): JSON, not the form of RFC 7009.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::constants::CLIENT_ID;
use super::error::oauth_error;
use crate::state::SandboxState;

#[derive(Deserialize)]
pub(super) struct Revocation {
    token: String,
    token_type_hint: String,
    client_id: Option<String>,
}

pub(super) async fn revoke(
    State(state): State<Arc<SandboxState>>,
    body: Result<Json<Revocation>, JsonRejection>,
) -> Response {
    let invalid = |text: &str| oauth_error(StatusCode::BAD_REQUEST, "invalid_request", text);
    let Json(body) = match body {
        Ok(body) => body,
        Err(rejection) => return invalid(&rejection.body_text()),
    };
    match (body.token_type_hint.as_str(), body.client_id.as_deref()) {
        ("refresh_token", Some(CLIENT_ID)) | ("access_token", None) => {}
        ("refresh_token", _) => return invalid("a refresh token is revoked by the client it was made for"),
        ("access_token", Some(_)) => return invalid("an access token is revoked without client_id"),
        _ => return invalid("token_type_hint must be refresh_token or access_token"),
    }
    state.grants.revoke(&body.token);
    Json(json!({})).into_response()
}
