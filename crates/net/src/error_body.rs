//! Parses the bodies of error responses.
//!
//! Servers use four forms (protocol §10): `{"error":{…}}`, `{"error":"…","error_description":"…"}`,
//! `{"detail":"…"|{…}}` and plain text; other services have forms of their own, whose words are shown all the same.
//! Sign-in and backend calls meet all of them, so only this module distinguishes them. The caller decides what a code
//! means.

use serde_json::{Map, Value};
use usher_domain::{UnixTime, page_text, redact};

/// The names of a message, the most common one first.
const MESSAGES: [&str; 10] = [
    "message",
    "msg",
    "error_message",
    "error_msg",
    "errorMessage",
    "errorMsg",
    "status_msg",
    "detail",
    "reason",
    "title",
];

/// The fields of an error body that decide something, and its message.
///
/// Codes and types are in lower case (protocol §3.3); the message is redacted, so all of it may be logged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorBody {
    /// `error.code`, else a string `error`, else a top-level `code` (protocol §3.3), or `error_code` in its place (siwc §11).
    pub code: Option<String>,
    /// `error.type`: has `usage_limit_reached` in HTTP responses (protocol §10.1).
    pub kind: Option<String>,
    /// The provider's message, redacted.
    pub message: Option<String>,
    /// `param`: the request field that is rejected.
    pub param: Option<String>,
    /// The plan that a limit belongs to.
    pub plan_type: Option<String>,
    /// When a limit is lifted.
    pub resets_at: Option<UnixTime>,
    /// The same as time left.
    pub resets_in_seconds: Option<i64>,
    /// The seconds until a retry makes sense (siwc §11).
    pub retry_after: Option<i64>,
}

impl ErrorBody {
    /// Parses the body of an error response; what cannot be read is left empty.
    pub fn parse(body: &[u8]) -> Self {
        match serde_json::from_slice::<Value>(body) {
            Ok(value) => Self::from_value(&value),
            Err(_) => Self { message: plain_text(&String::from_utf8_lossy(body)), ..Self::default() },
        }
    }

    /// Reads an error that is parsed already, for example an event of a stream. Without words that are known, all of it is
    /// the message.
    pub fn from_value(value: &Value) -> Self {
        let error = Self::find(value);
        let is_empty = error == Self::default() && value.as_object().is_none_or(Map::is_empty);
        if error.message.is_some() || error.code.is_some() || error.kind.is_some() || is_empty {
            return error;
        }
        Self { message: sentence(value), ..error }
    }

    fn find(value: &Value) -> Self {
        let object = match value {
            Value::Object(object) => object,
            // A list of errors: the first.
            Value::Array(values) if values.first().is_some_and(Value::is_object) => {
                return Self::find(&values[0]);
            }
            value => return Self { message: sentence(value), ..Self::default() },
        };
        let outer = Self::from_object(object);
        let inner = match (object.get("error"), object.get("detail")) {
            (Some(error @ (Value::Object(_) | Value::Array(_))), _) => Self::find(error),
            (Some(Value::String(_)), _) => Self {
                code: word(object, "error").map(|code| code.to_ascii_lowercase()),
                message: object.get("error_description").and_then(sentence),
                ..Self::default()
            },
            // All that it says is in there; without a message the outer one would be its JSON.
            (_, Some(Value::Object(detail))) if code(detail).is_some() => return Self::from_object(detail),
            (_, Some(Value::Object(detail))) => Self::from_object(detail),
            (_, Some(detail)) => Self { message: sentence(detail), ..Self::default() },
            _ => match object.get("errors").or_else(|| object.get("base_resp")) {
                Some(error @ (Value::Object(_) | Value::Array(_))) => {
                    let error = Self::find(error);
                    Self { message: error.message.or_else(|| sentence(value)), ..error }
                }
                _ => return outer,
            },
        };
        inner.or(outer)
    }

    /// Returns this error, with the fields that it lacks from `other`: a header of the same response may have more.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            code: self.code.or(other.code),
            kind: self.kind.or(other.kind),
            message: self.message.or(other.message),
            param: self.param.or(other.param),
            plan_type: self.plan_type.or(other.plan_type),
            resets_at: self.resets_at.or(other.resets_at),
            resets_in_seconds: self.resets_in_seconds.or(other.resets_in_seconds),
            retry_after: self.retry_after.or(other.retry_after),
        }
    }

    /// Returns whether the code or the type is `name`.
    ///
    /// Over HTTP a limit is the type, in a stream the code (protocol §10.1).
    pub fn has_code(&self, name: &str) -> bool {
        self.code.as_deref() == Some(name) || self.kind.as_deref() == Some(name)
    }

    fn from_object(object: &Map<String, Value>) -> Self {
        Self {
            code: code(object),
            kind: word(object, "type").map(|kind| kind.to_ascii_lowercase()),
            message: MESSAGES.iter().find_map(|name| object.get(*name).and_then(sentence)),
            param: word(object, "param"),
            plan_type: word(object, "plan_type"),
            resets_at: seconds(object, "resets_at").map(UnixTime),
            resets_in_seconds: seconds(object, "resets_in_seconds"),
            retry_after: seconds(object, "retry_after"),
        }
    }
}

