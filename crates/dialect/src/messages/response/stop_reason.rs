//! Why a response ended, and its usage.

use serde::Serialize;

use super::state::ResponseState;
use crate::responses::events::event::Response;
use crate::responses::events::token_usage::TokenUsage;

/// The reasons of `incomplete_details` and their names in the API. The last two are not in the types of `openai`
/// 6.49.0 but are its error codes. Other reasons mean that a limit cut the response short.
const REASONS: &[(&str, &str)] = &[
    ("max_output_tokens", "max_tokens"),
    ("content_filter", "refusal"),
    ("context_length_exceeded", "model_context_window_exceeded"),
    ("model_context_window_exceeded", "model_context_window_exceeded"),
];

/// The `delta` of `message_delta`, and the same fields of a complete message.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct StopInfo {
    stop_reason: Option<&'static str>,
    stop_sequence: Option<String>,
    stop_details: Option<Refusal>,
    /// Always null: the backend runs no code.
    container: Option<&'static str>,
}

/// The details of a refusal: the backend gives none.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename = "refusal")]
struct Refusal {
    category: Option<&'static str>,
    explanation: Option<&'static str>,
}

/// The usage of a response, as in `message_delta`: totals, which replace those of `message_start`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct MessageUsage {
    /// Input tokens, without cached ones.
    input_tokens: u64,
    /// Always 0: the backend fills its cache by itself and does not report it.
    cache_creation_input_tokens: u64,
    cache_read_input_tokens: u64,
    output_tokens: u64,
    output_tokens_details: ThinkingTokenDetails,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_tool_use: Option<ServerToolUse>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
struct ThinkingTokenDetails {
    thinking_tokens: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct ServerToolUse {
    web_search_requests: u64,
    web_fetch_requests: u64,
}

impl StopInfo {
    /// Returns how a response ended.
    pub(crate) fn of(state: &ResponseState, response: &Response<'_>, complete: bool) -> Self {
        let stop_sequence = state.stop.hit().map(str::to_owned);
        let stop_reason = if stop_sequence.is_some() {
            "stop_sequence"
        } else if !complete {
            incomplete_reason(response)
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

fn incomplete_reason(response: &Response<'_>) -> &'static str {
    let reason = response.incomplete_details.as_ref().and_then(|details| details.reason.as_deref());
    let known = REASONS.iter().find(|(theirs, _)| Some(*theirs) == reason);
    known.map_or("max_tokens", |(_, ours)| ours)
}

impl MessageUsage {
    /// Returns the usage of `response`, with the number of searches.
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
                .then_some(ServerToolUse { web_search_requests: searches, web_fetch_requests: 0 }),
        }
    }
}
