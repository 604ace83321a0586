//! Forwards a stream in the provider's own dialect.

mod chat_choices;
pub(crate) mod error_event;
pub(crate) mod forwarder;
mod kept_items;
mod output_events;
mod response_head;
mod sequence_numbers;
mod sse_frames;
pub(crate) mod usage;
pub(crate) mod usage_scanner;
