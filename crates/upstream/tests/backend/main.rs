//! The backend's client against the sandbox, over real sockets.

#![expect(clippy::disallowed_methods, reason = "a date is compared with the real clock")]

mod answers;
mod lists;
mod refusals;
mod support;
mod unauthorized;
