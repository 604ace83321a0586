//! Sign in with `ChatGPT`, with plan usage (siwc): each rule, and the requests of clients that others wrote.

mod api;
mod authorize;
mod control;
mod errors;
mod id_token;
mod refresh;
mod replay;
mod responses;
mod returning;
mod revoke;
mod support;
mod token;
