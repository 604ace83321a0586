//! Errors in `OpenAI`'s format, for the Responses API and Chat Completions alike.

use serde_json::{Map, Value, json};

use crate::error::ApiError;

/// Returns the body of an error response: `{"error":{"message":…,"type":…,"code":…,"param":…}}`.
///
/// The provider's own object is kept if there is one: Codex distinguishes a used-up plan from a temporary limit by
/// `type: usage_limit_reached`, and shows `resets_at` and `plan_type` (protocol §10).
pub fn translate_error(api_error: &ApiError) -> Vec<u8> {
    serde_json::to_vec(&json!({ "error": error_object(api_error) })).expect("it is JSON already")
}

/// Writes `response.failed` for a forwarded stream that broke off. `head` has what the upstream sent of the response
/// before, such as its id.
///
/// Some clients take an event without `sequence_number` for the end of a complete response, and others reject one
/// with another id than the events before it.
pub fn write_failed_event(
    api_error: &ApiError,
    head: &Map<String, Value>,
    sequence_number: u64,
    out: &mut Vec<u8>,
) {
    let mut response = head.clone();
    response.insert("object".into(), "response".into());
    response.insert("status".into(), "failed".into());
    response.insert("error".into(), error_object(api_error).into());
    response.insert("output".into(), json!([]));
    let event = json!({
        "type": "response.failed", "sequence_number": sequence_number, "response": response,
    });
    out.extend_from_slice(b"event: response.failed\ndata: ");
    serde_json::to_writer(&mut *out, &event).expect("it is JSON already, and memory takes it");
    out.extend_from_slice(b"\n\n");
}

/// Returns the `error` object.
///
/// Fields that the provider's object lacks are filled in, because SDKs read `message`, and clients `type` and
/// `code`.
pub(crate) fn error_object(api_error: &ApiError) -> Map<String, Value> {
    let mut error = match &api_error.original {
        Some(Value::Object(original)) => original.clone(),
        _ => Map::new(),
    };
    for (name, value) in [("message", json!(api_error.message)), ("type", json!(kind(api_error.status)))] {
        if !error.get(name).is_some_and(Value::is_string) {
            error.insert(name.to_owned(), value);
        }
    }
    // `null` means that the provider has no code.
    error.entry("code").or_insert_with(|| json!(api_error.code));
    error.entry("param").or_insert_with(|| json!(api_error.param));
    error
}

/// Returns the `type` for a status. SDKs use the status; people read this in logs.
fn kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        403 => "permission_error",
        429 => "rate_limit_error",
        400..=499 => "invalid_request_error",
        _ => "server_error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_body(api_error: &ApiError) -> Value {
        serde_json::from_slice(&translate_error(api_error)).unwrap()
    }

    #[test]
    fn provider_error_object_is_kept_and_completed() {
        let original = json!({
            "type": "usage_limit_reached", "plan_type": "plus", "resets_at": 1_700_000_000, "code": null,
        });
        let api_error = ApiError {
            status: 429,
            code: "usage_limit_reached".into(),
            message: "The plan is used up.".into(),
            param: None,
            original: Some(original),
        };
        let expected = json!({ "error": {
            "type": "usage_limit_reached", "plan_type": "plus", "resets_at": 1_700_000_000, "code": null,
            "message": "The plan is used up.", "param": null,
        } });
        assert_eq!(error_body(&api_error), expected);
    }

    #[test]
    fn error_without_provider_object_gets_type_from_status() {
        for (status, kind) in [
            (400, "invalid_request_error"),
            (401, "authentication_error"),
            (403, "permission_error"),
            (413, "invalid_request_error"),
            (429, "rate_limit_error"),
            (502, "server_error"),
        ] {
            let api_error = ApiError {
                status,
                code: "why".into(),
                message: "Why.".into(),
                param: Some("n".into()),
                original: Some(json!("not an object")),
            };
            let expected =
                json!({ "error": { "message": "Why.", "type": kind, "code": "why", "param": "n" } });
            assert_eq!(error_body(&api_error), expected);
        }
    }
}
