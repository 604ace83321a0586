//! `POST /responses` in the public form: whole, or streamed with sequence numbers (protocol §8.5).

use std::sync::Arc;

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::model_output::{Answer, Dialect, Prompt};
use crate::server::fault::Fault;
use crate::server::playback::Playback;
use crate::state::SandboxState;

/// Answers a body that was found in order, counting under the name `endpoint`.
pub(crate) fn answer(
    world: &Arc<SandboxState>,
    endpoint: &'static str,
    body: &Value,
    fault: Option<Fault>,
) -> Response {
    // One key is as good as another here, so a service has one owner of what it seals.
    if let Err(refusal) = world.reasoning_seals.check(endpoint, &body["input"]) {
        return refusal;
    }
    let model = body["model"].as_str().unwrap_or_default();
    let seal = || world.reasoning_seals.seal(endpoint);
    let answer = Answer::for_prompt(&Prompt::from_responses(body), model, world.now(), &seal);
    if body["stream"] == true {
        Playback::new(world, endpoint, answer.events(Dialect::Public), fault).into_response()
    } else {
        Json(answer.to_response()).into_response()
    }
}