/// Returns the code. A number is not one: some services repeat the status there, `LiteLLM` as text.
fn code(object: &Map<String, Value>) -> Option<String> {
    let code =
        word(object, "code").or_else(|| word(object, "error_code")).map(|code| code.to_ascii_lowercase());
    code.filter(|code| !code.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns a field that decides something. A value that is too long is dropped: these fields are shown and logged.
fn word(object: &Map<String, Value>, name: &str) -> Option<String> {
    let word = object.get(name)?.as_str()?.trim();
    (!word.is_empty() && word == redact(word)).then(|| word.to_owned())
}

fn seconds(object: &Map<String, Value>, name: &str) -> Option<i64> {
    let value = object.get(name)?;
    // A cast from a float saturates; such times are invalid anyway, and harmless.
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

fn sentence(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => plain_text(text),
        other => plain_text(&other.to_string()),
    }
}

/// Returns the text, also that of an HTML page.
fn plain_text(text: &str) -> Option<String> {
    let text = text.trim();
    let text = if text.starts_with('<') { page_text(text) } else { redact(text) };
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(body: &str) -> (Option<String>, Option<String>, Option<String>) {
        let envelope = ErrorBody::parse(body.as_bytes());
        (envelope.code, envelope.kind, envelope.message)
    }

    fn some(code: &str, kind: &str, message: &str) -> (Option<String>, Option<String>, Option<String>) {
        let part = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (part(code), part(kind), part(message))
    }

    #[test]
    fn error_body_in_each_form_is_parsed() {
        let rows = [
            (r#"{"error":{"code":"Token_Expired","message":"No."}}"#, some("token_expired", "", "No.")),
            (
                r#"{"error":{"type":"usage_limit_reached","code":null,"message":"Gone"}}"#,
                some("", "usage_limit_reached", "Gone"),
            ),
            (r#"{"error":"invalid_grant","error_description":"Old."}"#, some("invalid_grant", "", "Old.")),
            (r#"{"error":"Invalid_Grant"}"#, some("invalid_grant", "", "")),
            (r#"{"detail":"Unauthorized"}"#, some("", "", "Unauthorized")),
            (r#"{"detail":{"code":"token_expired","message":"Old."}}"#, some("token_expired", "", "Old.")),
            (r#"{"detail":{"error_code":"invalid_token"}}"#, some("invalid_token", "", "")),
            (r#"{"detail":[{"msg":"field required"}]}"#, some("", "", r#"[{"msg":"field required"}]"#)),
            (r#"{"code":"token_revoked","message":"Bye."}"#, some("token_revoked", "", "Bye.")),
            (r#"{"error":{"message":"Bye."},"code":"outer"}"#, some("outer", "", "Bye.")),
            (r#"{"error":{"code":"400","type":"bad","message":"No."}}"#, some("", "bad", "No.")),
            (r#"{"error":{"code":400,"type":"bad","message":"No."}}"#, some("", "bad", "No.")),
            ("upstream connect error", some("", "", "upstream connect error")),
            ("<html>no</html>", some("", "", "no")),
            ("<html><script></script></html>", some("", "", "")),
            (r#"[{"error":{"code":"busy","message":"No."}}]"#, some("busy", "", "No.")),
            (r#"{"error":{"error":{"message":"No."}}}"#, some("", "", "No.")),
            (r#"{"errors":[{"message":"No."}]}"#, some("", "", "No.")),
            (r#"{"errors":{"model":["No."]}}"#, some("", "", r#"{"errors":{"model":["No."]}}"#)),
            (r#"{"base_resp":{"status_code":1004,"status_msg":"No."}}"#, some("", "", "No.")),
            (r#"{"code":1001,"msg":"No.","success":false}"#, some("", "", "No.")),
            (r#"{"error_code":17,"error_msg":"No."}"#, some("", "", "No.")),
            (r#"{"success":false}"#, some("", "", r#"{"success":false}"#)),
            ("{}", some("", "", "")),
            ("", some("", "", "")),
            ("null", some("", "", "")),
        ];
        for (body, expected) in rows {
            assert_eq!(parsed(body), expected, "{body}");
        }
    }

    #[test]
    fn error_body_limit_fields_are_parsed() {
        let body = r#"{"error":{"type":"usage_limit_reached","plan_type":"plus","resets_at":1795300000,
            "resets_in_seconds":3600.5,"retry_after":60,"param":"model"}}"#;
        let envelope = ErrorBody::parse(body.as_bytes());
        assert_eq!(envelope.plan_type.as_deref(), Some("plus"));
        assert_eq!(envelope.resets_at, Some(UnixTime(1_795_300_000)));
        assert_eq!((envelope.resets_in_seconds, envelope.retry_after), (Some(3600), Some(60)));
        assert_eq!(envelope.param.as_deref(), Some("model"));
        assert!(envelope.has_code("usage_limit_reached") && !envelope.has_code("plus"));
    }

    #[test]
    fn error_body_token_in_any_field_is_redacted() {
        let token = "eyJhbGciOiJub25lIn0.eyJleHAiOjF9.c2lnbmF0dXJl";
        let bodies = [
            format!(r#"{{"error":{{"code":"{token}","message":"bad {token}"}}}}"#),
            format!(r#"{{"error":"{token}","error_description":"{token}"}}"#),
            format!(r#"{{"detail":"{token}"}}"#),
            token.to_owned(),
        ];
        for body in bodies {
            let envelope = ErrorBody::parse(body.as_bytes());
            assert!(!format!("{envelope:?}").to_lowercase().contains("eyjhbgci"), "{envelope:?}");
        }
    }
}
