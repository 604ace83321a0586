//! The error in a body that is no response, in whatever form.

use serde_json::{Value, json};

/// Returns the error object of `body`: its `error`, or else all of it, so that its words are shown.
pub(crate) fn error_of_body(body: &[u8]) -> Value {
    let Ok(mut body) = serde_json::from_slice::<Value>(body) else { return Value::Null };
    match body.get_mut("error").map(Value::take) {
        Some(error @ Value::Object(_)) => error,
        None | Some(Value::Null) if body.is_object() => body,
        None | Some(Value::Null) => json!({ "message": body }),
        Some(words) => json!({ "message": words }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_in_every_form_keeps_its_words() {
        for (body, error) in [
            (
                r#"{"error":{"message":"model is loading","code":502}}"#,
                json!({ "message": "model is loading", "code": 502 }),
            ),
            (r#"{"error":"no such model"}"#, json!({ "message": "no such model" })),
            (r#"{"detail":"no such model"}"#, json!({ "detail": "no such model" })),
            (r#"["no"]"#, json!({ "message": ["no"] })),
            ("half", Value::Null),
        ] {
            assert_eq!(error_of_body(body.as_bytes()), error, "{body}");
        }
    }
}
