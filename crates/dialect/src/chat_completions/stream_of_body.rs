//! A complete chat completion as the stream that its caller asked for.

use serde_json::{Value, json};

use crate::error_in_body::error_of_body;

/// Returns the stream that the complete completion `body` would have been, with every field that it has, or the error
/// in it if it is no completion. The error is null if the body is no JSON.
pub fn stream_of_body(body: &[u8]) -> Result<Vec<u8>, Value> {
    let Some(mut chunk) = serde_json::from_slice::<Value>(body).ok().filter(has_message) else {
        return Err(error_of_body(body));
    };
    chunk["object"] = json!("chat.completion.chunk");
    for choice in chunk["choices"].as_array_mut().into_iter().flatten() {
        let Some(choice) = choice.as_object_mut() else { continue };
        if let Some(mut message) = choice.remove("message") {
            let calls = message.get_mut("tool_calls").and_then(Value::as_array_mut);
            for (index, call) in calls.into_iter().flatten().enumerate() {
                if let Some(call) = call.as_object_mut() {
                    call.entry("index").or_insert_with(|| json!(index));
                }
            }
            choice.insert("delta".to_owned(), message);
        }
        // The body is complete, whether or not it has a finish reason.
        let reason = choice.entry("finish_reason").or_insert(Value::Null);
        if reason.is_null() || reason == "" {
            *reason = json!("stop");
        }
    }
    Ok(format!("data: {chunk}\n\ndata: [DONE]\n\n").into_bytes())
}

fn has_message(body: &Value) -> bool {
    let mut choices = body["choices"].as_array().into_iter().flatten();
    body["error"].is_null() && choices.any(|choice| choice["message"].is_object())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completion_becomes_a_chunk_with_every_field() {
        let call =
            json!({ "id": "c1", "function": { "name": "now", "arguments": "{}" }, "extra_content": 1 });
        let body = json!({ "id": "c", "object": "chat.completion", "usage": { "total_tokens": 3 }, "choices": [
            { "index": 0, "message": { "content": "Hi", "reasoning_content": "Hm.", "tool_calls": [call] } },
        ] });
        let stream = stream_of_body(body.to_string().as_bytes()).unwrap();
        let stream = String::from_utf8(stream).unwrap();
        let (chunk, end) = stream.split_once("\n\n").unwrap();
        let chunk: Value = serde_json::from_str(chunk.strip_prefix("data: ").unwrap()).unwrap();
        let choice = &chunk["choices"][0];
        assert_eq!((&chunk["object"], &chunk["usage"]), (&json!("chat.completion.chunk"), &body["usage"]));
        assert_eq!(
            (&choice["delta"]["reasoning_content"], &choice["finish_reason"]),
            (&json!("Hm."), &json!("stop"))
        );
        let call = &choice["delta"]["tool_calls"][0];
        assert_eq!((&call["index"], &call["extra_content"]), (&json!(0), &json!(1)));
        assert_eq!(end, "data: [DONE]\n\n");
    }

    #[test]
    fn body_without_a_message_is_an_error() {
        for (body, error) in [
            (r#"{"error":{"message":"model is loading"}}"#, json!({ "message": "model is loading" })),
            (r#"{"detail":"no"}"#, json!({ "detail": "no" })),
            ("{half", Value::Null),
        ] {
            assert_eq!(stream_of_body(body.as_bytes()), Err(error), "{body}");
        }
    }
}
