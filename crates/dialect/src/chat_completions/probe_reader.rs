//! Reads a chat completion in a connection test: its text, and how it ended.

use serde::Deserialize;
use serde_json::Value;

use super::finish_reason::FinishReason;
use crate::error_in_body::{StrayError, error_of_body};
use crate::probe::{ProbeResponse, ResponseStatus, StreamParseError};
use crate::responses::events::event::InvalidEvent;
use crate::sse::{SseEvent, SseParser};

/// Reads one completion from the bytes of its stream.
#[derive(Debug, Default)]
pub struct ChatProbeReader {
    parser: SseParser,
    text: String,
    finished: bool,
    status: Option<ResponseStatus>,
    stray: StrayError,
}

/// One chunk of a stream, or a complete body.
#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Option<Vec<Choice>>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Option<Delta>,
    /// Instead of `delta`, in a complete body.
    #[serde(default)]
    message: Option<Delta>,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Delta {
    #[serde(default)]
    content: Option<String>,
}

impl ChatProbeReader {
    /// Reads a chunk. Returns whether the end arrived; what follows it is ignored.
    pub fn push(&mut self, mut chunk: &[u8]) -> Result<bool, StreamParseError> {
        while self.status.is_none() {
            let Some(sse) = self.parser.next_event(&mut chunk)? else { return Ok(false) };
            if sse.is_done() {
                // Some services send it after an interruption as well, so only a finished response counts as complete.
                self.status =
                    Some(if self.finished { ResponseStatus::Completed } else { ResponseStatus::Interrupted });
            } else if let Some(chunk) = Self::take_event(&mut self.stray, sse)? {
                self.take(chunk);
            }
        }
        Ok(true)
    }

    /// Returns the response. A service that closes after the finish reason, without `[DONE]` or without the blank line of
    /// the last event, has finished.
    pub fn finish(mut self) -> ProbeResponse {
        if self.status.is_none()
            && let Some(sse) = self.parser.last_event().filter(|sse| !sse.is_done())
        {
            // An event that was cut off is no JSON.
            let chunk = Self::take_event(&mut self.stray, sse).ok().flatten();
            if let Some(chunk) = chunk {
                self.take(chunk);
            }
        }
        let missing = if self.finished { ResponseStatus::Completed } else { ResponseStatus::Interrupted };
        let status = match (self.status.unwrap_or(missing), self.stray.take_error()) {
            (ResponseStatus::Interrupted, Some(error)) => ResponseStatus::Failed { error },
            (status, _) => status,
        };
        ProbeResponse { text: self.text, status }
    }

    /// Reads a complete body, from a service that does not stream.
    pub fn read_body(body: &[u8]) -> Result<ProbeResponse, StreamParseError> {
        let mut reader = Self::default();
        let chunk: Chunk = match serde_json::from_slice(body) {
            Ok(chunk) => chunk,
            Err(invalid) => match error_of_body(body) {
                Value::Null => return Err(InvalidEvent::from(invalid).into()),
                error => Chunk { choices: None, error: Some(error) },
            },
        };
        // The body is complete, whether or not it has a finish reason.
        reader.finished = chunk.choices.iter().flatten().any(|choice| choice.message.is_some());
        reader.take(chunk);
        Ok(reader.finish())
    }

    /// Returns the chunk in an event; `None` if it says nothing of the response.
    fn take_event(stray: &mut StrayError, sse: SseEvent<'_>) -> Result<Option<Chunk>, StreamParseError> {
        if sse.is_blank() {
            return Ok(None);
        }
        if sse.name == b"error" {
            return Ok(Some(Chunk { choices: None, error: Some(error_of_body(sse.data)) }));
        }
        // Words between the chunks.
        if !sse.data.trim_ascii_start().starts_with(b"{") {
            stray.take(sse.data);
            return Ok(None);
        }
        let chunk: Chunk = serde_json::from_slice(sse.data).map_err(InvalidEvent::from)?;
        if chunk.choices.is_none() {
            stray.take(sse.data);
        }
        Ok(Some(chunk))
    }

