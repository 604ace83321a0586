//! The request body for one short question.

use serde::Serialize;

/// One question, with no field that a service of this kind is known to refuse: `model`, `messages` and `stream` are
/// what all of them have.
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
    /// Asks `model` for `words`, the way `instructions` say. The role is `system`, which older services know;
    /// newer ones take it for `developer`.
    pub fn new(model: &'a str, instructions: &'a str, words: &'a str) -> Self {
        let messages =
            [Message { role: "system", content: instructions }, Message { role: "user", content: words }];
        Self { model, messages, stream: true, reasoning_effort: None }
    }

    /// With this effort; without one the model takes its default.
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
    fn the_body_has_these_fields_and_no_others() {
        let messages = json!([
            { "role": "system", "content": "Be short." }, { "role": "user", "content": "Hi?" },
        ]);
        let body = serde_json::to_value(ChatProbe::new("m", "Be short.", "Hi?")).unwrap();
        assert_eq!(body, json!({ "model": "m", "messages": messages, "stream": true }));
        let body = serde_json::to_value(ChatProbe::new("m", "i", "w").effort(Some("high"))).unwrap();
        assert_eq!(body["reasoning_effort"], "high");
    }
}
