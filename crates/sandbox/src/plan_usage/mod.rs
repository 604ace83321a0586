//! Sign in with `ChatGPT`, with the person's plan paying for requests: the second issuer, and the API for its tokens (siwc §0).
//!
//! It shares the origin with the first issuer and the Platform, as the real ones do: they differ in paths and tokens only.

mod access_token;
pub(crate) mod api;
mod constants;
pub(crate) mod control;
pub(crate) mod error;
pub(crate) mod issuer;
pub(crate) mod registrations;
pub(crate) mod settings;
pub(crate) mod state;

pub(crate) use access_token::is_access_token;
