//! Sign-in, refresh, revocation and the store, over real sockets against the sandbox.

#![expect(
    clippy::print_stdout,
    reason = "a test that cannot run prints why, and helper processes report on stdout"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "the real clock is moved here, and helper processes get their task from the environment"
)]

mod external;
mod plan_usage;
mod sign_in;
mod store;
mod support;
mod tokens;
mod transfer;
