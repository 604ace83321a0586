//! What the sandbox "model" says, as Responses events. Short prompts are answered "ready"; "count to N" is answered
//! with N numbers, one delta each, for tests that need a long stream.

use axum::response::sse::Event;
use serde_json::{Value, json};

use crate::random;

/// Bounds what one request can make the sandbox hold in memory.
const MOST_NUMBERS: usize = 100_000;

/// Who asked, which decides what the events carry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// The `ChatGPT` backend: the final response has an empty output list (§8.3).
    Codex,
    /// The public API: each event has a `sequence_number` (§8.5), and the final response is whole.
    Public,
}

pub(crate) struct Answer {
    pub(crate) pieces: Vec<String>,
    pub(crate) model: String,
    pub(crate) created_at: i64,
    pub(crate) input_tokens: usize,
    response_id: String,
    item_id: String,
}

impl Answer {
    /// The answer to `input`: a string, or a list of items or messages.
    pub(crate) fn to(input: &Value, model: &str, created_at: i64) -> Self {
        let text = last_text(input).to_lowercase();
        Self {
            pieces: pieces(&text),
            model: model.to_owned(),
            created_at,
            // About four characters a token; only growth with the input matters.
            input_tokens: input.to_string().len() / 4 + 1,
            response_id: random::string("resp_"),
            item_id: random::string("msg_"),
        }
    }

    pub(crate) fn text(&self) -> String {
        self.pieces.concat()
    }

    pub(crate) fn output_tokens(&self) -> usize {
        self.pieces.len()
    }

    /// The events of §8.3 in order.
    pub(crate) fn events(&self, dialect: Dialect) -> Vec<Event> {
        let item = self.item_id.as_str();
        let text = self.text();
        let part = |text: &str| json!({ "type": "output_text", "text": text, "annotations": [] });
        let mut events = vec![
            json!({ "type": "response.created", "response": self.response("in_progress", &json!([])) }),
            json!({ "type": "response.in_progress", "response": self.response("in_progress", &json!([])) }),
            json!({ "type": "response.output_item.added", "output_index": 0, "item": self.message("in_progress", &json!([])) }),
            json!({ "type": "response.content_part.added", "item_id": item, "output_index": 0, "content_index": 0,
                    "part": part("") }),
        ];
        events.extend(self.pieces.iter().map(|delta| {
            json!({ "type": "response.output_text.delta", "item_id": item, "output_index": 0, "content_index": 0,
                    "delta": delta })
        }));
        let output = match dialect {
            Dialect::Codex => json!([]),
            Dialect::Public => json!([self.finished_message()]),
        };
        events.extend([
            json!({ "type": "response.output_text.done", "item_id": item, "output_index": 0, "content_index": 0,
                    "text": text }),
            json!({ "type": "response.content_part.done", "item_id": item, "output_index": 0, "content_index": 0,
                    "part": part(&text) }),
            json!({ "type": "response.output_item.done", "output_index": 0, "item": self.finished_message() }),
            json!({ "type": "response.completed", "response": self.response("completed", &output) }),
        ]);
        if dialect == Dialect::Public {
            for (number, event) in events.iter_mut().enumerate() {
                event["sequence_number"] = number.into();
            }
        }
        events.iter().map(event).collect()
    }

    /// The whole answer as one object.
    pub(crate) fn whole(&self) -> Value {
        self.response("completed", &json!([self.finished_message()]))
    }

    fn finished_message(&self) -> Value {
        self.message("completed", &json!([{ "type": "output_text", "text": self.text(), "annotations": [] }]))
    }

    fn message(&self, status: &str, content: &Value) -> Value {
        json!({ "id": self.item_id, "type": "message", "status": status, "role": "assistant", "content": content })
    }

    fn response(&self, status: &str, output: &Value) -> Value {
        let usage = (status == "completed").then(|| {
            json!({
                "input_tokens": self.input_tokens,
                "input_tokens_details": { "cached_tokens": 0 },
                "output_tokens": self.output_tokens(),
                "output_tokens_details": { "reasoning_tokens": 0 },
                "total_tokens": self.input_tokens + self.output_tokens(),
            })
        });
        json!({
            "id": self.response_id,
            "object": "response",
            "created_at": self.created_at,
            "status": status,
            "model": self.model,
            "output": output,
            "usage": usage,
            "error": null,
            "incomplete_details": null,
        })
    }
}

/// An SSE event named like its `type`, which is the authoritative one (§8.3).
pub(crate) fn event(data: &Value) -> Event {
    Event::default()
        .event(data["type"].as_str().unwrap_or("message"))
        .json_data(data)
        .expect("JSON becomes JSON")
}

fn pieces(text: &str) -> Vec<String> {
    let number = text.rsplit_once("count to ").map(|(_, rest)| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<usize>().unwrap_or(0).min(MOST_NUMBERS)
    });
    match number {
        Some(number) if number > 0 => (1..=number).map(|n| format!("{n} ")).collect(),
        _ => vec!["rea".to_owned(), "dy".to_owned()],
    }
}

/// The text of the last item that has any: what the person said last.
fn last_text(input: &Value) -> String {
    match input {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            items.iter().rev().map(item_text).find(|text| !text.is_empty()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

fn item_text(item: &Value) -> String {
    match &item["content"] {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Answer;

    #[test]
    fn counts_when_the_last_message_asks_for_it() {
        let input = json!([
            { "role": "user", "content": "count to 9" },
            { "role": "user", "content": [{ "type": "input_text", "text": "Count to 3, please" }] },
        ]);
        assert_eq!(Answer::to(&input, "m", 0).text(), "1 2 3 ");
        assert_eq!(Answer::to(&json!("say ready"), "m", 0).text(), "ready");
    }
}
