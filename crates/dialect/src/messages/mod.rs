//! The Anthropic Messages API (`anthropic-version` 2023-06-01 and 2026-10-21), translated to the Responses API and back.
//!
//! - [`to_responses`] translates a request and lists what it cannot carry.
//! - [`MessagesWriter`] encodes the response as a stream, [`translate_response`] as one message, by the same rules.
//! - [`translate_error`] encodes an error.
//! - [`visit_countable`] visits everything in a request that the model reads, to count its tokens.

mod count_tokens;
mod error;
pub(crate) mod options;
mod request;
mod response;
mod signature;

pub use count_tokens::visit_countable;
pub use error::translate_error;
pub use options::MessageOptions;
pub(crate) use request::tool_names::sanitize_name;
pub use request::translate::{MessagesRequest, to_responses};
pub use response::non_streaming::translate_response;
pub use response::stream::MessagesWriter;
pub(crate) use signature::owner_tag;
