//! An item of the output, complete and as events (protocol §8.3).

use serde_json::{Value, json};

use super::content::Content;
use crate::random;

pub(super) struct Item {
    content: Content,
    id: String,
    call_id: String,
    /// Encrypted reasoning.
    encrypted: Option<String>,
    has_phase: bool,
}

impl Item {
    /// Makes an item; `encrypt` makes encrypted reasoning for the caller.
    pub(super) fn new(content: Content, has_phase: bool, encrypt: &dyn Fn() -> String) -> Self {
        let prefix = match &content {
            Content::Reasoning { .. } => "rs_",
            Content::Commentary(_) | Content::Text(_) => "msg_",
            Content::Call { custom: false, .. } => "fc_",
            Content::Call { custom: true, .. } => "ctc_",
        };
        let encrypted = matches!(content, Content::Reasoning { encrypted: true, .. }).then(encrypt);
        Self { content, id: random::string(prefix), call_id: random::string("call_"), encrypted, has_phase }
    }

    /// Gives a message its phase (siwc §10.4).
    pub(super) fn add_phase(&mut self) {
        self.has_phase = true;
    }

    /// Returns the chunks that it is streamed in; each counts as one token.
    pub(super) fn chunks(&self) -> &[String] {
        match &self.content {
            Content::Reasoning { summary: chunks, .. }
            | Content::Commentary(chunks)
            | Content::Text(chunks)
            | Content::Call { input: chunks, .. } => chunks,
        }
    }

    pub(super) fn content(&self) -> &Content {
        &self.content
    }

    pub(super) fn call_id(&self) -> &str {
        &self.call_id
    }

    /// Returns the complete item.
    pub(super) fn to_value(&self) -> Value {
        let text = self.chunks().concat();
        match &self.content {
            Content::Reasoning { summary, .. } => {
                let parts: Vec<Value> =
                    if summary.is_empty() { Vec::new() } else { vec![summary_part(&text)] };
                self.reasoning(&json!(parts), self.encrypted.as_deref())
            }
            Content::Commentary(_) | Content::Text(_) => {
                self.message("completed", &json!([text_part(&text)]))
            }
            Content::Call { .. } => self.call("completed", &text),
        }
    }

    /// Returns the events of the item at `index` of the output.
    pub(super) fn events(&self, index: usize) -> Vec<Value> {
        let (added, deltas) = match &self.content {
            Content::Reasoning { summary, .. } if summary.is_empty() => {
                (self.reasoning(&json!([]), None), Vec::new())
            }
            Content::Reasoning { .. } => (self.reasoning(&json!([]), None), self.summary_events(index)),
            Content::Commentary(_) | Content::Text(_) => {
                (self.message("in_progress", &json!([])), self.message_events(index))
            }
            Content::Call { .. } => (self.call("in_progress", ""), self.call_events(index)),
        };
        let mut events =
            vec![json!({ "type": "response.output_item.added", "output_index": index, "item": added })];
        events.extend(deltas);
        events.push(
            json!({ "type": "response.output_item.done", "output_index": index, "item": self.to_value() }),
        );
        events
    }

    fn message_events(&self, index: usize) -> Vec<Value> {
        let text = self.chunks().concat();
        let at = json!({ "item_id": self.id, "output_index": index, "content_index": 0 });
        let mut events = vec![event_with(&at, "response.content_part.added", "part", text_part(""))];
        events.extend(self.deltas(&at, "response.output_text.delta"));
        events.push(event_with(&at, "response.output_text.done", "text", text.clone().into()));
        events.push(event_with(&at, "response.content_part.done", "part", text_part(&text)));
        events
    }

    fn summary_events(&self, index: usize) -> Vec<Value> {
        let text = self.chunks().concat();
        let at = json!({ "item_id": self.id, "output_index": index, "summary_index": 0 });
        let mut events =
            vec![event_with(&at, "response.reasoning_summary_part.added", "part", summary_part(""))];
        events.extend(self.deltas(&at, "response.reasoning_summary_text.delta"));
        events.push(event_with(&at, "response.reasoning_summary_text.done", "text", text.clone().into()));
        events.push(event_with(&at, "response.reasoning_summary_part.done", "part", summary_part(&text)));
        events
    }

    fn call_events(&self, index: usize) -> Vec<Value> {
        let (delta, done, name) = match &self.content {
            Content::Call { custom: true, .. } => {
                ("response.custom_tool_call_input.delta", "response.custom_tool_call_input.done", "input")
            }
            _ => (
                "response.function_call_arguments.delta",
                "response.function_call_arguments.done",
                "arguments",
            ),
        };
        let at = json!({ "item_id": self.id, "output_index": index });
        let mut events = self.deltas(&at, delta);
        events.push(event_with(&at, done, name, self.chunks().concat().into()));
        events
    }

    fn deltas(&self, at: &Value, kind: &str) -> Vec<Value> {
        self.chunks().iter().map(|delta| event_with(at, kind, "delta", delta.as_str().into())).collect()
    }

    fn reasoning(&self, summary: &Value, encrypted: Option<&str>) -> Value {
        let mut item = json!({ "id": self.id, "type": "reasoning", "summary": summary });
        if let Some(encrypted) = encrypted {
            item["encrypted_content"] = encrypted.into();
        }
        item
    }

    fn message(&self, status: &str, content: &Value) -> Value {
        let mut message = json!({
            "id": self.id, "type": "message", "status": status, "role": "assistant", "content": content,
        });
        if self.has_phase {
            let is_comment = matches!(self.content, Content::Commentary(_));
            message["phase"] = if is_comment { "commentary" } else { "final_answer" }.into();
        }
        message
    }

    fn call(&self, status: &str, input: &str) -> Value {
        let Content::Call { name, namespace, custom, .. } = &self.content else { return Value::Null };
        let (kind, of) = if *custom { ("custom_tool_call", "input") } else { ("function_call", "arguments") };
        let mut item =
            json!({ "id": self.id, "type": kind, "status": status, "call_id": self.call_id, "name": name });
        item[of] = input.into();
        if let Some(namespace) = namespace {
            item["namespace"] = namespace.as_str().into();
        }
        item
    }
}

/// Returns an event of type `kind`, with the fields of `at` and one more.
fn event_with(at: &Value, kind: &str, name: &str, value: Value) -> Value {
    let mut event = at.clone();
    event["type"] = kind.into();
    event[name] = value;
    event
}

fn text_part(text: &str) -> Value {
    json!({ "type": "output_text", "text": text, "annotations": [] })
}

fn summary_part(text: &str) -> Value {
    json!({ "type": "summary_text", "text": text })
}
