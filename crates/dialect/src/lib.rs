//! Wire formats; pure on purpose: the manifest has no async runtime and no sockets, so everything here is
//! tested by feeding bytes.
//!
//! - [`sse`] cuts a stream of bytes into events, wherever the bytes were split on their way.
//! - [`responses`] is the part of the `OpenAI` Responses API that asking one question needs.

pub mod responses;
pub mod sse;
