//! The request body for one short question.

use serde::Serialize;

/// One question in the classic form of the backend (protocol §8.2). It names no field that the backend
/// refuses, `max_output_tokens` above all; the answer is kept short by asking for a short one.
#[derive(Debug, Serialize)]
pub struct ResponsesProbe<'a> {
    model: &'a str,
    /// Not empty: the classic form needs it (protocol §8.2, corrections no. 12).
    instructions: &'a str,
    input: [Message<'a>; 1],
    /// The backend keeps nothing: `true` is refused.
    store: bool,
    /// The backend answers in no other way.
    stream: bool,
    /// What makes up for `store: false`: reasoning comes along, sealed. Not every model elsewhere has reasoning.
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
    /// Asks `model` for `words`, the way `instructions` say.
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

    /// Asks for the reasoning along with the answer, sealed, as the first-party client does (protocol §8.2).
    #[must_use]
    pub fn with_sealed_reasoning(mut self) -> Self {
        self.include = Some(["reasoning.encrypted_content"]);
        self
    }

    /// With this effort; without one the model takes its default. `ultra` is a name of the catalogue only
    /// and goes over the wire as `max` (protocol §7.1).
    #[must_use]
    pub fn effort(mut self, effort: Option<&'a str>) -> Self {
        let wire = |effort| if effort == "ultra" { "max" } else { effort };
        self.reasoning = effort.map(|effort| Reasoning { effort: wire(effort) });
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::ResponsesProbe;

    #[test]
    fn the_body_has_these_fields_and_no_others() {
        let body = serde_json::to_value(
            ResponsesProbe::new("gpt-6-sol", "Be short.", "Hi?").with_sealed_reasoning(),
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
    fn ultra_goes_over_the_wire_as_max() {
        for (chosen, emitter) in [("high", "high"), ("ultra", "max"), ("max", "max")] {
            let body = serde_json::to_value(ResponsesProbe::new("m", "i", "w").effort(Some(chosen))).unwrap();
            assert_eq!(body["reasoning"], json!({ "effort": emitter }));
        }
        let body = serde_json::to_value(ResponsesProbe::new("m", "i", "w").effort(None)).unwrap();
        assert!(body.get("reasoning").is_none());
    }
}
