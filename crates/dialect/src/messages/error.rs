//! Errors in the format of the Messages API (`platform.claude.com/docs/en/api/errors`; types of `@anthropic-ai/sdk`
//! 1.11.0, `ErrorResponse`).

use serde::Serialize;

use crate::error::ApiError;

/// The error types by status. Any other 4xx is the caller's fault, any other 5xx is not.
const TYPES: &[(u16, &str)] = &[
    (400, "invalid_request_error"),
    (401, "authentication_error"),
    (402, "billing_error"),
    (403, "permission_error"),
    (404, "not_found_error"),
    (408, "timeout_error"),
    (413, "request_too_large"),
    (429, "rate_limit_error"),
    (500, "api_error"),
    (503, OVERLOADED),
    (504, "timeout_error"),
    (529, OVERLOADED),
];

/// The type on which Claude Code waits and retries.
const OVERLOADED: &str = "overloaded_error";

/// Codes of an overloaded backend, whatever its status (protocol §10).
const OVERLOADED_CODES: &[&str] = &["server_is_overloaded", "slow_down"];

/// The code of a prompt that exceeds the context window (protocol §10).
const CONTEXT_LENGTH_EXCEEDED: &str = "context_length_exceeded";

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    error: Error<'a>,
    request_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Error<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    message: &'a str,
}

/// Returns the body of an error response, which is also the data of an `error` event.
pub fn translate_error(api_error: &ApiError, request_id: Option<&str>) -> Vec<u8> {
    let kind = if OVERLOADED_CODES.contains(&api_error.code.as_str()) {
        OVERLOADED
    } else {
        error_type(api_error.status)
    };
    // The API's own message begins so; clients recognize by it that they should shorten the conversation.
    let too_long = api_error.code == CONTEXT_LENGTH_EXCEEDED;
    let message = if too_long {
        format!("prompt is too long: {}", api_error.message)
    } else {
        api_error.message.clone()
    };
    let body = Body { kind: "error", error: Error { kind, message: &message }, request_id };
    serde_json::to_vec(&body).expect("text only")
}

fn error_type(status: u16) -> &'static str {
    let exact = TYPES.iter().find(|(known, _)| *known == status).map(|(_, kind)| *kind);
    exact.unwrap_or(if status < 500 { "invalid_request_error" } else { "api_error" })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn api_error(status: u16, code: &str) -> ApiError {
        ApiError { status, code: code.into(), message: "Why.".into(), param: None, original: None }
    }

    fn error_body(status: u16, code: &str) -> Value {
        serde_json::from_slice(&translate_error(&api_error(status, code), Some("req_1"))).unwrap()
    }

    #[test]
    fn error_type_follows_status() {
        let rows = [
            (400, "invalid_request_error"),
            (401, "authentication_error"),
            (402, "billing_error"),
            (403, "permission_error"),
            (404, "not_found_error"),
            (413, "request_too_large"),
            (422, "invalid_request_error"),
            (429, "rate_limit_error"),
            (500, "api_error"),
            (502, "api_error"),
            (504, "timeout_error"),
            (529, "overloaded_error"),
        ];
        for (status, kind) in rows {
            let expected = json!({
                "type": "error", "error": { "type": kind, "message": "Why." }, "request_id": "req_1",
            });
            assert_eq!(error_body(status, ""), expected, "{status}");
        }
        assert_eq!(error_body(400, "server_is_overloaded")["error"]["type"], "overloaded_error");
    }

    #[test]
    fn context_length_exceeded_gets_message_of_the_api() {
        assert_eq!(
            error_body(400, "context_length_exceeded")["error"]["message"],
            "prompt is too long: Why."
        );
    }
}
