//! The request of a connection test.

use serde::Serialize;

/// One short question, without any field that such services are known to reject: all of them have `model`,
/// `messages` and `stream`.
#[derive(Debug, Serialize)]
pub struct ChatProbe<'a> {
    model: &'a str,
    messages: [Message<'a>; 2],
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

impl<'a> ChatProbe<'a> {
    /// Asks `model` the question `words`, with `instructions`. The role is `system`, which older services know;
    /// newer ones treat it as `developer`.
    pub fn new(model: &'a str, instructions: &'a str, words: &'a str) -> Self {
        let messages =
            [Message { role: "system", content: instructions }, Message { role: "user", content: words }];
        Self { model, messages, stream: true, reasoning_effort: None }
    }

    /// Sets the reasoning effort; without one the model uses its default.
    #[must_use]
    pub fn effort(mut self, effort: Option<&'a str>) -> Self {
        self.reasoning_effort = effort;
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::ChatProbe;

    #[test]
    fn probe_body_has_only_common_fields() {
        let messages = json!([
            { "role": "system", "content": "Be short." }, { "role": "user", "content": "Hi?" },
        ]);
        let body = serde_json::to_value(ChatProbe::new("m", "Be short.", "Hi?")).unwrap();
        assert_eq!(body, json!({ "model": "m", "messages": messages, "stream": true }));
        let body = serde_json::to_value(ChatProbe::new("m", "i", "w").effort(Some("high"))).unwrap();
        assert_eq!(body["reasoning_effort"], "high");
    }
}
