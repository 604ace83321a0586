//! A response in the public vocabulary of the Responses API.

mod event_emitter;
mod item_builder;
pub(crate) mod writer;
