//! The gateway: programs of this computer that speak the Responses, Chat Completions or Messages API reach a
//! provider by it, with a pass, and never see what it signs in with.
//!
//! One request goes one way, and [`serve`](serve::Path::serve) reads as this list:
//!
//! 1. who knocks: a program that means this address, and no web page (`entry`);
//! 2. what is asked for, and in which dialect (`endpoint`);
//! 3. the pass (`pass`, [`GatewayHost::authenticate`]);
//! 4. the body, whole and of bearable size (`body`);
//! 5. where it goes: provider, account and model ([`GatewayHost::route`]);
//! 6. what it becomes there: untouched but for what must change, or translated (`plan`);
//! 7. there, and after a 401 once more with another token (`usher_upstream`), after reasoning that could not be opened
//!    once more without it (`sealed`);
//! 8. the answer, in the caller's dialect (`generate`); every refusal on the way too (`reply`).
//!
//! The crate cannot see a refresh token: it is given a [`GatewayHost`], and that gives it backends which ask a token
//! source for each request.

mod body;
mod collect;
mod conversation;
mod endpoint;
mod error_response;
mod forward;
#[cfg(fuzzing)]
pub mod fuzzing;
mod host;
mod io_timeout;
mod listener;
mod memory;
mod models;
mod origin;
mod pass;
mod pass_limiter;
mod plan;
mod rejected_reasoning;
mod request_log;
mod response_encoding;
mod response_stream;
mod service;
mod sse_frames;
mod stream_encoder;
mod token_count;

pub use host::{GatewayHost, PassRejected, Route};
pub use listener::{Gateway, Limits};
pub use request_log::{Outcome, RequestEnd, RequestLog, RequestRecord, TokenUsage};
