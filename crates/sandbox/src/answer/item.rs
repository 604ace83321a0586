//! One item of the output, whole and in events (protocol §8.3).

use serde_json::{Value, json};

use super::said::Said;
use crate::random;

pub(super) struct Item {
    said: Said,
    id: String,
    call_id: String,
    /// Sealed thoughts.
    sealed: Option<String>,
}

impl Item {
    /// `seal` seals thoughts for whoever asked.
    pub(super) fn new(said: Said, seal: &dyn Fn() -> String) -> Self {
        let prefix = match &said {
            Said::Thoughts { .. } => "rs_",
            Said::Text(_) => "msg_",
            Said::Call { custom: false, .. } => "fc_",
            Said::Call { custom: true, .. } => "ctc_",
        };
        let sealed = matches!(said, Said::Thoughts { sealed: true, .. }).then(seal);
        Self { said, id: random::string(prefix), call_id: random::string("call_"), sealed }
    }

    /// How many deltas it streams in: what its tokens are counted by.
    pub(super) fn pieces(&self) -> &[String] {
        match &self.said {
            Said::Thoughts { summary: pieces, .. }
            | Said::Text(pieces)
            | Said::Call { input: pieces, .. } => pieces,
        }
    }

    pub(super) fn said(&self) -> &Said {
        &self.said
    }

    pub(super) fn call_id(&self) -> &str {
        &self.call_id
    }

    /// All of it.
    pub(super) fn whole(&self) -> Value {
        let text = self.pieces().concat();
        match &self.said {
            Said::Thoughts { summary, .. } => {
                let parts: Vec<Value> =
                    if summary.is_empty() { Vec::new() } else { vec![summary_part(&text)] };
                self.thoughts(&json!(parts), self.sealed.as_deref())
            }
            Said::Text(_) => self.message("completed", &json!([text_part(&text)])),
            Said::Call { .. } => self.call("completed", &text),
        }
    }

    /// What is said of it, as the item at `index` of the output.
    pub(super) fn events(&self, index: usize) -> Vec<Value> {
        let (begun, grown) = match &self.said {
            Said::Thoughts { summary, .. } if summary.is_empty() => {
                (self.thoughts(&json!([]), None), Vec::new())
            }
            Said::Thoughts { .. } => (self.thoughts(&json!([]), None), self.summed_up(index)),
            Said::Text(_) => (self.message("in_progress", &json!([])), self.told(index)),
            Said::Call { .. } => (self.call("in_progress", ""), self.called(index)),
        };
        let mut events =
            vec![json!({ "type": "response.output_item.added", "output_index": index, "item": begun })];
        events.extend(grown);
        events.push(
            json!({ "type": "response.output_item.done", "output_index": index, "item": self.whole() }),
        );
        events
    }

    fn told(&self, index: usize) -> Vec<Value> {
        let text = self.pieces().concat();
        let at = json!({ "item_id": self.id, "output_index": index, "content_index": 0 });
        let mut events = vec![with(&at, "response.content_part.added", "part", text_part(""))];
        events.extend(self.deltas(&at, "response.output_text.delta"));
        events.push(with(&at, "response.output_text.done", "text", text.clone().into()));
        events.push(with(&at, "response.content_part.done", "part", text_part(&text)));
        events
    }

    fn summed_up(&self, index: usize) -> Vec<Value> {
        let text = self.pieces().concat();
        let at = json!({ "item_id": self.id, "output_index": index, "summary_index": 0 });
        let mut events = vec![with(&at, "response.reasoning_summary_part.added", "part", summary_part(""))];
        events.extend(self.deltas(&at, "response.reasoning_summary_text.delta"));
        events.push(with(&at, "response.reasoning_summary_text.done", "text", text.clone().into()));
        events.push(with(&at, "response.reasoning_summary_part.done", "part", summary_part(&text)));
        events
    }

    fn called(&self, index: usize) -> Vec<Value> {
        let (delta, done, name) = match &self.said {
            Said::Call { custom: true, .. } => {
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
        events.push(with(&at, done, name, self.pieces().concat().into()));
        events
    }

    fn deltas(&self, at: &Value, kind: &str) -> Vec<Value> {
        self.pieces().iter().map(|delta| with(at, kind, "delta", delta.as_str().into())).collect()
    }

    fn thoughts(&self, summary: &Value, sealed: Option<&str>) -> Value {
        let mut item = json!({ "id": self.id, "type": "reasoning", "summary": summary });
        if let Some(sealed) = sealed {
            item["encrypted_content"] = sealed.into();
        }
        item
    }

    fn message(&self, status: &str, content: &Value) -> Value {
        json!({ "id": self.id, "type": "message", "status": status, "role": "assistant", "content": content })
    }

    fn call(&self, status: &str, input: &str) -> Value {
        let Said::Call { name, namespace, custom, .. } = &self.said else { return Value::Null };
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

/// An event called `kind` at a place, with one more member.
fn with(at: &Value, kind: &str, name: &str, value: Value) -> Value {
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
