//! A Responses response as a chat completion, streamed or not.

mod chunk_writer;
mod completion;
mod item_progress;
pub(crate) mod non_streaming;
mod stop_sequences;
pub(crate) mod stream;
mod tool_call_delta;
