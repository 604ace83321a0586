//! A provider's Chat Completions stream as Responses events.

pub(crate) mod stream;
mod tool_calls;
mod types;
