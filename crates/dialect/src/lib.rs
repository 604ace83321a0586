//! Wire formats; pure on purpose: the manifest has no async runtime and no sockets, so everything here is
//! tested by feeding bytes.
//!
//! - [`sse`] cuts a stream of bytes into events, wherever the bytes were split on their way.
//! - [`responses`] is the `OpenAI` Responses API, the hub: a request in another dialect becomes one of its
//!   requests, and its events become an answer in that dialect. The same dialect on both sides is never taken
//!   apart; that is forwarding, and no codec's business.
//! - [`chat_completions`] crosses to the hub and from it, because some services speak nothing else.
//! - [`messages`] crosses to the hub: the Anthropic Messages API, which Claude Code speaks.
//! - [`crossing`] is what codecs take and give; [`json`] and [`members`] carry what needs no look inside.

pub mod chat_completions;
pub mod crossing;
pub mod json;
pub mod members;
pub mod messages;
mod object;
mod reply;
pub mod responses;
pub mod sse;

pub use reply::{Ending, Reply, Unreadable};
