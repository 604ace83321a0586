//! Sign-in, renewal, revocation and the store, over real sockets against the stand-in for OpenAI.

#![expect(
    clippy::print_stdout,
    reason = "a test that cannot run says so, and helpers talk over their output"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "the real clock is moved here, and helpers are told by the environment what to do"
)]

mod browser_sign_in;
mod callback;
mod concurrent_processes;
mod device;
mod external;
mod keyring;
mod lock;
mod oidc;
mod refresh;
mod refresh_failures;
mod revocation;
mod store;
mod support;
mod token_exchange;
