//! Helpers of the tests of the built programs: a separate home, running the program in it, signing in, and the search
//! for leaked secrets.

#![allow(
    clippy::disallowed_methods,
    reason = "tests compare with the real clock and are configured by the environment"
)]

mod free_port;
mod gateway;
mod home;
mod kill_at;
mod program;
mod recording_proxy;
mod secrets;
mod sign_in;
mod terminal;

pub use free_port::free_port;
pub use gateway::{Gateway, Response, parse_response, request};
pub use home::Home;
pub use kill_at::KillAt;
pub use program::{Output, Running, usher};
pub use recording_proxy::RecordingProxy;
pub use secrets::Secrets;
pub use sign_in::{device_login, sign_in, signed_in};
pub use terminal::Terminal;
