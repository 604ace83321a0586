//! The error in a body or in an event that is no part of a response, in whatever form.

use serde_json::{Map, Value, json};

use crate::json_body::is_stream;

/// The fields by which services report an error outside of the protocol, besides `error`.
const WORDS: [&str; 8] =
    ["message", "msg", "detail", "errors", "error_msg", "error_message", "errorMessage", "status_msg"];

/// The fields of an answer, in the Responses API and in Chat Completions.
const ANSWERS: [&str; 2] = ["output", "choices"];

/// The longest text that is kept.
const MAX_TEXT_BYTES: usize = 4 * 1024;

/// Returns the error object of `body`: its `error`, or else all of it, so that its words are shown. A body that is no JSON
/// is a string; JSON that broke off is null.
pub(crate) fn error_of_body(body: &[u8]) -> Value {
    serde_json::from_slice(body).map_or_else(|_| text_of(body), error_of_value)
}

/// Returns the error in a complete body that has one and no part of an answer.
pub fn error_instead_of_answer(body: &[u8]) -> Option<Value> {
    if is_stream(body.trim_ascii_start()) {
        return None;
    }
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return Some(text_of(body)).filter(|text| !text.is_null());
    };
    let fields = value.as_array().and_then(|values| values.first()).unwrap_or(&value).as_object();
    let has_answer = |fields: &Map<String, Value>| ANSWERS.iter().any(|name| fields.contains_key(*name));
    fields.is_some_and(|fields| !has_answer(fields) && has_words(fields)).then(|| error_of_value(value))
}

/// Returns whether the beginning of a body has a part of an answer.
pub fn begins_answer(begin: &[u8]) -> bool {
    ANSWERS.iter().any(|name| {
        let mut found = memchr::memmem::find_iter(begin, name);
        // In quotes, so not as a part of another word.
        found.any(|at| at > 0 && begin[at - 1] == b'"' && begin.get(at + name.len()) == Some(&b'"'))
    })
}

fn error_of_value(mut value: Value) -> Value {
    // Gemini's service sends a list of one.
    if let Value::Array(values) = &mut value
        && let Some(first @ Value::Object(_)) = values.first_mut()
    {
        return error_of_value(first.take());
    }
    match value.get_mut("error").map(Value::take) {
        Some(error @ Value::Object(_)) => error,
        None | Some(Value::Null) if value.is_object() => value,
        None | Some(Value::Null) => json!({ "message": value }),
        Some(words) => json!({ "message": words }),
    }
}

fn text_of(body: &[u8]) -> Value {
    let text = String::from_utf8_lossy(&body[..body.len().min(MAX_TEXT_BYTES)]);
    match text.trim() {
        "" => Value::Null,
        broken if broken.starts_with(['{', '[']) => Value::Null,
        words => Value::String(words.to_owned()),
    }
}

/// Remembers the error that a service sends in a stream outside of the protocol.
///
/// It may as well be news of no consequence, so it counts only if the response does not come.
#[derive(Debug, Default)]
pub struct StrayError(Option<Value>);

impl StrayError {
    /// Takes the data of an event that the protocol does not have. Returns whether it has words for people.
    pub fn take(&mut self, data: &[u8]) -> bool {
        let data = data.trim_ascii();
        let error = match data.first() {
            None => return false,
            Some(b'{') => match serde_json::from_slice(data) {
                Ok(Value::Object(fields)) if has_words(&fields) => error_of_value(Value::Object(fields)),
                _ => return false,
            },
            Some(_) => text_of(data),
        };
        if !error.is_null() {
            self.0 = Some(error);
        }
        self.0.is_some()
    }

    /// Returns the last error.
    pub fn take_error(&mut self) -> Option<Value> {
        self.0.take()
    }
}

/// Returns whether an object says that something went wrong.
fn has_words(fields: &Map<String, Value>) -> bool {
    let says = |value: &Value| match value {
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => false,
    };
    let failed = |status: &Value| status["status_code"].as_i64().is_some_and(|code| code != 0);
    fields.get("error").is_some_and(says)
        || WORDS.iter().any(|name| fields.get(*name).is_some_and(says))
        || fields.get("base_resp").is_some_and(failed)
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
            (r#"[{"error":{"message":"no such model"}}]"#, json!({ "message": "no such model" })),
            (r#"{"error":"no such model"}"#, json!({ "message": "no such model" })),
            (r#"{"detail":"no such model"}"#, json!({ "detail": "no such model" })),
            (r#"["no"]"#, json!({ "message": ["no"] })),
            (" no such model\n", json!("no such model")),
            ("<h1>no such model</h1>", json!("<h1>no such model</h1>")),
            ("{half", Value::Null),
            (" ", Value::Null),
        ] {
            assert_eq!(error_of_body(body.as_bytes()), error, "{body}");
        }
    }

    #[test]
    fn error_in_place_of_an_answer_is_found() {
        for body in [
            r#"{"error":{"message":"no such model"}}"#,
            r#"{"error":"no such model"}"#,
            r#"[{"error":{"message":"no such model"}}]"#,
            r#"{"detail":"no such model"}"#,
            "no such model",
        ] {
            let error = error_instead_of_answer(body.as_bytes());
            assert!(error.is_some_and(|error| error.to_string().contains("no such model")), "{body}");
        }
        for body in [
            "",
            "{half",
            "data: {}\n\n",
            r#"{"error":null,"status":"ok"}"#,
            r#"{"error":{"message":"x"},"output":[],"status":"failed"}"#,
            r#"{"choices":[],"message":"x"}"#,
        ] {
            assert_eq!(error_instead_of_answer(body.as_bytes()), None, "{body}");
        }
        assert!(begins_answer(br#"{"id":"c","choices":[{"#) && !begins_answer(br#"{"error":"choices"#));
    }

    #[test]
    fn stray_error_is_distinguished_from_news() {
        for data in [
            r#"{"error":"no such model"}"#,
            r#"{"errors":[{"message":"no such model"}]}"#,
            r#"{"base_resp":{"status_code":1004,"status_msg":"no such model"}}"#,
            r#"{"object":"error","message":"no such model","code":404}"#,
            "no such model",
        ] {
            let mut stray = StrayError::default();
            assert!(stray.take(data.as_bytes()), "{data}");
            assert!(stray.take_error().unwrap().to_string().contains("no such model"), "{data}");
        }
        for data in [
            "",
            " ",
            r#"{"type":"ping"}"#,
            r#"{"error":null}"#,
            r#"{"base_resp":{"status_code":0,"status_msg":""}}"#,
            "{half",
        ] {
            let mut stray = StrayError::default();
            assert!(!stray.take(data.as_bytes()), "{data}");
            assert_eq!(stray.take_error(), None, "{data}");
        }
    }
}
