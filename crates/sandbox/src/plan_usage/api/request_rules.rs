//! What a request body may have (siwc §10.2).

use axum::response::Response;
use serde_json::{Map, Value};

use super::tool_rules;
use crate::backend::catalog::Catalog;
use crate::plan_usage::error::{rejected, unsupported_capability};

/// Accepted fields. `service_tier` has no effect.
const ACCEPTED: [&str; 15] = [
    "client_metadata",
    "context_management",
    "include",
    "input",
    "instructions",
    "model",
    "parallel_tool_calls",
    "prompt_cache_key",
    "reasoning",
    "service_tier",
    "store",
    "stream",
    "text",
    "tool_choice",
    "tools",
];

/// Rejected at any depth of the input.
const REJECTED_NESTED: &str = "prompt_cache_breakpoint";

/// Kinds of content that the plan does not have.
const UNSUPPORTED_CONTENT: [&str; 2] = ["input_audio", "input_video"];

#[expect(clippy::result_large_err, reason = "a response, once a request")]
pub(super) fn check(body: &Map<String, Value>, catalog: &Catalog, flat_tools: bool) -> Result<(), Response> {
    if body.get("store") != Some(&Value::Bool(false)) {
        return Err(rejected("Store must be set to false"));
    }
    if body.get("stream") != Some(&Value::Bool(true)) {
        return Err(rejected("Stream must be set to true"));
    }
    // Those that siwc §10.2 lists as rejected, and all that it does not name.
    if let Some(name) = body.keys().find(|name| !ACCEPTED.contains(&name.as_str())) {
        return Err(rejected(&format!("Unsupported parameter: {name}")));
    }
    let slug = body.get("model").and_then(Value::as_str).unwrap_or_default();
    if catalog.model(slug).is_none() {
        return Err(unsupported_capability("model", &format!("The model '{slug}' is not in the plan.")));
    }
    if body.get("service_tier").is_some_and(|tier| !tier.is_null() && tier != "priority") {
        return Err(unsupported_capability("service_tier", "The plan has no such tier."));
    }
    let Some(Value::Array(input)) = body.get("input") else {
        return Err(rejected("Input must be a list"));
    };
    check_input(input)?;
    tool_rules::check(body.get("tools"), input, flat_tools)
}

#[expect(clippy::result_large_err, reason = "a response, once a request")]
fn check_input(input: &[Value]) -> Result<(), Response> {
    if input.iter().any(|item| item["role"] == "system") {
        return Err(rejected("System messages are not allowed: input"));
    }
    if input.iter().any(|item| contains(item, &|fields| fields.contains_key(REJECTED_NESTED))) {
        return Err(rejected(&format!("Unsupported parameter: {REJECTED_NESTED}")));
    }
    if input.iter().any(|item| item["type"] == "compaction_trigger") {
        return Err(unsupported_capability("input", "Compaction is not supported."));
    }
    if input.iter().any(|item| contains(item, &is_unsupported_content)) {
        return Err(unsupported_capability("input", "Audio, video and stored files are not supported."));
    }
    Ok(())
}

/// Returns whether this is audio, video, or a reference to a stored file: there is no Files API.
fn is_unsupported_content(fields: &Map<String, Value>) -> bool {
    let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default();
    let is_file = matches!(kind, "input_file" | "input_image");
    UNSUPPORTED_CONTENT.contains(&kind) || (is_file && fields.get("file_id").is_some_and(|id| !id.is_null()))
}

/// Returns whether `value` or anything in it is an object that matches.
fn contains(value: &Value, matches: &dyn Fn(&Map<String, Value>) -> bool) -> bool {
    match value {
        Value::Object(fields) => matches(fields) || fields.values().any(|value| contains(value, matches)),
        Value::Array(items) => items.iter().any(|item| contains(item, matches)),
        _ => false,
    }
}
