//! The gateway, over real sockets.

#![allow(clippy::disallowed_methods, reason = "tests have no clock to inject")]

mod limits;
mod support;
mod translation;
