//! Sign-in, renewal, revocation and the store, over real sockets against the stand-in for OpenAI.

#![expect(
    clippy::print_stdout,
    reason = "a test that cannot run says so, and helpers talk over their output"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "the real clock is moved here, and helpers are told by the environment what to do"
)]

mod external;
mod sign_in;
mod store;
mod support;
mod tokens;
