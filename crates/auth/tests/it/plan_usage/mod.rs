//! Sign in with `ChatGPT`, against the sandbox.

mod registrations;
