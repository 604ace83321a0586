//! `POST /v1/chat/completions`: text only, whole or streamed with `[DONE]`.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Key;
use crate::answer::Answer;
use crate::door::StreamFault;
use crate::playback::Playback;
use crate::random;
use crate::world::World;

pub(super) async fn completions(
    _: Key,
    State(world): State<Arc<World>>,
    Extension(StreamFault(fault)): Extension<StreamFault>,
    body: Bytes,
) -> Result<Response, Response> {
    let body = super::parse(&body)?;
    let answer = Answer::to(&body["messages"], super::model(&body)?, world.now());
    let response = if body["stream"] == true {
        let with_usage = body["stream_options"]["include_usage"] == true;
        Playback::new(&world, "platform.chat_completions", chunks(&answer, with_usage), fault).into_response()
    } else {
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
    };
    Ok(super::with_headers(response))
}

fn chunks(answer: &Answer, with_usage: bool) -> Vec<Event> {
    let id = random::string("chatcmpl-");
    let chunk = |choices: Value, usage: Option<Value>| {
        let mut chunk = json!({
            "id": id,
            "object": "chat.completion.chunk",
            "created": answer.created_at,
            "model": answer.model,
            "choices": choices,
        });
        if let Some(usage) = usage {
            chunk["usage"] = usage;
        }
        Event::default().data(chunk.to_string())
    };
    let choice =
        |delta: Value, finish: Value| json!([{ "index": 0, "delta": delta, "finish_reason": finish }]);
    let mut events = vec![chunk(choice(json!({ "role": "assistant", "content": "" }), Value::Null), None)];
    for piece in &answer.pieces {
        events.push(chunk(choice(json!({ "content": piece }), Value::Null), None));
    }
    events.push(chunk(choice(json!({}), "stop".into()), None));
    if with_usage {
        events.push(chunk(json!([]), Some(usage(answer))));
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
