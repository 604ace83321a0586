//! Sends requests to the server of a provider: lists of models, usage, the connection test, and requests of other
//! programs.
//!
//! Every request takes the same path: [`Backend`] takes a token from its
//! [`TokenSource`](usher_domain::ports::TokenSource), builds the address below the base that the token was made for,
//! sends, and after a 401 tries once more with another token. An error becomes a [`Failure`](usher_domain::Failure) by
//! the fields of the response, never by the text of a message. Limits and the `ETag` of the model list, which any
//! response may carry, go to the [`Observer`].
//!
//! The rules have their sources: `protocol §N` and `siwc §N` are sections of the pages in `docs/protocol`, the second of
//! Sign in with ChatGPT.

mod backend;
mod forward;
mod models;
mod observer;
mod probe;
mod request;
mod response;
mod usage;

/// Applies the rules of the Codex backend to a body, for the targets in `fuzz/`.
#[cfg(fuzzing)]
pub fn fit_for_fuzzing(body: &mut usher_dialect::json::RawObject<'_>) -> bool {
    use request::{body_rules, body_tables};

    body_rules::apply(body_tables::CHATGPT, ForwardEndpoint::Responses, body).is_ok()
}

pub use backend::{Backend, BackendConfig, Timeouts};
pub use forward::{ForwardRequest, ForwardResponse};
pub use models::catalog::{ModelList, RawCatalog};
pub use observer::{ObservedUsage, Observer};
pub use request::backend_rules::{
    BackendRules, CODEX_BACKEND, COMPATIBLE_SERVER, OPENAI_PLATFORM, PLAN_USAGE,
};
pub use request::endpoint::ForwardEndpoint;
pub use response::upstream_error::{UpstreamError, UpstreamErrorBody};
