//! `POST /responses` in the public form: whole, or streamed with sequence numbers (§8.5).

use std::sync::Arc;

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::answer::{Answer, Dialect};
use crate::fault::Fault;
use crate::playback::Playback;
use crate::world::World;

/// Answers a body that was found in order, counting under the name `endpoint`.
pub(crate) fn answer(
    world: &Arc<World>,
    endpoint: &'static str,
    body: &Value,
    fault: Option<Fault>,
) -> Response {
    let answer = Answer::to(&body["input"], body["model"].as_str().unwrap_or_default(), world.now());
    if body["stream"] == true {
        Playback::new(world, endpoint, answer.events(Dialect::Public), fault).into_response()
    } else {
        Json(answer.whole()).into_response()
    }
}
