//! Open reasoning of a Chat Completions service, carried through the caller and back.
//!
//! Some services want the reasoning of a message back together with its tool calls, under the name by which they sent
//! it, and reject the request without it: `reasoning_content` (`DeepSeek`, Kimi), `reasoning`, `reasoning_details`
//! (`OpenRouter`, `MiniMax`), `extra_content` with a thought signature (Gemini). Callers of other dialects have no such
//! fields, but they return the encrypted content of a reasoning item untouched. These fields travel in there.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::messages::sanitize_name;

/// Begins the encrypted content that was written here: `usher-chat1:<owner tag>:<JSON>`. That of `OpenAI` is base64, which
/// has no colon.
pub const OPEN_REASONING: &str = "usher-chat1:";

/// The reasoning of an assistant message that its service wants back.
#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct OpenReasoning {
    /// What the message itself has.
    #[serde(flatten)]
    pub(crate) fields: ReasoningFields,
    /// What its calls have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) calls: Vec<CallContent>,
}

/// The reasoning that an assistant message itself has, under the names by which services send it and want it back.
#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ReasoningFields {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) reasoning_content: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) reasoning: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) reasoning_details: Vec<Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) extra_content: Option<Value>,
}

/// The `extra_content` of one call.
#[derive(PartialEq, Serialize, Deserialize)]
pub(crate) struct CallContent {
    /// The call's id; empty if the service gave none.
    pub(crate) id: String,
    /// The call's place among those of its message.
    pub(crate) place: usize,
    pub(crate) extra_content: Value,
}

/// Shows nothing of the conversation, so that it gets into no log.
impl fmt::Debug for OpenReasoning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenReasoning").finish_non_exhaustive()
    }
}

impl OpenReasoning {
    /// Returns reasoning with this text in `reasoning_content`.
    pub(crate) fn of_content(reasoning_content: String) -> Self {
        Self {
            fields: ReasoningFields { reasoning_content, ..ReasoningFields::default() },
            calls: Vec::new(),
        }
    }

    /// Returns the encrypted content that carries these fields for the owner with this tag; `None` if there are none.
    pub(crate) fn encode(&self, tag: &str) -> Option<String> {
        let empty = *self == Self::default();
        (!empty)
            .then(|| format!("{OPEN_REASONING}{tag}:{}", serde_json::to_string(self).expect("keys are text")))
    }

    /// Returns the fields that `encrypted_content` carries; `None` if it was not written here for this owner. The words
    /// of one service are nothing for another.
    pub(crate) fn decode(tag: &str, encrypted_content: &str) -> Option<Self> {
        let fields = encrypted_content.strip_prefix(OPEN_REASONING)?.strip_prefix(tag)?.strip_prefix(':')?;
        serde_json::from_str(fields).ok()
    }

    /// Adds the fields of another piece of the same message's reasoning.
    pub(crate) fn append(&mut self, other: Self) {
        self.fields.append(other.fields);
        self.calls.extend(other.calls);
    }

    /// Records the `extra_content` of the call at `place`.
    pub(crate) fn add_call(&mut self, id: &str, place: usize, extra_content: Value) {
        self.calls.push(CallContent { id: id.to_owned(), place, extra_content });
    }

    /// Takes the `extra_content` of a call, found by its id or else by its place: the caller's dialect may have
    /// replaced the id.
    pub(crate) fn take_call(&mut self, id: &str, place: usize) -> Option<Value> {
        let by_id = |call: &CallContent| call.id == id || *sanitize_name(&call.id) == *id;
        let found = self.calls.iter().position(by_id);
        let found = found.or_else(|| self.calls.iter().position(|call| call.place == place))?;
        Some(self.calls.swap_remove(found).extra_content)
    }
}

impl ReasoningFields {
    fn append(&mut self, other: Self) {
        self.reasoning_content.push_str(&other.reasoning_content);
        self.reasoning.push_str(&other.reasoning);
        for detail in other.reasoning_details {
            self.add_detail(detail);
        }
        self.extra_content = other.extra_content.or(self.extra_content.take());
    }

