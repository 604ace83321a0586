//! The Platform below `/v1`: a subset, enough to test a key and a model (protocol §7.2, protocol §8.5, protocol §9.4).

mod caller;
mod catalog;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::Value;

use self::caller::{Caller, ORGANIZATION};
use self::catalog::{ApiKind, PlatformCatalog};
use crate::public_api::{self, ApiError, Key};
use crate::random;
use crate::server::fault::StreamFault;
use crate::state::SandboxState;

pub(crate) fn routes() -> Router<Arc<SandboxState>> {
    Router::new()
        .route("/models", get(models))
        .route("/responses", post(responses))
        .route("/chat/completions", post(chat_completions))
        .layer(map_response(with_headers))
}

async fn models(Caller(key): Caller, State(state): State<Arc<SandboxState>>) -> Response {
    let catalog = PlatformCatalog::of(&state.settings());
    let visible = catalog.models().filter(|_| key != Key::NoModels);
    public_api::models::list(visible, state.now())
}

async fn responses(
    Caller(key): Caller,
    State(state): State<Arc<SandboxState>>,
    Extension(StreamFault(fault)): Extension<StreamFault>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let body = public_api::parse(&body, "input")?;
    check(key, &state, &body, ApiKind::Responses)?;
    Ok(public_api::responses::respond(&state, "platform.responses", &body, fault))
}

async fn chat_completions(
    Caller(key): Caller,
    State(state): State<Arc<SandboxState>>,
    Extension(StreamFault(fault)): Extension<StreamFault>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let body = public_api::parse(&body, "messages")?;
    check(key, &state, &body, ApiKind::Chat)?;
    Ok(public_api::chat::respond(&state, "platform.chat_completions", &body, fault))
}

/// Checks that `key` may send this request to the model it names.
fn check(key: Key, state: &SandboxState, body: &Value, api: ApiKind) -> Result<(), ApiError> {
    let id = body["model"].as_str().unwrap_or_default();
    PlatformCatalog::of(&state.settings()).check(id, api, body)?;
    key.check_limits(id)
}

/// Adds the headers of protocol §9.4; the organization's only for a valid key.
async fn with_headers(mut response: Response) -> Response {
    let throttled = response.headers().contains_key(header::RETRY_AFTER);
    let accepted = response.status() != StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    let (remaining, reset) = if throttled { ("0", "7s") } else { ("499", "120ms") };
    for (name, value) in [
        ("x-ratelimit-limit-requests", "500"),
        ("x-ratelimit-limit-tokens", "30000"),
        ("x-ratelimit-remaining-requests", remaining),
        ("x-ratelimit-remaining-tokens", "29000"),
        ("x-ratelimit-reset-requests", reset),
        ("x-ratelimit-reset-tokens", "6m0s"),
        ("openai-processing-ms", "5"),
        ("openai-version", "2020-10-01"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if accepted {
        headers.insert("openai-organization", HeaderValue::from_static(ORGANIZATION));
    }
    if let Ok(id) = HeaderValue::try_from(random::string("req_sandbox_")) {
        headers.insert("x-request-id", id);
    }
    response
}
