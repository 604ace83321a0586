//! `POST /chat/completions`: text and calls of tools, whole or streamed with `[DONE]`.

use std::sync::Arc;

use axum::Json;
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::model_output::{Answer, Content, Prompt};
use crate::random;
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
    let model = body["model"].as_str().unwrap_or_default();
    // Chat Completions has no place for reasoning.
    let answer = Answer::for_prompt(&Prompt::from_chat(body), model, world.now(), &String::new);
    if body["stream"] == true {
        let with_usage = body["stream_options"]["include_usage"] == true;
        return Playback::new(world, endpoint, chunks(&answer, with_usage), fault).into_response();
    }
    Json(json!({
        "id": random::string("chatcmpl-"),
        "object": "chat.completion",
        "created": answer.created_at,
        "model": answer.model,
        "choices": [{ "index": 0, "message": message(&answer), "finish_reason": finish_reason(&answer) }],
        "usage": usage(&answer),
    }))
    .into_response()
}

fn message(answer: &Answer) -> Value {
    let mut message = json!({ "role": "assistant", "content": null });
    let mut calls = Vec::new();
    for (content, id) in answer.contents() {
        match content {
            Content::Reasoning { .. } => {}
            Content::Text(pieces) => message["content"] = pieces.concat().into(),
            Content::Call { input, .. } => calls.push(call(content, id, &input.concat())),
        }
    }
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    message
}

fn finish_reason(answer: &Answer) -> &'static str {
    if answer.contents().any(|(content, _)| matches!(content, Content::Call { .. })) {
        "tool_calls"
    } else {
        "stop"
    }
}

/// A call with as much of its input as there is.
fn call(content: &Content, id: &str, input: &str) -> Value {
    match content {
        Content::Call { name, custom: true, .. } => {
            json!({ "id": id, "type": "custom", "custom": { "name": name, "input": input } })
        }
        Content::Call { name, .. } => {
            json!({ "id": id, "type": "function", "function": { "name": name, "arguments": input } })
        }
        Content::Reasoning { .. } | Content::Text(_) => Value::Null,
    }
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
    let choice = |delta: Value, finish: Value| {
        chunk(json!([{ "index": 0, "delta": delta, "finish_reason": finish }]), Value::Null)
    };
    let mut events = vec![choice(json!({ "role": "assistant", "content": "" }), Value::Null)];
    events.extend(deltas(answer).into_iter().map(|delta| choice(delta, Value::Null)));
    events.push(choice(json!({}), finish_reason(answer).into()));
    if with_usage {
        events.push(chunk(json!([]), usage(answer)));
    }
    events.push(Event::default().data("[DONE]"));
    events
}

/// A call begins with its name and no input; the pieces of its input come with its number alone.
fn deltas(answer: &Answer) -> Vec<Value> {
    let mut deltas = Vec::new();
    let mut number = 0;
    for (content, id) in answer.contents() {
        match content {
            Content::Reasoning { .. } => {}
            Content::Text(pieces) => deltas.extend(pieces.iter().map(|piece| json!({ "content": piece }))),
            Content::Call { custom, input, .. } => {
                let mut begun = call(content, id, "");
                begun["index"] = number.into();
                deltas.push(json!({ "tool_calls": [begun] }));
                deltas.extend(input.iter().map(|piece| {
                    let more = if *custom {
                        json!({ "index": number, "custom": { "input": piece } })
                    } else {
                        json!({ "index": number, "function": { "arguments": piece } })
                    };
                    json!({ "tool_calls": [more] })
                }));
                number += 1;
            }
        }
    }
    deltas
}

fn usage(answer: &Answer) -> Value {
    json!({
        "prompt_tokens": answer.input_tokens,
        "completion_tokens": answer.output_tokens(),
        "total_tokens": answer.input_tokens + answer.output_tokens(),
    })
}
