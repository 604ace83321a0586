//! The output of the sandbox "model", as Responses events, as one response, and as parts for Chat Completions.

use axum::response::sse::Event;
use serde_json::{Value, json};

use super::content::{self, Content};
use super::item::Item;
use super::prompt::Prompt;
use crate::random;

/// Who asked, which decides what the events carry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// The `ChatGPT` backend: the final response has an empty output list (protocol §8.3).
    Codex,
    /// The public API: each event has a `sequence_number` (protocol §8.5), and the final response is whole.
    Public,
}

pub(crate) struct Answer {
    pub(crate) model: String,
    pub(crate) created_at: i64,
    pub(crate) input_tokens: usize,
    response_id: String,
    items: Vec<Item>,
}

impl Answer {
    /// The answer to what is `asked`. `seal` seals reasoning for whoever asks.
    pub(crate) fn for_prompt(
        asked: &Prompt,
        model: &str,
        created_at: i64,
        seal: &dyn Fn() -> String,
    ) -> Self {
        Self {
            model: model.to_owned(),
            created_at,
            input_tokens: asked.tokens,
            response_id: random::string("resp_"),
            items: content::contents_for(asked).into_iter().map(|content| Item::new(content, seal)).collect(),
        }
    }

    /// What is said, and by which id a call is answered.
    pub(crate) fn contents(&self) -> impl Iterator<Item = (&Content, &str)> {
        self.items.iter().map(|item| (item.text(), item.call_id()))
    }

    pub(crate) fn output_tokens(&self) -> usize {
        self.items.iter().map(|item| item.chunks().len()).sum()
    }

    fn reasoning_tokens(&self) -> usize {
        let thoughts = self.items.iter().filter(|item| matches!(item.text(), Content::Reasoning { .. }));
        thoughts.map(|item| item.chunks().len()).sum()
    }

    /// The events of protocol §8.3 in order.
    pub(crate) fn events(&self, dialect: Dialect) -> Vec<Event> {
        let begun = self.response("in_progress", &json!([]));
        let mut events = vec![
            json!({ "type": "response.created", "response": begun }),
            json!({ "type": "response.in_progress", "response": begun }),
        ];
        events.extend(self.items.iter().enumerate().flat_map(|(index, item)| item.events(index)));
        let last = match dialect {
            Dialect::Codex => self.response("completed", &json!([])),
            Dialect::Public => self.to_response(),
        };
        events.push(json!({ "type": "response.completed", "response": last }));
        if dialect == Dialect::Public {
            for (number, event) in events.iter_mut().enumerate() {
                event["sequence_number"] = number.into();
            }
        }
        events.iter().map(event).collect()
    }

    /// The whole answer as one object.
    pub(crate) fn to_response(&self) -> Value {
        let output: Vec<Value> = self.items.iter().map(Item::to_value).collect();
        self.response("completed", &json!(output))
    }

    fn response(&self, status: &str, output: &Value) -> Value {
        let usage = (status == "completed").then(|| {
            json!({
                "input_tokens": self.input_tokens,
                "input_tokens_details": { "cached_tokens": 0 },
                "output_tokens": self.output_tokens(),
                "output_tokens_details": { "reasoning_tokens": self.reasoning_tokens() },
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

/// An SSE event named like its `type`, which is the authoritative one (protocol §8.3).
pub(crate) fn event(data: &Value) -> Event {
    Event::default()
        .event(data["type"].as_str().unwrap_or("message"))
        .json_data(data)
        .expect("JSON becomes JSON")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Answer, Prompt};

    fn text(input: &Value) -> Value {
        let asked = Prompt::from_responses(&json!({ "input": input }));
        Answer::for_prompt(&asked, "m", 0, &String::new).to_response()["output"][0]["content"][0]["text"]
            .take()
    }

    #[test]
    fn answer_counts_when_asked() {
        let input = json!([
            { "role": "user", "content": "count to 9" },
            { "role": "user", "content": [{ "type": "input_text", "text": "Count to 3, please" }] },
            { "role": "developer", "content": "count to 5" },
        ]);
        assert_eq!(text(&input), "1 2 3 ");
        assert_eq!(text(&json!("say ready")), "ready");
    }
}
