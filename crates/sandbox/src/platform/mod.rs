//! The Platform below `/v1`: a short subset, enough to test a key (§7.2, §8.5, §9.4).

mod chat;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Extension, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::answer::{Answer, Dialect};
use crate::backend::bearer;
use crate::door::StreamFault;
use crate::playback::Playback;
use crate::random;
use crate::world::World;

/// Every key that begins like this is good.
const KEY_PREFIX: &str = "sk-sandbox-";

/// No capability data here, and models that are not for chat among them (§7.2).
const MODELS: [&str; 4] = ["gpt-6.1-sol", "gpt-6-sol", "gpt-5.5", "text-embedding-sandbox"];

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/models", get(models))
        .route("/responses", post(responses))
        .route("/chat/completions", post(chat::completions))
}

/// A caller with a key.
struct Key;

impl FromRequestParts<Arc<World>> for Key {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, world: &Arc<World>) -> Result<Self, Response> {
        let key = bearer(&parts.headers).unwrap_or_default();
        if key.strip_prefix(KEY_PREFIX).is_some_and(|rest| !rest.is_empty()) {
            return Ok(Self);
        }
        if world.grants.authenticate(key, world.now()).is_ok() {
            // §8.5: a ChatGPT token lacks the scopes.
            let message = "You have insufficient permissions for this operation. Missing scopes.";
            return Err(error(StatusCode::FORBIDDEN, message, None));
        }
        let message = "Incorrect API key provided.";
        Err(error(StatusCode::UNAUTHORIZED, message, Some("invalid_api_key")))
    }
}

async fn models(_: Key, State(world): State<Arc<World>>) -> Response {
    let created = world.now();
    let data =
        MODELS.map(|id| json!({ "id": id, "object": "model", "created": created, "owned_by": "openai" }));
    with_headers(Json(json!({ "object": "list", "data": data })).into_response())
}

async fn responses(
    _: Key,
    State(world): State<Arc<World>>,
    Extension(StreamFault(fault)): Extension<StreamFault>,
    body: Bytes,
) -> Result<Response, Response> {
    let body = parse(&body)?;
    let answer = Answer::to(&body["input"], model(&body)?, world.now());
    let response = if body["stream"] == true {
        Playback::new(&world, "platform.responses", answer.events(Dialect::Platform), fault).into_response()
    } else {
        Json(answer.whole()).into_response()
    };
    Ok(with_headers(response))
}

#[expect(clippy::result_large_err, reason = "a response, once a request")]
fn parse(body: &[u8]) -> Result<Value, Response> {
    serde_json::from_slice(body).map_err(|_| error(StatusCode::BAD_REQUEST, "The body is not JSON.", None))
}

#[expect(clippy::result_large_err, reason = "a response, once a request")]
fn model(body: &Value) -> Result<&str, Response> {
    let model = body["model"].as_str().unwrap_or_default();
    if MODELS.contains(&model) {
        return Ok(model);
    }
    let message = format!("The model `{model}` does not exist or you do not have access to it.");
    Err(error(StatusCode::NOT_FOUND, &message, Some("model_not_found")))
}

/// `{"error":{…}}` (§10).
fn error(status: StatusCode, message: &str, code: Option<&str>) -> Response {
    let error = json!({ "message": message, "type": "invalid_request_error", "param": null, "code": code });
    with_headers((status, Json(json!({ "error": error }))).into_response())
}

/// The headers of §9.4.
fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        ("x-ratelimit-limit-requests", "500"),
        ("x-ratelimit-limit-tokens", "30000"),
        ("x-ratelimit-remaining-requests", "499"),
        ("x-ratelimit-remaining-tokens", "29000"),
        ("x-ratelimit-reset-requests", "120ms"),
        ("x-ratelimit-reset-tokens", "6m0s"),
        ("openai-processing-ms", "5"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::try_from(random::string("req_sandbox_")) {
        headers.insert("x-request-id", id);
    }
    response
}
