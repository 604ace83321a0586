//! The API for access tokens of this sign-in: two endpoints of `api.openai.com/v1` (siwc §9 to siwc §11).

mod caller;
mod models;
mod request_rules;
mod responses;
mod tool_rules;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::middleware::{Next, map_response};
use axum::response::Response;
use axum::routing::{get, post};
use tower::ServiceExt;

use self::caller::Caller;
use super::error::PlanUsageError;
use super::is_access_token;
use crate::bearer::bearer_token;
use crate::random;
use crate::state::SandboxState;

/// Where both endpoints are, and the Platform too.
const BASE: &str = "/v1/";

pub(crate) fn routes() -> Router<Arc<SandboxState>> {
    Router::new()
        .route("/v1/models", get(models::list))
        .route("/v1/responses", post(responses::create))
        .method_not_allowed_fallback(reject_route)
        .fallback(reject_route)
        .layer(map_response(with_request_id))
}

/// Serves requests with a token of this sign-in by `api`; others go to the Platform, at the same address (siwc §9).
pub(crate) async fn serve_plan_tokens(State(api): State<Router>, request: Request, next: Next) -> Response {
    let is_ours = request.uri().path().starts_with(BASE)
        && bearer_token(request.headers()).is_some_and(is_access_token);
    if !is_ours {
        return next.run(request).await;
    }
    match api.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Rejects every other path and method (siwc §10.5).
async fn reject_route(_: Caller) -> PlanUsageError {
    PlanUsageError::RouteNotSupported
}

/// Adds the id that every response has (siwc §11).
async fn with_request_id(mut response: Response) -> Response {
    if let Ok(id) = HeaderValue::try_from(random::string("req_sandbox_")) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}
