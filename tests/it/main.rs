//! The built `usher` against the sandbox, over real sockets.

#![allow(
    clippy::disallowed_methods,
    reason = "tests stand outside: they compare with the real clock, and are told by the environment"
)]

mod disconnect;
mod fields;
mod for_people;
mod kill_loop;
mod main_path;
mod one_writer;
mod refusals;
mod settings;
mod store;
mod wrong_usage;
