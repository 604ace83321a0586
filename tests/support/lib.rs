//! What the tests of the built programs share: a home of their own, the program run in it, a person who signs in, and
//! the search for what must not be left behind.

#![allow(
    clippy::disallowed_methods,
    reason = "tests stand outside: they compare with the real clock, and are told by the environment"
)]

mod gateway;
mod home;
mod program;
mod secrets;
mod sign_in;
mod wire;

pub use gateway::{Answer, Gateway, request};
pub use home::Home;
pub use program::{Ran, Running, usher};
pub use secrets::Secrets;
pub use sign_in::{device_login, sign_in, signed_in};
pub use wire::Wire;
