//! `POST /codex/responses` (protocol §8): checks the request as strictly as the backend does, then streams a response.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::caller::Caller;
use super::catalog::Catalog;
use super::error::DetailError;
use super::limits::{UsageState, usage_limit_reached};
use super::request_rules;
use crate::model_output::{EventFormat, ModelOutput, Prompt};
use crate::random;
use crate::server::event_stream::EventStream;
use crate::server::fault::StreamFault;
use crate::state::SandboxState;

const LITE: &str = "x-openai-internal-codex-responses-lite";
const TURN_STATE: &str = "x-codex-turn-state";

pub(super) async fn create(
    State(state): State<Arc<SandboxState>>,
    Caller(membership): Caller,
    Extension(StreamFault(fault)): Extension<StreamFault>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    let to_response = IntoResponse::into_response;
    let body = parse(&headers, &body).map_err(to_response)?;
    let lite = headers.get(LITE).is_some_and(|value| value == "true");
    request_rules::check(&body, lite).map_err(to_response)?;
    let body = Value::Object(body);
    let catalog = Catalog::of(membership, &state.settings());
    let slug = body["model"].as_str().unwrap_or_default().to_owned();
    let model = catalog.model(&slug).ok_or_else(|| {
        let text = format!("The '{slug}' model is not supported when using Codex with a ChatGPT account.");
        DetailError::bad_request(text).into_response()
    })?;
    check_effort(model, &body["reasoning"]["effort"])?;
    let (user, account) = membership.identity();
    let owner = format!("{user} {account}");
    state.encrypted_reasoning.check(&owner, &body["input"])?;
    if !membership.workspace.codex {
        return Err(usage_not_included());
    }
    let usage = UsageState::of(membership, &state);
    if usage.reached.is_some() {
        return Err(usage_limit_reached(&usage));
    }
    state.meters.count_response(membership);
    let output = ModelOutput::for_prompt(&Prompt::from_responses(&body), &slug, state.now(), &|| {
        state.encrypted_reasoning.encrypt(&owner)
    });
    let mut response =
        EventStream::new(&state, "responses", output.events(EventFormat::Codex), fault).into_response();
    let extra = response.headers_mut();
    extra.extend(UsageState::of(membership, &state).headers());
    extra.insert("x-models-etag", catalog.etag());
    extra.insert("x-request-id", random_header("req_sandbox_"));
    if let Ok(slug) = HeaderValue::try_from(slug) {
        extra.insert("openai-model", slug);
    }
    // The client echoes it within a turn (protocol §8.1); an echoed one is sent again.
    let turn_state = headers.get(TURN_STATE).cloned().unwrap_or_else(|| random_header("turn_sandbox_"));
    extra.insert(TURN_STATE, turn_state);
    Ok(response)
}

fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, DetailError> {
    // protocol §8.1 has the header as required; the status is our guess.
    let json = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    if !json {
        return Err(DetailError(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Content-Type must be application/json".to_owned(),
        ));
    }
    serde_json::from_slice(body).map_err(|_| DetailError::bad_request("The body is not a JSON object"))
}

/// Rejects an effort outside the model's list. The error body is the Platform's; the backend's own is not known.
#[expect(clippy::result_large_err, reason = "a response, once a request")]
fn check_effort(model: &Value, effort: &Value) -> Result<(), Response> {
    let levels = model["supported_reasoning_levels"].as_array();
    let known = levels.is_none_or(|levels| levels.iter().any(|level| level["effort"] == *effort));
    if effort.is_null() || known {
        return Ok(());
    }
    let message = format!("Unsupported value: {effort} is not supported with the {} model.", model["slug"]);
    let error = json!({
        "message": message, "type": "invalid_request_error", "param": "reasoning.effort", "code": "unsupported_value",
    });
    Err((StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response())
}

/// Returns the error of a plan without Codex: `usage_not_included` as `type` (protocol §10.1).
fn usage_not_included() -> Response {
    let error = json!({ "type": "usage_not_included", "message": "Codex is not included in this plan" });
    (StatusCode::TOO_MANY_REQUESTS, Json(json!({ "error": error }))).into_response()
}

fn random_header(prefix: &str) -> HeaderValue {
    HeaderValue::try_from(random::string(prefix)).expect("base64url is a header value")
}
