//! What the tests of the built programs share: a home of their own, the program run in it, and a person who signs in.

#![allow(
    clippy::disallowed_methods,
    reason = "tests stand outside: they compare with the real clock, and are told by the environment"
)]

mod home;
mod program;
mod sign_in;

pub use home::Home;
pub use program::{Ran, Running, usher};
pub use sign_in::{device_login, sign_in};
