//! The upstream's responses, prepared before the requests.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// Placeholder for the send time in the text of an event: 20 digits, nanoseconds since 1970.
const MARK: &str = "t=00000000000000000000 ";
const ID: &str = "resp_0a1b2c3d4e5f60718293a4b5c6d7e8f9a0b1c2d3e4f50617";
const ITEM: &str = "msg_0a1b2c3d4e5f60718293a4b5c6d7e8f9a0b1c2d3e4f50617";

/// One of the two upstream APIs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    Responses,
    ChatCompletions,
}

/// The events of a stream: the first ones, the text deltas, and the last ones.
pub(crate) struct Stream {
    pub(crate) first: Vec<u8>,
    pub(crate) texts: Vec<Vec<u8>>,
    pub(crate) last: Vec<u8>,
}

impl Stream {
    /// Returns a stream of `count` text deltas, which are placeholders for the send time if `timed`.
    pub(crate) fn of(api: Api, count: usize, timed: bool) -> Self {
        // LiteLLM takes one repeated word for a model in an endless loop and ends the stream.
        let words = if timed { [MARK; 2] } else { [" word", " after"] };
        let pieces: Vec<&str> = words.into_iter().cycle().take(count).collect();
        match api {
            Api::Responses => responses_stream(&pieces),
            Api::ChatCompletions => chat_stream(&pieces),
        }
    }
}

/// Writes the current time into an event with a placeholder.
pub(crate) fn stamp(event: &mut [u8], now: u128) {
    if let Some(at) = memchr::memmem::find(event, b"t=") {
        let mut digits = String::with_capacity(20);
        // Writing to a String never fails.
        let _ = write!(digits, "{now:020}");
        event[at + 2..at + 22].copy_from_slice(digits.as_bytes());
    }
}

/// Returns the time in a text delta, in nanoseconds since 1970.
pub(crate) fn stamp_of(text: &[u8]) -> Option<u128> {
    std::str::from_utf8(text.get(2..22)?).ok()?.parse().ok()
}

/// Returns a non-streaming response.
pub(crate) fn whole(api: Api) -> Vec<u8> {
    let answer = match api {
        Api::Responses => response("completed", &[message("completed", "ready")]),
        Api::ChatCompletions => json!({
            "id": "chatcmpl-0a1b2c3d4e5f", "object": "chat.completion", "created": 1_790_000_000, "model": "load",
            "choices": [{"index": 0, "finish_reason": "stop", "logprobs": null,
                "message": {"role": "assistant", "content": "ready", "refusal": null}}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 1, "total_tokens": 11},
        }),
    };
    answer.to_string().into_bytes()
}

pub(crate) fn models() -> Vec<u8> {
    let model = json!({"id": "load", "object": "model", "created": 1_790_000_000, "owned_by": "load"});
    json!({"object": "list", "data": [model]}).to_string().into_bytes()
}

fn response(status: &str, output: &[Value]) -> Value {
    json!({
        "id": ID, "object": "response", "created_at": 1_790_000_000, "status": status, "background": false,
        "error": null, "incomplete_details": null, "instructions": null, "max_output_tokens": null,
        "model": "load", "output": output, "parallel_tool_calls": true, "previous_response_id": null,
        "reasoning": {"effort": "low", "summary": null}, "store": false, "temperature": 1.0,
        "text": {"format": {"type": "text"}, "verbosity": "medium"}, "tool_choice": "auto", "tools": [],
        "top_p": 1.0, "truncation": "disabled",
        "usage": {"input_tokens": 10, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 1,
            "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 11},
        "user": null, "metadata": {},
    })
}

fn message(status: &str, text: &str) -> Value {
    json!({"id": ITEM, "type": "message", "status": status, "role": "assistant", "content": [part(text)]})
}

fn part(text: &str) -> Value {
    json!({"type": "output_text", "annotations": [], "logprobs": [], "text": text})
}

fn responses_stream(pieces: &[&str]) -> Stream {
    let mut number = 0;
    let mut event = |kind: &str, mut fields: Value| {
        fields["type"] = kind.into();
        fields["sequence_number"] = number.into();
        number += 1;
        format!("event: {kind}\ndata: {fields}\n\n").into_bytes()
    };
    let mut started = message("in_progress", "");
    started["content"] = json!([]);
    let place = || json!({"item_id": ITEM, "output_index": 0, "content_index": 0});
    let with = |name: &str, value: Value| {
        let mut fields = place();
        fields[name] = value;
        fields
    };
    let first = [
        event("response.created", json!({"response": response("in_progress", &[])})),
        event("response.in_progress", json!({"response": response("in_progress", &[])})),
        event("response.output_item.added", json!({"output_index": 0, "item": started})),
        event("response.content_part.added", with("part", part(""))),
    ];
    let texts = pieces
        .iter()
        .map(|piece| {
            let mut fields = with("delta", (*piece).into());
            fields["logprobs"] = json!([]);
            fields["obfuscation"] = "x9Kq2LmB7v".into();
            event("response.output_text.delta", fields)
        })
        .collect();
    let text = pieces.concat();
    let done = message("completed", &text);
    let last = [
        event("response.output_text.done", with("text", text.as_str().into())),
        event("response.content_part.done", with("part", part(&text))),
        event("response.output_item.done", json!({"output_index": 0, "item": done})),
        event("response.completed", json!({"response": response("completed", &[done])})),
    ];
    Stream { first: first.concat(), texts, last: last.concat() }
}

fn chat_stream(pieces: &[&str]) -> Stream {
    let chunk = |delta: Value, finish: Value| {
        let chunk = json!({
            "id": "chatcmpl-0a1b2c3d4e5f", "object": "chat.completion.chunk", "created": 1_790_000_000,
            "model": "load", "system_fingerprint": "fp_0a1b2c3d4e",
            "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}],
        });
        format!("data: {chunk}\n\n").into_bytes()
    };
    let first = chunk(json!({"role": "assistant", "content": "", "refusal": null}), Value::Null);
    let texts = pieces.iter().map(|piece| chunk(json!({"content": piece}), Value::Null)).collect();
    let mut last = chunk(json!({}), "stop".into());
    last.extend(b"data: [DONE]\n\n");
    Stream { first, texts, last }
}
