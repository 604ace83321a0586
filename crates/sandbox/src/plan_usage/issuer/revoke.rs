//! Revocation (siwc §8): a form, answered by an empty 200.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::token::read_form;
use crate::issuer::error::oauth_error;
use crate::state::SandboxState;

const FIELDS: [&str; 3] = ["token", "token_type_hint", "client_id"];

/// Serves the usual address.
pub(super) async fn revoke(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if state.settings().plan_usage.revocation_moved {
        return StatusCode::NOT_FOUND.into_response();
    }
    respond(&state, &headers, &body)
}

/// Serves the address that only the discovery document names.
pub(super) async fn revoke_moved(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !state.settings().plan_usage.revocation_moved {
        return StatusCode::NOT_FOUND.into_response();
    }
    respond(&state, &headers, &body)
}

fn respond(state: &SandboxState, headers: &HeaderMap, body: &[u8]) -> Response {
    let invalid = |text: &str| oauth_error(StatusCode::BAD_REQUEST, "invalid_request", text);
    let form = match read_form(headers, body) {
        Ok(form) => form,
        Err(text) => return invalid(&text),
    };
    if let Some(name) = form.unknown(&FIELDS) {
        return invalid(&format!("{name} is not a field of this request"));
    }
    let (Some(token), Some("refresh_token"), Some(client_id)) =
        (form.get("token"), form.get("token_type_hint"), form.get("client_id"))
    else {
        return invalid("token, client_id and the hint refresh_token are required");
    };
    if state.plan_usage.registrations.find(client_id).is_none() {
        return oauth_error(StatusCode::UNAUTHORIZED, "invalid_client", "client_id was not issued here");
    }
    let ends_access = state.settings().plan_usage.revocation_ends_access;
    state.plan_usage.grants.revoke(client_id, token, ends_access);
    StatusCode::OK.into_response()
}
