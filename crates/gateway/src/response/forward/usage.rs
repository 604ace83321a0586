//! The token counts that a provider reports in its response.

use serde::Deserialize;

use crate::request_log::TokenCounts;

/// Returns the counts of the last event of the Responses API; `None` for any other event.
pub(crate) fn of_event(kind: &str, data: &[u8]) -> Option<TokenCounts> {
    if !matches!(kind, "response.completed" | "response.done" | "response.incomplete") {
        return None;
    }
    let event: LastEvent = serde_json::from_slice(data).ok()?;
    event.response.usage.map(TokenCounts::from)
}

/// Returns the counts of a chunk of the Chat Completions API, if it has any.
pub(crate) fn of_chunk(data: &[u8]) -> Option<TokenCounts> {
    memchr::memmem::find(data, br#""usage":{"#)?;
    of_body(data)
}

/// Returns the counts of a complete body of either API.
pub(crate) fn of_body(body: &[u8]) -> Option<TokenCounts> {
    serde_json::from_slice(body).map(|body: Body| body.usage.into()).ok()
}

/// The last event of the Responses API.
#[derive(Deserialize)]
struct LastEvent {
    response: LastResponse,
}

#[derive(Deserialize)]
struct LastResponse {
    usage: Option<Usage>,
}

/// A body, or a chunk of the Chat Completions API.
#[derive(Deserialize)]
struct Body {
    usage: Usage,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(alias = "prompt_tokens")]
    input_tokens: u64,
    #[serde(alias = "completion_tokens")]
    output_tokens: u64,
}

impl From<Usage> for TokenCounts {
    fn from(usage: Usage) -> Self {
        Self { input: usage.input_tokens, output: usage.output_tokens }
    }
}
