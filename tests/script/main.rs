//! The built command line as a script uses it, against the sandbox, over real sockets.

#![allow(
    clippy::disallowed_methods,
    reason = "tests stand outside: they compare with the real clock, and are told by the environment"
)]

mod failures;
mod leaks;
mod main_job;
mod settings;
mod support;
