//! Events of a Responses stream and what they carry: how they are read, and which of them others may see.

pub(crate) mod call_arguments;
pub(crate) mod commentary;
pub(crate) mod event;
pub(crate) mod item;
pub(crate) mod item_places;
pub(super) mod public_events;
pub(super) mod reader;
pub(crate) mod token_usage;
