//! What an answer means, in whichever API and form it comes.

use std::collections::BTreeMap;

use serde_json::Value;

/// How an answer ended.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It did not.
    #[default]
    None,
    /// The answer is complete.
    Stop,
    /// The caller has to run the calls.
    Calls,
    /// The answer is too long.
    Length,
}

/// The meaning of an answer.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Meaning {
    pub(crate) text: String,
    pub(crate) thinking: String,
    /// The arguments of each call.
    pub(crate) calls: Vec<String>,
    pub(crate) end: End,
    pub(crate) error: Option<String>,
}

impl Meaning {
    /// Returns the meaning of an answer that is a text.
    pub(crate) fn text(text: &str) -> Self {
        Self { text: text.into(), end: End::Stop, ..Self::default() }
    }

    /// Returns the meaning of an answer that is one call.
    pub(crate) fn call(arguments: &str) -> Self {
        Self { calls: vec![arguments.into()], end: End::Calls, ..Self::default() }
    }

    /// Reads a body.
    pub(crate) fn of_body(body: &Value) -> Self {
        let mut meaning = Self::default();
        meaning.read_error(body);
        match body["object"].as_str() {
            Some("response") => meaning.read_response(body, true),
            Some("chat.completion") => meaning.read_completion(body),
            _ => meaning.read_message(body),
        }
        meaning
    }

    /// Reads the events of a stream.
    pub(crate) fn of_events(events: &[Value]) -> Self {
        let (mut meaning, mut calls) = (Self::default(), BTreeMap::new());
        for event in events {
            meaning.read_error(event);
            match word(&event["type"]) {
                "" => meaning.read_chunk(event, &mut calls),
                "response.output_text.delta" => meaning.text += word(&event["delta"]),
                "response.reasoning_summary_text.delta" => meaning.thinking += word(&event["delta"]),
                "response.completed" | "response.incomplete" | "response.failed" => {
                    meaning.read_error(&event["response"]);
                    meaning.read_response(&event["response"], false);
                }
                _ => meaning.read_message_event(event, &mut calls),
            }
        }
        meaning.calls.extend(calls.into_values());
        meaning
    }

    fn read_error(&mut self, event: &Value) {
        if event["error"].is_object() {
            self.error = Some(word(&event["error"]["message"]).to_owned());
        }
    }

    fn read_response(&mut self, response: &Value, with_text: bool) {
        for item in list(&response["output"]) {
            let parts = list(&item["content"]).chain(list(&item["summary"]));
            for part in parts.filter(|_| with_text) {
                let text = if item["type"] == "reasoning" { &mut self.thinking } else { &mut self.text };
                *text += word(&part["text"]);
            }
            if item["type"] == "function_call" {
                self.calls.push(word(&item["arguments"]).to_owned());
            }
        }
        self.end = match word(&response["status"]) {
            "completed" if self.calls.is_empty() => End::Stop,
            "completed" => End::Calls,
            "incomplete" => End::Length,
            _ => End::None,
        };
    }

    fn read_completion(&mut self, body: &Value) {
        let message = &body["choices"][0]["message"];
        self.text += word(&message["content"]);
        self.thinking += word(&message["reasoning_content"]);
        let calls = list(&message["tool_calls"]);
        self.calls.extend(calls.map(|call| word(&call["function"]["arguments"]).to_owned()));
        self.read_end(&body["choices"][0]["finish_reason"]);
    }

    fn read_chunk(&mut self, chunk: &Value, calls: &mut BTreeMap<u64, String>) {
        for choice in list(&chunk["choices"]) {
            let delta = &choice["delta"];
            self.text += word(&delta["content"]);
            self.thinking += word(&delta["reasoning_content"]);
            for call in list(&delta["tool_calls"]) {
                let index = call["index"].as_u64().unwrap_or_default();
                *calls.entry(index).or_default() += word(&call["function"]["arguments"]);
            }
            self.read_end(&choice["finish_reason"]);
        }
    }

    fn read_message(&mut self, body: &Value) {
        for block in list(&body["content"]) {
            self.text += word(&block["text"]);
            self.thinking += word(&block["thinking"]);
            if block["type"] == "tool_use" {
                self.calls.push(block["input"].to_string());
            }
        }
        self.read_end(&body["stop_reason"]);
    }

    fn read_message_event(&mut self, event: &Value, calls: &mut BTreeMap<u64, String>) {
        let index = event["index"].as_u64().unwrap_or_default();
        if event["content_block"]["type"] == "tool_use" {
            calls.insert(index, String::new());
        }
        self.text += word(&event["delta"]["text"]);
        self.thinking += word(&event["delta"]["thinking"]);
        if let Some(call) = calls.get_mut(&index) {
            *call += word(&event["delta"]["partial_json"]);
            // SDKs read no input as an empty one.
            if event["type"] == "content_block_stop" && call.is_empty() {
                call.push_str("{}");
            }
        }
        self.read_end(&event["delta"]["stop_reason"]);
    }

    fn read_end(&mut self, reason: &Value) {
        self.end = match word(reason) {
            "stop" | "end_turn" => End::Stop,
            "tool_calls" | "tool_use" => End::Calls,
            "length" | "max_tokens" => End::Length,
            _ => self.end,
        };
    }
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
