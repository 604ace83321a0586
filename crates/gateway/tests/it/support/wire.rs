//! The events that providers send.

use serde_json::{Value, json};

pub(crate) const DONE: &str = "data: [DONE]\n\n";

/// Returns a chunk of Chat Completions.
pub(crate) fn chunk(delta: &Value) -> String {
    of_choice(&json!({ "index": 0, "delta": delta, "finish_reason": null }))
}

/// Returns the chunk of Chat Completions that has the reason of the end.
pub(crate) fn reason(word: &str) -> String {
    of_choice(&json!({ "index": 0, "delta": {}, "finish_reason": word }))
}

fn of_choice(choice: &Value) -> String {
    let head = json!({ "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m1" });
    let mut chunk = head;
    chunk["choices"] = json!([choice]);
    format!("data: {chunk}\n\n")
}

/// Returns an event of the Responses API.
pub(crate) fn event(event: &Value) -> String {
    format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap())
}

pub(crate) fn created() -> String {
    let response = json!({ "id": "resp_1", "object": "response", "status": "in_progress", "output": [] });
    event(&json!({ "type": "response.created", "response": response, "sequence_number": 0 }))
}

pub(crate) fn usage() -> Value {
    json!({ "input_tokens": 1, "output_tokens": 2, "total_tokens": 3 })
}

/// Returns the last event of a response.
pub(crate) fn completed(output: &[Value], usage: &Value) -> String {
    let response = json!({
        "id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "m1",
        "output": output, "usage": usage,
    });
    event(&json!({ "type": "response.completed", "response": response, "sequence_number": 99 }))
}

/// Returns the item of a message that says "Hello world".
pub(crate) fn message_item() -> Value {
    let content = json!([{ "type": "output_text", "text": "Hello world", "annotations": [] }]);
    json!({ "type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content })
}

/// Returns the events of [`message_item`] at `index`.
pub(crate) fn message_events(index: u64) -> String {
    let mut begun = message_item();
    (begun["status"], begun["content"]) = ("in_progress".into(), json!([]));
    let added = json!({ "type": "response.output_item.added", "output_index": index, "item": begun });
    let delta = json!({ "type": "response.output_text.delta", "output_index": index, "content_index": 0,
        "item_id": "msg_1", "delta": "Hello world" });
    let done = json!({ "type": "response.output_item.done", "output_index": index, "item": message_item() });
    [added, delta, done].iter().map(event).collect()
}

/// Returns the item of a call.
pub(crate) fn call_item(arguments: &Value) -> Value {
    json!({ "type": "function_call", "id": "fc_1", "call_id": "c1", "name": "now", "arguments": arguments,
        "status": "completed" })
}
