//! Turns the provider's response into the client's.

pub(crate) mod body;
pub(crate) mod chat_choices;
pub(crate) mod collect;
pub(crate) mod encode;
pub(crate) mod encoding;
pub(crate) mod error;
pub(crate) mod event_reader;
pub(crate) mod forward;
pub(crate) mod kept_items;
pub(crate) mod response_head;
pub(crate) mod sequence_numbers;
pub(crate) mod size_limit;
pub(crate) mod sse_frames;
pub(crate) mod step;
pub(crate) mod stream;
pub(crate) mod usage;
