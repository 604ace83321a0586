//! Reads a stream of the Messages API as the SDKs do, and checks the order that they rely on.

use serde_json::{Value, json};
use usher_dialect::sse::SseParser;

/// The message of a complete stream, or the error that ended it.
#[derive(Debug, Default)]
pub(crate) struct ReadStream {
    pub(crate) message: Option<Value>,
    pub(crate) error: Option<Value>,
    pub(crate) pings: usize,
}

#[derive(Default)]
struct Reader {
    message: Option<Value>,
    /// The index of the open block, and the JSON of its input so far.
    open: Option<(usize, String)>,
    delta_seen: bool,
    ended: bool,
    error: Option<Value>,
    pings: usize,
}

/// Reads `stream`. The error names the rule that it breaks.
pub(crate) fn read(stream: &[u8]) -> Result<ReadStream, String> {
    let mut reader = Reader::default();
    let mut parser = SseParser::default();
    let mut piece = stream;
    while let Some(event) = parser.next_event(&mut piece).unwrap() {
        let data: Value = serde_json::from_slice(event.data).map_err(|error| error.to_string())?;
        let name = std::str::from_utf8(event.name).unwrap();
        if data["type"] != name {
            return Err(format!("the event {name} has the type {}", data["type"]));
        }
        reader.take(name, data)?;
    }
    if !stream.is_empty() && !stream.ends_with(b"\n\n") {
        return Err("the last event has no blank line".into());
    }
    let Reader { message, error, pings, ended, .. } = reader;
    Ok(ReadStream { message: message.filter(|_| ended), error, pings })
}

impl Reader {
    fn take(&mut self, name: &str, data: Value) -> Result<(), String> {
        if self.ended || self.error.is_some() {
            return Err(format!("{name} after the end"));
        }
        match name {
            "ping" => self.pings += 1,
            "error" => {
                self.allow(self.open.is_none(), "a block is open at the error")?;
                self.allow(
                    data["error"]["message"].is_string() && data["error"]["type"].is_string(),
                    "an error",
                )?;
                self.error = Some(data);
            }
            "message_start" => {
                self.allow(self.message.is_none(), "a second message_start")?;
                self.allow(data["message"]["content"] == json!([]), "a message that starts with content")?;
                self.message = Some(data["message"].clone());
            }
            _ if self.message.is_none() => return Err(format!("{name} before message_start")),
            "content_block_start" => self.start(&data)?,
            "content_block_delta" => self.delta(&data)?,
            "content_block_stop" => self.stop(&data)?,
            "message_delta" => {
                self.allow(self.open.is_none(), "message_delta while a block is open")?;
                self.allow(!self.delta_seen, "a second message_delta")?;
                self.allow(data["delta"]["stop_reason"].is_string(), "no stop_reason")?;
                self.delta_seen = true;
                let message = self.message.as_mut().unwrap();
                for part in ["stop_reason", "stop_sequence", "stop_details"] {
                    message[part] = data["delta"][part].clone();
                }
                message["usage"] = data["usage"].clone();
            }
            "message_stop" => {
                self.allow(self.delta_seen, "message_stop without message_delta")?;
                self.ended = true;
            }
            _ => return Err(format!("an event of no kind: {name}")),
        }
        Ok(())
    }

    fn start(&mut self, data: &Value) -> Result<(), String> {
        self.allow(self.open.is_none(), "two blocks are open")?;
        self.allow(!self.delta_seen, "a block after message_delta")?;
        let content = self.message.as_mut().unwrap()["content"].as_array_mut().unwrap();
        let index = content.len();
        content.push(data["content_block"].clone());
        self.open = Some((index, String::new()));
        self.allow(data["index"] == json!(index), "an index is left out")
    }

    fn delta(&mut self, data: &Value) -> Result<(), String> {
        let Some((index, input)) = &mut self.open else { return Err("a delta of no block".into()) };
        let block = &mut self.message.as_mut().unwrap()["content"][*index];
        let kind = block["type"].as_str().unwrap().to_owned();
        let delta = &data["delta"];
        let field = match (delta["type"].as_str().unwrap(), kind.as_str()) {
            _ if data["index"] != json!(index) => return Err("a delta of another block".into()),
            ("text_delta", "text") => "text",
            ("thinking_delta", "thinking") if block["signature"] == "" => "thinking",
            ("signature_delta", "thinking") if block["signature"] == "" => "signature",
            ("input_json_delta", "tool_use" | "server_tool_use") => {
                input.push_str(delta["partial_json"].as_str().unwrap());
                return Ok(());
            }
            (delta, block) => return Err(format!("{delta} in a block of {block}")),
        };
        let extended = format!("{}{}", block[field].as_str().unwrap(), delta[field].as_str().unwrap());
        block[field] = extended.into();
        Ok(())
    }

    fn stop(&mut self, data: &Value) -> Result<(), String> {
        let Some((index, input)) = self.open.take() else { return Err("a stop of no block".into()) };
        self.allow(data["index"] == json!(index), "a stop of another block")?;
        let block = &mut self.message.as_mut().unwrap()["content"][index];
        if !input.is_empty() {
            let object = serde_json::from_str(&input).ok().filter(Value::is_object);
            block["input"] = object.unwrap_or_else(|| json!({}));
        }
        if block["type"] == "text" && block["text"] == "" {
            return Err("an empty text".into());
        }
        Ok(())
    }

    fn allow(&self, allowed: bool, otherwise: &str) -> Result<(), String> {
        if allowed { Ok(()) } else { Err(format!("{otherwise}: {:?}", self.message)) }
    }
}
