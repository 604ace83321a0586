//! A streamed chat completion put together: its text, and how it ended.

use serde::Deserialize;
use serde_json::Value;

use crate::probe::{ProbeResponse, ResponseStatus, StreamParseError};
use crate::responses::event::InvalidEvent;
use crate::sse::SseParser;

/// The last word of a stream.
const DONE: &[u8] = b"[DONE]";

/// Puts one answer together from the bytes of its stream.
#[derive(Debug, Default)]
pub struct ChatProbeReader {
    parser: SseParser,
    text: String,
    finished: bool,
    status: Option<ResponseStatus>,
}

/// One piece of a stream, or an answer in one piece.
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
    /// Instead of that, in an answer in one piece.
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
    /// Reads on. True once the end is in: what follows it, if anything, is not looked at.
    pub fn push(&mut self, mut piece: &[u8]) -> Result<bool, StreamParseError> {
        while self.status.is_none() {
            let Some(sse) = self.parser.next_event(&mut piece)? else { return Ok(false) };
            if sse.data == DONE {
                // Said by some services after a cut as well, so it ends well only what had finished.
                self.status =
                    Some(if self.finished { ResponseStatus::Completed } else { ResponseStatus::Interrupted });
            } else {
                let chunk = serde_json::from_slice(sse.data).map_err(InvalidEvent::from)?;
                self.take(chunk);
            }
        }
        Ok(true)
    }

    /// What came. A service that closes after the reason to finish, without the last word, has said all.
    pub fn finish(self) -> ProbeResponse {
        let missing = if self.finished { ResponseStatus::Completed } else { ResponseStatus::Interrupted };
        ProbeResponse { text: self.text, status: self.status.unwrap_or(missing) }
    }

    /// An answer in one piece, from a service that does not stream.
    pub fn whole(body: &[u8]) -> Result<ProbeResponse, StreamParseError> {
        let mut reader = Self::default();
        let chunk: Chunk = serde_json::from_slice(body).map_err(InvalidEvent::from)?;
        // It is all there, whether or not it says why it ends.
        reader.finished = chunk.choices.iter().flatten().any(|choice| choice.message.is_some());
        reader.take(chunk);
        Ok(reader.finish())
    }

    fn take(&mut self, chunk: Chunk) {
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            self.status = Some(ResponseStatus::Failed { error });
            return;
        }
        // The last chunk of a stream may carry usage and no choice.
        let Some(choice) = chunk.choices.into_iter().flatten().next() else { return };
        if let Some(content) = choice.delta.or(choice.message).and_then(|said| said.content) {
            self.text.push_str(&content);
        }
        match choice.finish_reason.as_deref() {
            None | Some("") => {}
            Some("stop" | "tool_calls" | "eos" | "end_turn") => self.finished = true,
            Some(reason) => {
                self.status = Some(ResponseStatus::Incomplete { reason: Some(reason.to_owned()) });
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
        // Byte by byte: the same must come of it however it is split.
        for byte in stream.as_bytes().chunks(1) {
            if reader.push(byte).unwrap() {
                break;
            }
        }
        reader.finish()
    }

    fn said(text: &str, status: ResponseStatus) -> ProbeResponse {
        ProbeResponse { text: text.into(), status }
    }

    #[test]
    fn each_way_to_end() {
        let word = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"ready\"},\"finish_reason\":null}]}\n\n";
        let stop = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
        let usage = "data: {\"choices\":[],\"usage\":{\"total_tokens\":7}}\n\n";
        let done = "data: [DONE]\n\n";
        let length = "data: {\"choices\":[{\"delta\":{\"content\":null},\"finish_reason\":\"length\"}]}\n\n";
        let error = "data: {\"error\":{\"message\":\"no\",\"code\":\"busy\"}}\n\n";
        let failed = ResponseStatus::Failed { error: json!({ "message": "no", "code": "busy" }) };
        let rows = [
            (format!("{word}{stop}{usage}{done}"), said("ready", ResponseStatus::Completed)),
            (format!("{word}{stop}"), said("ready", ResponseStatus::Completed)),
            (format!("{word}{done}"), said("ready", ResponseStatus::Interrupted)),
            (word.to_owned(), said("ready", ResponseStatus::Interrupted)),
            (
                format!("{word}{length}"),
                said("ready", ResponseStatus::Incomplete { reason: Some("length".into()) }),
            ),
            (format!("{word}{error}{done}"), said("ready", failed)),
        ];
        for (stream, expected) in rows {
            assert_eq!(read(&stream), expected, "{stream}");
        }
    }

    #[test]
    fn an_answer_in_one_piece() {
        let rows = [
            (
                r#"{"choices":[{"message":{"content":"ready"},"finish_reason":"stop"}]}"#,
                said("ready", ResponseStatus::Completed),
            ),
            (r#"{"choices":[{"message":{"content":"ready"}}]}"#, said("ready", ResponseStatus::Completed)),
            (
                r#"{"choices":[{"message":{"content":"re"},"finish_reason":"length"}]}"#,
                said("re", ResponseStatus::Incomplete { reason: Some("length".into()) }),
            ),
            (
                r#"{"error":{"code":"busy"}}"#,
                said("", ResponseStatus::Failed { error: json!({ "code": "busy" }) }),
            ),
            (r#"{"object":"something else"}"#, said("", ResponseStatus::Interrupted)),
        ];
        for (body, expected) in rows {
            assert_eq!(ChatProbeReader::whole(body.as_bytes()).unwrap(), expected, "{body}");
        }
        assert!(ChatProbeReader::whole(b"{\"half").is_err());
    }

    #[test]
    fn what_is_no_json_is_refused() {
        assert!(ChatProbeReader::default().push(b"data: <html>\n\n").is_err());
    }
}
