//! `POST /chat/completions`: text only, whole or streamed with `[DONE]`.

use std::sync::Arc;

use axum::Json;
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::fault::Fault;
use crate::playback::Playback;
use crate::random;
use crate::world::World;

/// Answers a body that was found in order, counting under the name `endpoint`.
pub(crate) fn answer(
    world: &Arc<World>,
    endpoint: &'static str,
    body: &Value,
    fault: Option<Fault>,
) -> Response {
    let answer = Answer::to(&body["messages"], body["model"].as_str().unwrap_or_default(), world.now());
    if body["stream"] == true {
        let with_usage = body["stream_options"]["include_usage"] == true;
        return Playback::new(world, endpoint, chunks(&answer, with_usage), fault).into_response();
    }
    let message = json!({ "role": "assistant", "content": answer.text() });
    Json(json!({
        "id": random::string("chatcmpl-"),
        "object": "chat.completion",
        "created": answer.created_at,
        "model": answer.model,
        "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }],
        "usage": usage(&answer),
    }))
    .into_response()
}

fn chunks(answer: &Answer, with_usage: bool) -> Vec<Event> {
    let id = random::string("chatcmpl-");
    let chunk = |choices: Value, usage: Value| {
        let mut chunk = json!({
            "id": id,
            "object": "chat.completion.chunk",
            "created": answer.created_at,
            "model": answer.model,
            "choices": choices,
        });
        // Once asked for, it is in every chunk, and null but in the last.
        if with_usage {
            chunk["usage"] = usage;
        }
        Event::default().data(chunk.to_string())
    };
    let choice =
        |delta: Value, finish: Value| json!([{ "index": 0, "delta": delta, "finish_reason": finish }]);
    let first = json!({ "role": "assistant", "content": "" });
    let mut events = vec![chunk(choice(first, Value::Null), Value::Null)];
    for piece in &answer.pieces {
        events.push(chunk(choice(json!({ "content": piece }), Value::Null), Value::Null));
    }
    events.push(chunk(choice(json!({}), "stop".into()), Value::Null));
    if with_usage {
        events.push(chunk(json!([]), usage(answer)));
    }
    events.push(Event::default().data("[DONE]"));
    events
}

fn usage(answer: &Answer) -> Value {
    json!({
        "prompt_tokens": answer.input_tokens,
        "completion_tokens": answer.output_tokens(),
        "total_tokens": answer.input_tokens + answer.output_tokens(),
    })
}