    /// Adds a detail, or a further piece of the last one: streams split their texts.
    pub(crate) fn add_detail(&mut self, detail: Map<String, Value>) {
        let same = |last: &Map<String, Value>, name: &str| last.get(name) == detail.get(name);
        let last = self.reasoning_details.last_mut();
        let Some(last) = last.filter(|last| same(last, "type") && same(last, "index")) else {
            self.reasoning_details.push(detail);
            return;
        };
        for (name, value) in detail {
            match (last.get_mut(&name), value) {
                (Some(Value::String(text)), Value::String(more))
                    if matches!(&*name, "text" | "summary" | "data") =>
                {
                    text.push_str(&more);
                }
                (Some(_), Value::Null) => {}
                (_, value) => {
                    last.insert(name, value);
                }
            }
        }
    }
}

/// Returns whether `encrypted_content` carries open reasoning.
pub fn is_open_reasoning(encrypted_content: &str) -> bool {
    encrypted_content.starts_with(OPEN_REASONING)
}

/// Returns the text of the details, which are the reasoning itself or its summary.
pub(crate) fn details_text(details: &[Map<String, Value>]) -> String {
    let text = |detail: &Map<String, Value>| {
        let text = detail.get("text").or_else(|| detail.get("summary"));
        text.and_then(Value::as_str).map(str::to_owned)
    };
    details.iter().filter_map(text).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn detail(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn encoded_fields_decode() {
        let mut reasoning = OpenReasoning::of_content("I \"need\"\nit".into());
        reasoning.add_call("functions.now:0", 0, json!({ "google": { "thought_signature": "c2ln" } }));
        let encoded = reasoning.encode("a").unwrap();
        assert!(is_open_reasoning(&encoded));
        assert_eq!(OpenReasoning::decode("b", &encoded), None, "another service");
        assert_eq!(OpenReasoning::decode("a", &encoded), Some(reasoning));
        assert_eq!(OpenReasoning::default().encode("a"), None);
        assert_eq!(OpenReasoning::decode("a", "gAAAAB"), None);
        assert_eq!(OpenReasoning::decode("a", "usher-chat1:a:{half"), None);
    }

    #[test]
    fn reasoning_is_not_shown() {
        let reasoning = OpenReasoning::of_content("The person is ill.".into());
        assert_eq!(format!("{reasoning:?}"), "OpenReasoning { .. }");
    }

    #[test]
    fn pieces_of_a_detail_are_joined() {
        let mut reasoning = ReasoningFields::default();
        for piece in [
            json!({ "type": "reasoning.text", "index": 0, "text": "Let ", "signature": null }),
            json!({ "type": "reasoning.text", "index": 0, "text": "me.", "signature": "s" }),
            json!({ "type": "reasoning.encrypted", "index": 1, "data": "x" }),
        ] {
            reasoning.add_detail(detail(&piece));
        }
        let joined = [
            json!({ "type": "reasoning.text", "index": 0, "text": "Let me.", "signature": "s" }),
            json!({ "type": "reasoning.encrypted", "index": 1, "data": "x" }),
        ];
        assert_eq!(reasoning.reasoning_details, joined.map(|value| detail(&value)));
    }

    #[test]
    fn call_is_found_by_id_or_place() {
        let mut reasoning = OpenReasoning::default();
        for place in 0..3 {
            reasoning.add_call(&format!("functions.now:{place}"), place, json!(place));
        }
        assert_eq!(reasoning.take_call("functions.now:1", 0), Some(json!(1)));
        assert_eq!(reasoning.take_call(&sanitize_name("functions.now:2"), 0), Some(json!(2)));
        assert_eq!(reasoning.take_call("other", 0), Some(json!(0)));
        assert_eq!(reasoning.take_call("other", 0), None);
    }
}
