//! Sign in with `ChatGPT`, against the sandbox.

mod id_token;
mod registrations;
