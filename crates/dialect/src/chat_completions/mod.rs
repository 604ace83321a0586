//! The Chat Completions API, translated to the Responses API and from it.
//!
//! - `request_in`, `response_out`: a caller speaks Chat Completions.
//! - `request_out`, `response_in`: the provider has nothing but Chat Completions.
//! - [`ChatProbe`] and [`ChatProbeReader`] send one short question to test a provider.

mod finish_reason;
pub(crate) mod open_reasoning;
mod probe_reader;
mod probe_request;
mod request_in;
mod request_out;
mod response_in;
mod response_out;
mod stream_of_body;
mod unsupported_fields;

pub use open_reasoning::{OPEN_REASONING, is_open_reasoning};
pub use probe_reader::ChatProbeReader;
pub use probe_request::ChatProbe;
pub use request_in::translate::to_responses;
pub use request_out::translate::from_responses;
pub use response_in::stream::ChatCompletionsReader;
pub use response_out::non_streaming::translate_response;
pub use response_out::stream::ChatCompletionsWriter;

pub use stream_of_body::stream_of_body;

pub use crate::responses::translate_error;
