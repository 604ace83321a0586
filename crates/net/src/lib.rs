//! The one place that builds an HTTP client, so network policy stands once.
//!
//! - Only hosts of the list given at the start are spoken to; anything else is refused by name before a
//!   socket is opened. Redirects are never followed: a token request must not wander (RFC 9700 §4.12).
//! - `HTTPS_PROXY`, `NO_PROXY` and the system's proxy are honoured; loopback never goes through one.
//! - The OS trust store is the base and `SSL_CERT_FILE` adds to it.
//! - A failure says by code what kind it is, and whether the request can have left this computer.

mod answer;
mod call;
mod client;
mod envelope;
mod error;
mod hosts;
mod patience;
mod pieces;
mod proxy;
mod roots;

pub use answer::Answer;
pub use call::Call;
pub use client::{Environment, HttpClient};
pub use envelope::ErrorEnvelope;
pub use error::{Dispatch, NetError};
pub use hosts::AllowedHosts;
pub use http::{HeaderMap, StatusCode};
pub use proxy::ProxyInForce;
