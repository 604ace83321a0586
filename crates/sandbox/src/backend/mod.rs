//! The `ChatGPT` backend below `/backend-api`: models, usage, responses (protocol §7 to protocol §10).

mod account_check;
mod bearer;
mod catalog;
mod limits;
mod models;
mod request_rules;
mod responses;
mod usage;

use std::sync::Arc;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;

pub(crate) use bearer::bearer;
pub(crate) use limits::{Meters, UsageState, usage_limit_reached};

use crate::state::SandboxState;

/// The request was understood and refused; the envelope of protocol §10 that is no `error` object.
pub(crate) struct Detail(pub(crate) StatusCode, pub(crate) String);

impl Detail {
    fn bad_request(text: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, text.into())
    }
}

impl IntoResponse for Detail {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "detail": self.1 }))).into_response()
    }
}

pub(crate) fn routes() -> Router<Arc<SandboxState>> {
    Router::new()
        .route("/codex/models", get(models::list))
        .route("/codex/responses", post(responses::create).get(refuse_upgrade))
        .route("/wham/usage", get(usage::usage))
        .route("/wham/accounts/check", get(account_check::check))
}

/// A WebSocket is tried first and must be answered 426, or Codex takes the answer for the real one (clients §1).
async fn refuse_upgrade(request: Request) -> Response {
    if request.headers().contains_key("upgrade") {
        return (StatusCode::UPGRADE_REQUIRED, [("upgrade", "websocket")]).into_response();
    }
    StatusCode::METHOD_NOT_ALLOWED.into_response()
}
