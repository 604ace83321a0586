//! `POST /v1/responses`: as strict as the table of siwc §10.2, then a stream (siwc §10.4).

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::caller::Caller;
use super::request_rules;
use crate::backend::catalog::Catalog;
use crate::model_output::{EventFormat, ModelOutput, Prompt};
use crate::plan_usage::error::{PlanUsageError, rejected};
use crate::plan_usage::settings::LimitStage;
use crate::server::event_stream::EventStream;
use crate::server::fault::{Fault, StreamFault};
use crate::state::SandboxState;

/// How many events a stream has before a limit ends it: the two that begin a response.
const EVENTS_BEFORE_LIMIT: usize = 2;

pub(super) async fn create(
    State(state): State<Arc<SandboxState>>,
    Caller(membership): Caller,
    Extension(StreamFault(fault)): Extension<StreamFault>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    let settings = state.settings();
    let body = parse(&headers, &body)?;
    let catalog = Catalog::of(membership, &settings);
    request_rules::check(&body, &catalog, settings.plan_usage.flat_tools)?;
    let body = Value::Object(body);
    let owner = format!("plan {} {}", membership.account.user_id, membership.workspace.account_id);
    state.encrypted_reasoning.check(&owner, &body["input"])?;
    let fault = match settings.plan_usage.limit_reached.get(membership.account.key) {
        None => fault,
        Some(LimitStage::BeforeStream) => return Err(PlanUsageError::UsageLimitExceeded.into_response()),
        Some(LimitStage::InStream) => Some(Fault::PlanUsage {
            error: PlanUsageError::UsageLimitExceeded,
            after_events: Some(EVENTS_BEFORE_LIMIT),
        }),
    };
    let output = output(&state, &body, &owner);
    let format =
        if settings.plan_usage.empty_output { EventFormat::PublicWithoutOutput } else { EventFormat::Public };
    let mut response =
        EventStream::new(&state, "plan.responses", output.events(format), fault).into_response();
    if !settings.plan_usage.stream_content_type {
        response.headers_mut().remove(header::CONTENT_TYPE);
    }
    Ok(response)
}

/// Parses the body: JSON, and never compressed (siwc §10.3).
#[expect(clippy::result_large_err, reason = "a response, once a request")]
fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Response> {
    let unsupported =
        |text: &str| (StatusCode::UNSUPPORTED_MEDIA_TYPE, Json(json!({ "detail": text }))).into_response();
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(unsupported("Content-Encoding is not supported"));
    }
    let content_type = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    if !content_type.starts_with(b"application/json") {
        return Err(unsupported("Content-Type must be application/json"));
    }
    serde_json::from_slice(body).map_err(|_| rejected("The body is not a JSON object"))
}

/// Returns the output, whose messages have a phase (siwc §10.4).
fn output(state: &SandboxState, body: &Value, owner: &str) -> ModelOutput {
    let prompt = Prompt::from_responses(body);
    let model = body["model"].as_str().unwrap_or_default();
    ModelOutput::for_prompt(&prompt, model, state.now(), &|| state.encrypted_reasoning.encrypt(owner))
        .with_phases()
}
