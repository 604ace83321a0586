//! The output of the sandbox "model", as Responses events, as one response, and as parts for Chat Completions.

use axum::response::sse::Event;
use serde_json::{Value, json};

use super::content::{self, Content};
use super::item::Item;
use super::prompt::Prompt;
use crate::random;

/// The API that the events are for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventFormat {
    /// The `ChatGPT` backend: the final response has an empty output list (protocol §8.3).
    Codex,
    /// The public API: each event has a `sequence_number` (protocol §8.5), and the final response is complete.
    Public,
    /// The public API, and the final response has an empty output list (siwc §10.4).
    PublicWithoutOutput,
}

pub(crate) struct ModelOutput {
    pub(crate) model: String,
    pub(crate) created_at: i64,
    pub(crate) input_tokens: usize,
    response_id: String,
    items: Vec<Item>,
}

impl ModelOutput {
    /// Makes the output for `prompt`. `encrypt` makes encrypted reasoning for the caller.
    pub(crate) fn for_prompt(
        prompt: &Prompt,
        model: &str,
        created_at: i64,
        encrypt: &dyn Fn() -> String,
    ) -> Self {
        Self {
            model: model.to_owned(),
            created_at,
            input_tokens: prompt.tokens,
            response_id: random::string("resp_"),
            items: content::contents_for(prompt)
                .into_iter()
                .map(|content| Item::new(content, prompt.is_commented(), encrypt))
                .collect(),
        }
    }

    /// Gives every message a phase, not only when there is a comment (siwc §10.4).
    pub(crate) fn with_phases(mut self) -> Self {
        self.items.iter_mut().for_each(Item::add_phase);
        self
    }

    /// Returns the parts of the output, and the call id of each.
    pub(crate) fn contents(&self) -> impl Iterator<Item = (&Content, &str)> {
        self.items.iter().map(|item| (item.content(), item.call_id()))
    }

    pub(crate) fn output_tokens(&self) -> usize {
        self.items.iter().map(|item| item.chunks().len()).sum()
    }

    fn reasoning_tokens(&self) -> usize {
        let reasoning = self.items.iter().filter(|item| matches!(item.content(), Content::Reasoning { .. }));
        reasoning.map(|item| item.chunks().len()).sum()
    }

    /// Returns the events of protocol §8.3 in order.
    pub(crate) fn events(&self, dialect: EventFormat) -> Vec<Event> {
        let in_progress = self.response("in_progress", &json!([]));
        let mut events = vec![
            json!({ "type": "response.created", "response": in_progress }),
            json!({ "type": "response.in_progress", "response": in_progress }),
        ];
        events.extend(self.items.iter().enumerate().flat_map(|(index, item)| item.events(index)));
        let last = match dialect {
            EventFormat::Codex | EventFormat::PublicWithoutOutput => self.response("completed", &json!([])),
            EventFormat::Public => self.to_response(),
        };
        events.push(json!({ "type": "response.completed", "response": last }));
        if dialect != EventFormat::Codex {
            for (number, event) in events.iter_mut().enumerate() {
                event["sequence_number"] = number.into();
            }
        }
        events.iter().map(sse_event).collect()
    }

    /// Returns the non-streaming response.
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

/// Returns an SSE event with the name of its `type`; clients read the `type` (protocol §8.3).
pub(crate) fn sse_event(data: &Value) -> Event {
    Event::default()
        .event(data["type"].as_str().unwrap_or("message"))
        .json_data(data)
        .expect("JSON becomes JSON")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{ModelOutput, Prompt};

    fn text(input: &Value) -> Value {
        let prompt = Prompt::from_responses(&json!({ "input": input }));
        ModelOutput::for_prompt(&prompt, "m", 0, &String::new).to_response()["output"][0]["content"][0]["text"]
            .take()
    }

    #[test]
    fn prompt_with_count_returns_numbers() {
        let input = json!([
            { "role": "user", "content": "count to 9" },
            { "role": "user", "content": [{ "type": "input_text", "text": "Count to 3, please" }] },
            { "role": "developer", "content": "count to 5" },
        ]);
        assert_eq!(text(&input), "1 2 3 ");
        assert_eq!(text(&json!("say ready")), "ready");
    }
}
