//! Services of others that have the public API in part: `/compatible/{kind}`.
//!
//! Each kind lacks or requires one thing, so that tests catch a client that relies on what only the Platform does.

mod caller;
pub(crate) mod service;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;

use self::caller::Caller;
use self::service::{SERVICES, Service};
use crate::public_api::{self, ApiError, Key};
use crate::server::fault::StreamFault;
use crate::state::SandboxState;

/// Their models: none has a name of `OpenAI`'s, and one does not write text.
const MODELS: &[&str] = &["llama-4-scout", "nomic-embed-text", "qwen3-coder"];

/// Never resolves (RFC 6761 §6.4): a client that follows the redirect sends its key to nobody.
const REDIRECT_TARGET: &str = "http://elsewhere.sandbox.invalid";

pub(crate) fn routes() -> Router<Arc<SandboxState>> {
    let routes = SERVICES.iter().fold(Router::new(), |routes, service| {
        routes.nest(&format!("/{}{}", service.kind, service.prefix), service_routes(service))
    });
    routes
        .nest("/redirecting", Router::new().fallback(redirect))
        .nest("/html", Router::new().fallback(captive_portal))
        .fallback(not_found)
}

fn service_routes(service: &'static Service) -> Router<Arc<SandboxState>> {
    let mut routes = Router::new().route("/models", get(models));
    if service.responses {
        routes = routes.route("/responses", post(responses));
    }
    if service.chat {
        routes = routes.route("/chat/completions", post(chat_completions));
    }
    routes.layer(Extension(service))
}

async fn models(Caller(key): Caller, State(state): State<Arc<SandboxState>>) -> Response {
    let ids = ids(&state);
    let visible = ids.iter().map(|id| (id.as_str(), "library")).filter(|_| key != Key::NoModels);
    public_api::models::list(visible, state.now())
}

async fn responses(
    Caller(key): Caller,
    State(state): State<Arc<SandboxState>>,
    Extension(StreamFault(fault)): Extension<StreamFault>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let body = public_api::parse(&body, "input")?;
    check(key, &state, &body)?;
    Ok(public_api::responses::respond(&state, "compatible.responses", &body, fault))
}

async fn chat_completions(
    Caller(key): Caller,
    State(state): State<Arc<SandboxState>>,
    Extension(StreamFault(fault)): Extension<StreamFault>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let body = public_api::parse(&body, "messages")?;
    check(key, &state, &body)?;
    Ok(public_api::chat::respond(&state, "compatible.chat_completions", &body, fault))
}

fn check(key: Key, state: &SandboxState, body: &Value) -> Result<(), ApiError> {
    let id = body["model"].as_str().unwrap_or_default();
    if !ids(state).iter().any(|known| known == id) {
        return Err(ApiError::no_such_model(id));
    }
    key.check_limits(id)
}

fn ids(state: &SandboxState) -> Vec<String> {
    let default_ids = || MODELS.iter().map(|id| (*id).to_owned()).collect();
    state.settings().compatible_models.unwrap_or_else(default_ids)
}

async fn redirect(uri: Uri) -> Response {
    let target = format!("{REDIRECT_TARGET}{uri}");
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, target)]).into_response()
}

/// Responds like the network of a hotel before its guest has signed in.
async fn captive_portal() -> Response {
    let page = "<!DOCTYPE html><html><head><title>Welcome</title></head><body>Sign in to use this network.</body></html>";
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

/// Responds in plain text: a service without an endpoint has no error body of the API for it.
async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "404 page not found\n").into_response()
}
