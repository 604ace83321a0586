//! The `ChatGPT` backend below `/backend-api`: models, usage, responses (protocol §7 to protocol §10).

mod account_check;
mod caller;
pub(crate) mod catalog;
mod error;
mod limits;
pub(crate) mod meters;
mod models;
mod request_rules;
mod responses;
mod usage;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

pub(crate) use limits::{UsageState, usage_limit_reached};

use crate::state::SandboxState;

pub(crate) fn routes() -> Router<Arc<SandboxState>> {
    Router::new()
        .route("/codex/models", get(models::list))
        .route("/codex/responses", post(responses::create).get(reject_upgrade))
        .route("/wham/usage", get(usage::usage))
        .route("/wham/rate-limit-reset-credits", get(usage::reset_credits))
        .route("/wham/accounts/check", get(account_check::check))
}

/// Responds to a WebSocket upgrade with 426.
///
/// Codex tries a WebSocket first, and takes any other response for the real one (clients §1).
async fn reject_upgrade(request: Request) -> Response {
    if request.headers().contains_key("upgrade") {
        return (StatusCode::UPGRADE_REQUIRED, [("upgrade", "websocket")]).into_response();
    }
    StatusCode::METHOD_NOT_ALLOWED.into_response()
}
