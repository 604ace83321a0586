//! `POST /chat/completions`: text and tool calls, non-streaming or as a stream that ends with `[DONE]`.

use std::sync::Arc;

use axum::Json;
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::model_output::{Content, ModelOutput, Prompt};
use crate::random;
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
    let model = body["model"].as_str().unwrap_or_default();
    // Chat Completions has no place for reasoning and comments.
    let output = ModelOutput::for_prompt(&Prompt::from_chat(body), model, state.now(), &String::new);
    if body["stream"] == true {
        let with_usage = body["stream_options"]["include_usage"] == true;
        return EventStream::new(state, endpoint, chunks(&output, with_usage), fault).into_response();
    }
    Json(json!({
        "id": random::string("chatcmpl-"),
        "object": "chat.completion",
        "created": output.created_at,
        "model": output.model,
        "choices": [{ "index": 0, "message": message(&output), "finish_reason": finish_reason(&output) }],
        "usage": usage(&output),
    }))
    .into_response()
}

fn message(output: &ModelOutput) -> Value {
    let mut message = json!({ "role": "assistant", "content": null });
    let mut calls = Vec::new();
    for (content, id) in output.contents() {
        match content {
            Content::Reasoning { .. } | Content::Commentary(_) => {}
            Content::Text(parts) => message["content"] = parts.concat().into(),
            Content::Call { input, .. } => calls.push(call(content, id, &input.concat())),
        }
    }
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    message
}

fn finish_reason(output: &ModelOutput) -> &'static str {
    if output.contents().any(|(content, _)| matches!(content, Content::Call { .. })) {
        "tool_calls"
    } else {
        "stop"
    }
}

/// Returns a tool call with this input, which may be a part of it.
fn call(content: &Content, id: &str, input: &str) -> Value {
    match content {
        Content::Call { name, custom: true, .. } => {
            json!({ "id": id, "type": "custom", "custom": { "name": name, "input": input } })
        }
        Content::Call { name, .. } => {
            json!({ "id": id, "type": "function", "function": { "name": name, "arguments": input } })
        }
        Content::Reasoning { .. } | Content::Commentary(_) | Content::Text(_) => Value::Null,
    }
}

fn chunks(output: &ModelOutput, with_usage: bool) -> Vec<Event> {
    let id = random::string("chatcmpl-");
    let chunk = |choices: Value, usage: Value| {
        let mut chunk = json!({
            "id": id,
            "object": "chat.completion.chunk",
            "created": output.created_at,
            "model": output.model,
            "choices": choices,
        });
        // When requested, it is in every chunk, and null but in the last.
        if with_usage {
            chunk["usage"] = usage;
        }
        Event::default().data(chunk.to_string())
    };
    let choice = |delta: Value, finish: Value| {
        chunk(json!([{ "index": 0, "delta": delta, "finish_reason": finish }]), Value::Null)
    };
    let mut events = vec![choice(json!({ "role": "assistant", "content": "" }), Value::Null)];
    events.extend(deltas(output).into_iter().map(|delta| choice(delta, Value::Null)));
    events.push(choice(json!({}), finish_reason(output).into()));
    if with_usage {
        events.push(chunk(json!([]), usage(output)));
    }
    events.push(Event::default().data("[DONE]"));
    events
}

/// Returns the deltas. A tool call begins with its name and no input; the parts of its input have its index only.
fn deltas(output: &ModelOutput) -> Vec<Value> {
    let mut deltas = Vec::new();
    let mut number = 0;
    for (content, id) in output.contents() {
        match content {
            Content::Reasoning { .. } | Content::Commentary(_) => {}
            Content::Text(parts) => deltas.extend(parts.iter().map(|part| json!({ "content": part }))),
            Content::Call { custom, input, .. } => {
                let mut first = call(content, id, "");
                first["index"] = number.into();
                deltas.push(json!({ "tool_calls": [first] }));
                deltas.extend(input.iter().map(|part| {
                    let next = if *custom {
                        json!({ "index": number, "custom": { "input": part } })
                    } else {
                        json!({ "index": number, "function": { "arguments": part } })
                    };
                    json!({ "tool_calls": [next] })
                }));
                number += 1;
            }
        }
    }
    deltas
}

fn usage(output: &ModelOutput) -> Value {
    json!({
        "prompt_tokens": output.input_tokens,
        "completion_tokens": output.output_tokens(),
        "total_tokens": output.input_tokens + output.output_tokens(),
    })
}
