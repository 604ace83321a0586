//! The backend's client against the sandbox, over real sockets.

#![expect(clippy::disallowed_methods, reason = "a date is compared with the real clock")]

mod errors;
mod foreign_server;
mod forward;
mod lists;
mod plan_usage;
mod probe;
mod support;
mod unauthorized;
