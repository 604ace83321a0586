//! Encodes a response as a stream of the public Responses API.

mod event_emitter;
mod item_builder;
pub(crate) mod writer;
