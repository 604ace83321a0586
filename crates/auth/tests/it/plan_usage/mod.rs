//! Sign in with `ChatGPT`, against the sandbox.

mod earliest_refresh;
mod exchange;
mod id_token;
mod refresh_window;
mod registrations;
mod sign_in;
mod support;
mod tokens;
