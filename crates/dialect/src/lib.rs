//! Wire formats. Pure on purpose: no async runtime and no sockets in the manifest, so everything here is tested by
//! feeding bytes.
//!
//! - [`sse`] parses a stream of bytes into events, however the bytes were split.
//! - [`responses`] is the `OpenAI` Responses API, the hub: a request in another dialect becomes a Responses request, and
//!   the Responses events become a response in that dialect. When both sides speak the same dialect nothing is
//!   translated: the gateway forwards the bytes.
//! - [`chat_completions`] is translated to the hub and from it, because some services have no other API.
//! - [`messages`] is translated to the hub: the Anthropic Messages API, which Claude Code speaks.
//! - [`translate`], [`response_writer`] and [`error`] hold the types that all dialects share; [`json`] carries values
//!   byte for byte.
//!
//! Reading a stream whose bytes are split anywhere:
//!
//! ```
//! use usher_dialect::sse::SseParser;
//!
//! let mut parser = SseParser::default();
//! let mut events = Vec::new();
//! for mut chunk in [&b"event: ping\nda"[..], b"ta: {}\n", b"\n"] {
//!     while let Some(event) = parser.next_event(&mut chunk)? {
//!         events.push((event.name.to_vec(), event.data.to_vec()));
//!     }
//! }
//! assert_eq!(events, [(b"ping".to_vec(), b"{}".to_vec())]);
//! # Ok::<(), usher_dialect::sse::EventTooLong>(())
//! ```
//!
//! Translating a Chat Completions request:
//!
//! ```
//! use usher_dialect::chat_completions::to_responses;
//! use usher_dialect::json::RawObject;
//! use usher_dialect::translate::Recipient;
//!
//! let body = br#"{"model":"any","seed":7,"messages":[{"role":"user","content":"Hi"}]}"#;
//! let recipient = Recipient { model: "gpt-6-sol", ..Recipient::default() };
//! let request = to_responses(&RawObject::parse(body)?, &recipient)?;
//! assert_eq!(request.body.get::<String>("model").as_deref(), Some("gpt-6-sol"));
//! assert_eq!(request.dropped, ["seed"]);
//! # Ok::<(), usher_dialect::error::BadRequest>(())
//! ```

mod call_ids;
pub mod chat_completions;
mod countable;
mod dropped_fields;
pub mod error;
mod error_in_body;
pub mod json;
pub mod json_body;
pub mod messages;
mod probe;
mod reasoning_effort;
pub mod response_writer;
pub mod responses;
pub mod sse;
mod tool_schema;
pub mod translate;

pub use countable::Countable;
pub use error_in_body::{StrayError, begins_answer, error_instead_of_answer};
pub use probe::{ProbeResponse, ResponseStatus, StreamParseError};
pub use reasoning_effort::substitute_effort;
