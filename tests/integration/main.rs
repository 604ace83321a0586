//! The built `usher` against the sandbox, over real sockets.

#![allow(
    clippy::disallowed_methods,
    reason = "tests compare with the real clock and are configured by the environment"
)]

mod auth;
mod background;
mod cli;
mod docs;
mod fields;
mod gateway;
mod plan_usage;
mod providers;
mod settings;
