//! Why an answer ended, and what it cost.

use serde::Serialize;

use super::state::ResponseState;
use crate::responses::event::{Response, TokenUsage};

/// Reasons of `incomplete_details` and what the API calls them; the last two are in no types of `openai` 6.49.0, but
/// are the words of its error codes. Others mean that the answer was cut short by a limit.
const REASONS: &[(&str, &str)] = &[
    ("max_output_tokens", "max_tokens"),
    ("content_filter", "refusal"),
    ("context_length_exceeded", "model_context_window_exceeded"),
    ("model_context_window_exceeded", "model_context_window_exceeded"),
];

/// The `delta` of `message_delta`, and the same fields of a whole message.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct StopInfo {
    stop_reason: Option<&'static str>,
    stop_sequence: Option<String>,
    stop_details: Option<Refusal>,
    /// Always none: the backend runs no code.
    container: Option<&'static str>,
}

/// More on a refusal: the backend does not say what it is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename = "refusal")]
struct Refusal {
    category: Option<&'static str>,
    explanation: Option<&'static str>,
}

/// What an answer cost, as `message_delta` tells it: totals, which stand for those of `message_start`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Usage {
    /// Read, those of the cache left out.
    input_tokens: u64,
    /// Not told by the backend, whose cache fills by itself.
    cache_creation_input_tokens: u64,
    cache_read_input_tokens: u64,
    output_tokens: u64,
    output_tokens_details: ThinkingTokenDetails,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_tool_use: Option<Searched>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
struct ThinkingTokenDetails {
    thinking_tokens: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Searched {
    web_search_requests: u64,
    web_fetch_requests: u64,
}

impl StopInfo {
    /// How the answer that came to `blocks` ended.
    pub(crate) fn of(state: &ResponseState, response: &Response<'_>, complete: bool) -> Self {
        let stop_sequence = state.stop.hit().map(str::to_owned);
        let stop_reason = if stop_sequence.is_some() {
            "stop_sequence"
        } else if !complete {
            cut_short(response)
        } else if state.has_refusal {
            "refusal"
        } else if state.has_tool_call {
            "tool_use"
        } else {
            "end_turn"
        };
        let refusal = (stop_reason == "refusal").then_some(Refusal { category: None, explanation: None });
        Self { stop_reason: Some(stop_reason), stop_sequence, stop_details: refusal, container: None }
    }
}

fn cut_short(response: &Response<'_>) -> &'static str {
    let reason = response.incomplete_details.as_ref().and_then(|details| details.reason.as_deref());
    let known = REASONS.iter().find(|(theirs, _)| Some(*theirs) == reason);
    known.map_or("max_tokens", |(_, ours)| ours)
}

impl Usage {
    /// What `response` cost, with as many searches.
    pub(crate) fn of(response: &Response<'_>, searches: u64) -> Self {
        let tokens: TokenUsage = response.usage.unwrap_or_default();
        let cached = tokens.input_tokens_details.cached_tokens.min(tokens.input_tokens);
        Self {
            input_tokens: tokens.input_tokens - cached,
            cache_creation_input_tokens: 0,
            cache_read_input_tokens: cached,
            output_tokens: tokens.output_tokens,
            output_tokens_details: ThinkingTokenDetails {
                thinking_tokens: tokens.output_tokens_details.reasoning_tokens,
            },
            server_tool_use: (searches > 0)
                .then_some(Searched { web_search_requests: searches, web_fetch_requests: 0 }),
        }
    }
}
