//! `GET /api/accounts/v1/user-auth-credential/whoami` (protocol §5.1): the account of a personal access token.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::error::api_error;
use super::grants::AccessRefusal;
use crate::bearer::bearer_token;
use crate::state::SandboxState;

pub(super) async fn whoami(State(state): State<Arc<SandboxState>>, headers: HeaderMap) -> Response {
    let membership = match bearer_token(&headers).map(|token| state.grants.authenticate_personal(token)) {
        Some(Ok(membership)) => membership,
        // Only the status is known; the codes are our guess.
        Some(Err(AccessRefusal::Invalidated)) => return unauthorized("token_invalidated"),
        Some(Err(AccessRefusal::Unknown | AccessRefusal::Expired)) => return unauthorized("invalid_token"),
        None => return unauthorized("missing_authorization_header"),
    };
    Json(json!({
        "email": membership.account.email,
        "chatgpt_user_id": membership.account.user_id,
        "chatgpt_account_id": membership.workspace.account_id,
        "chatgpt_plan_type": membership.workspace.plan,
        "chatgpt_account_is_fedramp": false,
    }))
    .into_response()
}

fn unauthorized(code: &str) -> Response {
    api_error(StatusCode::UNAUTHORIZED, "invalid_request_error", code)
}
