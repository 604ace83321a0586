//! `POST /responses` in the public form: non-streaming, or a stream with sequence numbers (protocol §8.5).

use std::sync::Arc;

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::model_output::{EventFormat, ModelOutput, Prompt};
use crate::server::event_stream::EventStream;
use crate::server::fault::Fault;
use crate::state::SandboxState;

/// Responds to a valid body; `endpoint` is the name that a disconnect is counted under.
pub(crate) fn respond(
    state: &Arc<SandboxState>,
    endpoint: &'static str,
    body: &Value,
    fault: Option<Fault>,
) -> Response {
    // All keys are equal here, so reasoning is encrypted for the service.
    if let Err(response) = state.encrypted_reasoning.check(endpoint, &body["input"]) {
        return response;
    }
    let model = body["model"].as_str().unwrap_or_default();
    let encrypt = || state.encrypted_reasoning.encrypt(endpoint);
    let output = ModelOutput::for_prompt(&Prompt::from_responses(body), model, state.now(), &encrypt);
    if body["stream"] == true {
        EventStream::new(state, endpoint, output.events(EventFormat::Public), fault).into_response()
    } else {
        Json(output.to_response()).into_response()
    }
}
