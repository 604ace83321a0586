//! The HTTP client, the only one that Usher builds, so that there is one network policy.
//!
//! - Requests are sent to allowed hosts only; others are rejected by name before a socket is opened. Redirects
//!   are never followed: a token request must not reach another host (RFC 9700 §4.12).
//! - `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` (also with SOCKS) and `NO_PROXY` win over what the person chose, and that over
//!   the system's proxy; loopback never goes through one.
//! - The OS trust store is the base; `SSL_CERT_FILE`, `SSL_CERT_DIR` and the person's file add to it.
//! - An error has a code, and states whether the request can have left this computer.

mod allowed_hosts;
mod chunked_body;
mod client;
mod error;
mod error_body;
mod no_proxy;
mod proxy;
mod proxy_choice;
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
pub use proxy_choice::{InvalidProxy, ProxyAddress, ProxyChoice, ProxyPreference};
pub use request::HttpRequest;
pub use response::HttpResponse;
pub use trust_roots::check_certificate_file;
