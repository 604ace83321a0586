//! What the Codex backend rejects in a request body (protocol §8.2).
//!
//! Messages that the protocol page quotes are exact; the others are our own text for an error that is known to happen.

use serde_json::{Map, Value};

use super::error::DetailError;

/// Rejected by the backend according to third parties (protocol §8.2). `previous_response_id` works over a WebSocket only.
pub(super) const UNSUPPORTED: [&str; 13] = [
    "max_output_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "truncation",
    "user",
    "metadata",
    "safety_identifier",
    "prompt_cache_retention",
    "prompt_cache_options",
    "context_management",
    "stream_options",
    "previous_response_id",
];

/// Rejected at any depth of the input (protocol §8.2).
const UNSUPPORTED_NESTED: &str = "prompt_cache_breakpoint";

pub(super) fn check(body: &Map<String, Value>, lite: bool) -> Result<(), DetailError> {
    if body.get("store") != Some(&Value::Bool(false)) {
        return Err(DetailError::bad_request("Store must be set to false"));
    }
    if body.get("stream") != Some(&Value::Bool(true)) {
        return Err(DetailError::bad_request("Stream must be set to true"));
    }
    if let Some(name) = UNSUPPORTED.iter().find(|name| body.contains_key(**name)) {
        return Err(unsupported(name));
    }
    // Third parties send `priority` only (protocol §8.2).
    if body.get("service_tier").is_some_and(|tier| !tier.is_null() && tier != "priority") {
        return Err(unsupported("service_tier"));
    }
    let Some(Value::Array(input)) = body.get("input") else {
        return Err(DetailError::bad_request("Input must be a list"));
    };
    if input.iter().any(|item| item["role"] == "system") {
        return Err(DetailError::bad_request("System messages are not allowed"));
    }
    if input.iter().any(contains_unsupported) {
        return Err(unsupported(UNSUPPORTED_NESTED));
    }
    check_instructions(body.get("instructions"), input, lite)
}

/// Checks the instructions: a non-empty string, or none with a developer message (protocol correction 12). The Lite form
/// also sends an empty string (protocol §8.2).
fn check_instructions(instructions: Option<&Value>, input: &[Value], lite: bool) -> Result<(), DetailError> {
    let developer = input.iter().any(|item| item["role"] == "developer");
    let accepted = match instructions {
        None => developer,
        Some(Value::String(text)) => !text.is_empty() || (lite && developer),
        Some(_) => false,
    };
    if accepted { Ok(()) } else { Err(DetailError::bad_request("Instructions are required")) }
}

fn contains_unsupported(value: &Value) -> bool {
    match value {
        Value::Object(fields) => {
            fields.contains_key(UNSUPPORTED_NESTED) || fields.values().any(contains_unsupported)
        }
        Value::Array(items) => items.iter().any(contains_unsupported),
        _ => false,
    }
}

fn unsupported(name: &str) -> DetailError {
    DetailError::bad_request(format!("Unsupported parameter: {name}"))
}
