//! A provider's Chat Completions stream as Responses events.

mod half_character;
pub(crate) mod stream;
mod tool_calls;
mod types;
