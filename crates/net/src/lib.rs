//! The one place that builds an HTTP client, so network policy stands once.
//!
//! - Only hosts of the list given at the start are spoken to; anything else is refused by name before a
//!   socket is opened. Redirects are never followed: a token request must not wander (RFC 9700 §4.12).
//! - `HTTPS_PROXY`, `NO_PROXY` and the system's proxy are honoured; loopback never goes through one.
//! - The OS trust store is the base and `SSL_CERT_FILE` adds to it.
//! - A failure says by code what kind it is, and whether the request can have left this computer.

mod allowed_hosts;
mod chunked_body;
mod client;
mod error;
mod error_body;
mod proxy;
mod request;
mod response;
mod timeout;
mod trust_roots;

pub use allowed_hosts::AllowedHosts;
pub use client::{HttpClient, NetworkConfig};
pub use error::{Delivery, NetError};
pub use error_body::ErrorBody;
pub use http::{HeaderMap, StatusCode};
pub use proxy::ProxySettings;
pub use request::HttpRequest;
pub use response::HttpResponse;
