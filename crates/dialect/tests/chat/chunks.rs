//! Reads a stream of chat completion chunks as a client does, and checks its rules.

use serde_json::{Value, json};
use usher_dialect::translate::ResponseOptions;

use crate::streams::data;

/// A completion collected from its stream.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Completion {
    pub(crate) content: String,
    pub(crate) refusal: String,
    pub(crate) reasoning: String,
    /// Id, name, and arguments or input.
    pub(crate) calls: Vec<(String, String, String)>,
    pub(crate) finish_reason: Option<String>,
    pub(crate) usage: Option<Value>,
    pub(crate) error: Option<Value>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Collects a stream and checks each rule that clients rely on.
pub(crate) fn read(stream: &[u8], options: &ResponseOptions) -> Completion {
    let mut data = data(stream);
    let mut completion = Completion::default();
    let last = data.pop().expect("something is written");
    if last != "[DONE]" {
        completion.error = Some(serde_json::from_str::<Value>(&last).unwrap()["error"].clone());
        assert!(completion.error.as_ref().unwrap()["message"].is_string(), "{last}");
    }
    let mut head = None;
    for chunk in data {
        let chunk: Value = serde_json::from_str(&chunk).unwrap();
        assert_eq!(chunk["object"], "chat.completion.chunk");
        let this = (chunk["id"].clone(), chunk["created"].clone(), chunk["model"].clone());
        assert!(this.0.is_string() && this.1.is_u64() && this.2.is_string(), "{chunk}");
        let first = head.is_none();
        assert_eq!(*head.get_or_insert_with(|| this.clone()), this, "all chunks are of one completion");
        assert_eq!(chunk.get("usage").is_some(), options.include_usage);
        match chunk["choices"].as_array().unwrap().as_slice() {
            [choice] => {
                assert!(chunk["usage"].is_null() && completion.usage.is_none());
                completion.add(choice, first, options);
            }
            [] => {
                assert!(completion.finish_reason.is_some(), "usage comes last");
                completion.usage = Some(chunk["usage"].clone());
            }
            _ => panic!("one choice: {chunk}"),
        }
    }
    assert!(completion.error.is_some() || completion.finish_reason.is_some(), "it ended without a reason");
    completion
}

impl Completion {
    fn add(&mut self, choice: &Value, first: bool, options: &ResponseOptions) {
        assert!(self.finish_reason.is_none(), "nothing follows the end: {choice}");
        assert_eq!(choice["index"], 0);
        let delta = choice["delta"].as_object().unwrap();
        assert_eq!(delta.contains_key("role"), first, "the role comes first, and once");
        self.content += &text(&choice["delta"]["content"]);
        self.refusal += &text(&choice["delta"]["refusal"]);
        self.reasoning += &text(&choice["delta"]["reasoning_content"]);
        for call in delta.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
            // Custom tools are newer than `function_call`: a caller of the one has none of the other.
            if !options.legacy_function_call {
                self.call(call);
            }
        }
        if let Some(call) = delta.get("function_call") {
            assert!(options.legacy_function_call);
            if call.get("name").is_some() {
                assert!(self.calls.is_empty(), "there is room for one");
                self.calls.push((String::new(), text(&call["name"]), String::new()));
            }
            self.calls[0].2 += &text(&call["arguments"]);
        }
        self.finish_reason = choice["finish_reason"].as_str().map(String::from);
        if self.finish_reason.is_some() {
            assert_eq!(choice["delta"], json!({}));
        }
    }

    fn call(&mut self, call: &Value) {
        let index = usize::try_from(call["index"].as_u64().unwrap()).unwrap();
        let custom = call["type"] == "custom";
        let tool = &call[if custom { "custom" } else { "function" }];
        if index == self.calls.len() {
            assert!(call["id"].is_string() && call["type"].is_string() && tool["name"].is_string(), "{call}");
            self.calls.push((text(&call["id"]), text(&tool["name"]), String::new()));
        } else {
            assert!(
                call.get("id").is_none() && tool.get("name").is_none(),
                "id and name are sent once: {call}"
            );
        }
        self.calls[index].2 += &text(&tool[if custom { "input" } else { "arguments" }]);
    }

    /// Reads a completion that was not streamed.
    pub(crate) fn from_complete(completion: &Value) -> Self {
        assert_eq!(completion["object"], "chat.completion");
        let choice = &completion["choices"][0];
        let message = &choice["message"];
        assert_eq!(message["role"], "assistant");
        let mut calls = Vec::new();
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            let custom = call["type"] == "custom";
            let tool = &call[if custom { "custom" } else { "function" }];
            let sent = text(&tool[if custom { "input" } else { "arguments" }]);
            calls.push((text(&call["id"]), text(&tool["name"]), sent));
        }
        if let Some(call) = message.get("function_call") {
            calls.push((String::new(), text(&call["name"]), text(&call["arguments"])));
        }
        Self {
            content: text(&message["content"]),
            refusal: text(&message["refusal"]),
            reasoning: text(&message["reasoning_content"]),
            calls,
            finish_reason: choice["finish_reason"].as_str().map(String::from),
            usage: completion.get("usage").cloned(),
            error: None,
        }
    }
}