    fn take(&mut self, chunk: Chunk) {
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            self.status = Some(ResponseStatus::Failed { error });
            return;
        }
        // The last chunk of a stream may carry usage and no choice.
        let Some(choice) = chunk.choices.into_iter().flatten().next() else { return };
        if let Some(content) = choice.delta.or(choice.message).and_then(|delta| delta.content) {
            self.text.push_str(&content);
        }
        let Some(word) = choice.finish_reason.filter(|word| !word.is_empty()) else { return };
        match FinishReason::read(&word) {
            FinishReason::Complete => self.finished = true,
            FinishReason::Incomplete(_) | FinishReason::Failed => {
                self.status = Some(ResponseStatus::Incomplete { reason: Some(word) });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(stream: &str) -> ProbeResponse {
        let mut reader = ChatProbeReader::default();
        // Byte by byte: the result is the same however the stream is split.
        for byte in stream.as_bytes().chunks(1) {
            if reader.push(byte).unwrap() {
                break;
            }
        }
        reader.finish()
    }

    fn response(text: &str, status: ResponseStatus) -> ProbeResponse {
        ProbeResponse { text: text.into(), status }
    }

    #[test]
    fn stream_end_gives_status() {
        let word = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"ready\"},\"finish_reason\":null}]}\n\n";
        let stop = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
        let usage = "data: {\"choices\":[],\"usage\":{\"total_tokens\":7}}\n\n";
        let done = "data: [DONE]\n\n";
        let length = "data: {\"choices\":[{\"delta\":{\"content\":null},\"finish_reason\":\"length\"}]}\n\n";
        let error = "data: {\"error\":{\"message\":\"no\",\"code\":\"busy\"}}\n\n";
        let failed = ResponseStatus::Failed { error: json!({ "message": "no", "code": "busy" }) };
        let rows = [
            (format!("{word}{stop}{usage}{done}"), response("ready", ResponseStatus::Completed)),
            (format!("{word}{stop}"), response("ready", ResponseStatus::Completed)),
            (format!("{word}{done}"), response("ready", ResponseStatus::Interrupted)),
            (word.to_owned(), response("ready", ResponseStatus::Interrupted)),
            (
                format!("{word}{length}"),
                response("ready", ResponseStatus::Incomplete { reason: Some("length".into()) }),
            ),
            (format!("{word}{error}{done}"), response("ready", failed)),
        ];
        for (stream, expected) in rows {
            assert_eq!(read(&stream), expected, "{stream}");
        }
    }

    #[test]
    fn complete_body_gives_text_and_status() {
        let rows = [
            (
                r#"{"choices":[{"message":{"content":"ready"},"finish_reason":"stop"}]}"#,
                response("ready", ResponseStatus::Completed),
            ),
            (
                r#"{"choices":[{"message":{"content":"ready"}}]}"#,
                response("ready", ResponseStatus::Completed),
            ),
            (
                r#"{"choices":[{"message":{"content":"re"},"finish_reason":"length"}]}"#,
                response("re", ResponseStatus::Incomplete { reason: Some("length".into()) }),
            ),
            (
                r#"{"error":{"code":"busy"}}"#,
                response("", ResponseStatus::Failed { error: json!({ "code": "busy" }) }),
            ),
            (r#"{"object":"something else"}"#, response("", ResponseStatus::Interrupted)),
        ];
        for (body, expected) in rows {
            assert_eq!(ChatProbeReader::read_body(body.as_bytes()).unwrap(), expected, "{body}");
        }
        assert!(ChatProbeReader::read_body(b"{\"half").is_err());
    }

    #[test]
    fn push_of_invalid_json_fails() {
        assert!(ChatProbeReader::default().push(b"data: {half\n\n").is_err());
    }

    #[test]
    fn last_event_without_blank_line_counts() {
        let word = "data: {\"choices\":[{\"delta\":{\"content\":\"ready\"}}]}\n\n";
        let stop = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}";
        for end in ["", "\n", "\r\n"] {
            let read = read(&format!("{word}{stop}{end}"));
            assert_eq!(read, response("ready", ResponseStatus::Completed), "{end:?}");
        }
        let half = read(&format!("{word}{}", &stop[..stop.len() - 2]));
        assert_eq!(half, response("ready", ResponseStatus::Interrupted));
    }

    #[test]
    fn error_outside_of_the_protocol_counts_if_the_response_does_not_come() {
        for (stream, error) in [
            ("data: no such model\n\n", json!("no such model")),
            ("event: error\ndata: no such model\n\n", json!("no such model")),
            ("data: {\"message\":\"no such model\"}\n\n", json!({ "message": "no such model" })),
        ] {
            assert_eq!(read(stream), response("", ResponseStatus::Failed { error }), "{stream}");
        }
    }
}
