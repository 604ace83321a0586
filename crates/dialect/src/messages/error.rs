//! Errors as the API says them (`platform.claude.com/docs/en/api/errors`; types of `@anthropic-ai/sdk` 1.11.0,
//! `ErrorResponse`).

use serde::Serialize;

use crate::error::ApiError;

/// Types by status. Between two rows stand those of the kind above: other 4xx are the caller's, other 5xx are not.
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

/// Claude Code waits and tries again on it (`clients.md`, "529 twice").
const OVERLOADED: &str = "overloaded_error";

/// Codes of a backend that has no room, whatever its status (protocol §10).
const NO_ROOM: &[&str] = &["server_is_overloaded", "slow_down"];

/// The code of a prompt that is longer than the model can read (protocol §10).
const TOO_LONG: &str = "context_length_exceeded";

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

/// The body of an error, and the data of an `error` event.
pub fn translate_error(api_error: &ApiError, request_id: Option<&str>) -> Vec<u8> {
    let kind =
        if NO_ROOM.contains(&api_error.code.as_str()) { OVERLOADED } else { of_status(api_error.status) };
    // How the API itself begins this message, and how clients know that they should shorten the conversation.
    let too_long = api_error.code == TOO_LONG;
    let message = if too_long {
        format!("prompt is too long: {}", api_error.message)
    } else {
        api_error.message.clone()
    };
    let body = Body { kind: "error", error: Error { kind, message: &message }, request_id };
    serde_json::to_vec(&body).expect("text only")
}

fn of_status(status: u16) -> &'static str {
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

    fn said(status: u16, code: &str) -> Value {
        serde_json::from_slice(&translate_error(&api_error(status, code), Some("req_1"))).unwrap()
    }

    #[test]
    fn each_status_has_its_type() {
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
            assert_eq!(said(status, ""), expected, "{status}");
        }
        assert_eq!(said(400, "server_is_overloaded")["error"]["type"], "overloaded_error");
    }

    #[test]
    fn a_prompt_that_is_too_long_is_said_to_be() {
        assert_eq!(said(400, "context_length_exceeded")["error"]["message"], "prompt is too long: Why.");
    }
}
