//! The request of a connection test.

use serde::Serialize;

use crate::reasoning_effort::wire_name;

/// One short question in the classic format of the backend (protocol §8.2).
///
/// It has no field that the backend rejects, such as `max_output_tokens`; the response is short because the
/// question asks for a short one.
#[derive(Debug, Serialize)]
pub struct ResponsesProbe<'a> {
    model: &'a str,
    /// Not empty: the classic format requires it (protocol §8.2).
    instructions: &'a str,
    input: [Message<'a>; 1],
    /// The backend stores nothing: `true` is rejected.
    store: bool,
    /// The backend always streams.
    stream: bool,
    /// Encrypted reasoning, which makes up for `store: false`. Models of other providers may have no reasoning.
    #[serde(skip_serializing_if = "Option::is_none")]
    include: Option<[&'static str; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Reasoning<'a>>,
}

#[derive(Debug, Serialize)]
struct Message<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    role: &'static str,
    content: [Part<'a>; 1],
}

#[derive(Debug, Serialize)]
struct Part<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    text: &'a str,
}

#[derive(Debug, Serialize)]
struct Reasoning<'a> {
    effort: &'a str,
}

impl<'a> ResponsesProbe<'a> {
    /// Asks `model` the question `words`, with `instructions`.
    pub fn new(model: &'a str, instructions: &'a str, words: &'a str) -> Self {
        let part = Part { kind: "input_text", text: words };
        Self {
            model,
            instructions,
            input: [Message { kind: "message", role: "user", content: [part] }],
            store: false,
            stream: true,
            include: None,
            reasoning: None,
        }
    }

    /// Requests the encrypted reasoning, as the first-party client does (protocol §8.2).
    #[must_use]
    pub fn with_encrypted_reasoning(mut self) -> Self {
        self.include = Some(["reasoning.encrypted_content"]);
        self
    }

    /// Sets the reasoning effort; without one the model uses its default. `ultra` is a name of the catalog only and
    /// is sent as `max` (protocol §7.1).
    #[must_use]
    pub fn effort(mut self, effort: Option<&'a str>) -> Self {
        self.reasoning = effort.map(|effort| Reasoning { effort: wire_name(effort) });
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::ResponsesProbe;

    #[test]
    fn probe_body_has_only_accepted_fields() {
        let body = serde_json::to_value(
            ResponsesProbe::new("gpt-6-sol", "Be short.", "Hi?").with_encrypted_reasoning(),
        )
        .unwrap();
        assert_eq!(
            body,
            json!({
                "model": "gpt-6-sol",
                "instructions": "Be short.",
                "input": [{
                    "type": "message",
                    "role": "user",
                    "content": [{ "type": "input_text", "text": "Hi?" }],
                }],
                "store": false,
                "stream": true,
                "include": ["reasoning.encrypted_content"],
            })
        );
    }

    #[test]
    fn effort_ultra_is_sent_as_max() {
        for (chosen, emitter) in [("high", "high"), ("ultra", "max"), ("max", "max")] {
            let body = serde_json::to_value(ResponsesProbe::new("m", "i", "w").effort(Some(chosen))).unwrap();
            assert_eq!(body["reasoning"], json!({ "effort": emitter }));
        }
        let body = serde_json::to_value(ResponsesProbe::new("m", "i", "w").effort(None)).unwrap();
        assert!(body.get("reasoning").is_none());
    }
}
