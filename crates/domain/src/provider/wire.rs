//! The API that a service speaks.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The OpenAI API that a service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Wire {
    /// The Responses API.
    Responses,
    /// The Chat Completions API.
    ChatCompletions,
}
