//! Services that others run and that speak the public API more or less: `/compatible/{kind}`. Each kind lacks or
//! demands one thing, so that a client which takes the Platform's ways for granted is caught.

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

/// Nothing of theirs is called as at `OpenAI`; one is not for text.
const MODELS: &[&str] = &["llama-4-scout", "nomic-embed-text", "qwen3-coder"];

/// Never resolves (RFC 6761 §6.4): a client that follows with its key in hand gives it to nobody.
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

async fn models(Caller(key): Caller, State(world): State<Arc<SandboxState>>) -> Response {
    let ids = ids(&world);
    let visible = ids.iter().map(|id| (id.as_str(), "library")).filter(|_| key != Key::NoModels);
    public_api::models::list(visible, world.now())
}

async fn responses(
    Caller(key): Caller,
    State(world): State<Arc<SandboxState>>,
    Extension(StreamFault(fault)): Extension<StreamFault>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let body = public_api::parse(&body, "input")?;
    check(key, &world, &body)?;
    Ok(public_api::responses::answer(&world, "compatible.responses", &body, fault))
}

async fn chat_completions(
    Caller(key): Caller,
    State(world): State<Arc<SandboxState>>,
    Extension(StreamFault(fault)): Extension<StreamFault>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let body = public_api::parse(&body, "messages")?;
    check(key, &world, &body)?;
    Ok(public_api::chat::answer(&world, "compatible.chat_completions", &body, fault))
}

fn check(key: Key, world: &SandboxState, body: &Value) -> Result<(), ApiError> {
    let id = body["model"].as_str().unwrap_or_default();
    if !ids(world).iter().any(|known| known == id) {
        return Err(ApiError::no_such_model(id));
    }
    key.may_ask(id)
}

fn ids(world: &SandboxState) -> Vec<String> {
    let usual = || MODELS.iter().map(|id| (*id).to_owned()).collect();
    world.settings().compatible_models.unwrap_or_else(usual)
}

async fn redirect(uri: Uri) -> Response {
    let elsewhere = format!("{REDIRECT_TARGET}{uri}");
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, elsewhere)]).into_response()
}

/// As a hotel's network answers until its guest has signed in.
async fn captive_portal() -> Response {
    let page = "<!DOCTYPE html><html><head><title>Welcome</title></head><body>Sign in to use this network.</body></html>";
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

/// Not the error envelope: a service that lacks an endpoint does not dress the refusal up.
async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "404 page not found\n").into_response()
}
