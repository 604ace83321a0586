//! The token counts that a provider reports in its response.

use serde::Deserialize;
use usher_dialect::responses::ReportedUsage;

use crate::request_log::TokenCounts;
use crate::response::encode::event_reader::token_counts;

/// Returns the counts of the last event of the Responses API; `None` for any other event.
pub(crate) fn of_event(kind: &str, data: &[u8]) -> Option<TokenCounts> {
    if !matches!(kind, "response.completed" | "response.done" | "response.incomplete") {
        return None;
    }
    let event: LastEvent = serde_json::from_slice(data).ok()?;
    event.response.usage.as_ref().map(token_counts)
}

/// Returns the counts of a chunk of the Chat Completions API, if it has any.
pub(crate) fn of_chunk(data: &[u8]) -> Option<TokenCounts> {
    memchr::memmem::find(data, br#""usage":{"#)?;
    of_body(data)
}

/// Returns the counts of a complete body of either API.
pub(crate) fn of_body(body: &[u8]) -> Option<TokenCounts> {
    let body: ReportedUsage = serde_json::from_slice(body).ok()?;
    body.usage.as_ref().map(token_counts)
}

/// The last event of the Responses API.
#[derive(Deserialize)]
struct LastEvent {
    response: ReportedUsage,
}
