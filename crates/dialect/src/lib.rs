//! Wire formats; pure on purpose: the manifest has no async runtime and no sockets, so everything here is
//! tested by feeding bytes.
//!
//! - [`sse`] cuts a stream of bytes into events, wherever the bytes were split on their way.
//! - [`chat_completions`] is the part of the Chat Completions API that asking one question needs.
//! - [`responses`] is the part of the `OpenAI` Responses API that asking one question needs.

pub mod chat_completions;
mod reply;
pub mod responses;
pub mod sse;

pub use reply::{Ending, Reply, Unreadable};
