//! A Responses response as a message, streamed or not.

mod block_writer;
mod blocks;
mod item;
pub(crate) mod non_streaming;
mod state;
mod stop_reason;
mod stop_sequences;
pub(crate) mod stream;
mod web_search;
