//! Speaks to the backend: which models there are, how much of the plan is used, one question to a model, and the
//! requests of other programs.
//!
//! A request goes one way: `Backend` takes a token from the [`TokenSource`](usher_domain::ports::TokenSource) it
//! was given, builds the address below that token's own endpoints, sends, and on a 401 asks once for another
//! token. Refusals become a [`Failure`](usher_domain::Failure) by the fields of the answer, never by its prose.
//! Whatever an answer says in passing about limits or the model list goes to the [`Observer`].
//!
//! The rules have their sources: `protocol §N` is a section of the protocol page in `docs/protocol`.

mod backend;
mod forward;
mod models;
mod observer;
mod probe;
mod request;
mod response;
mod usage;

/// Applies the table of the Codex backend to a body, for the targets in `fuzz/`.
#[cfg(fuzzing)]
pub fn fit_for_fuzzing(body: &mut usher_dialect::json::RawObject<'_>) -> bool {
    use request::body_rules;

    body_rules::apply(body_rules::CHATGPT, ForwardEndpoint::Responses, body).is_ok()
}

pub use backend::{Backend, Service, Timeouts};
pub use forward::{ForwardRequest, ForwardResponse};
pub use models::catalog::{ModelList, RawCatalog};
pub use observer::Observer;
pub use request::endpoint::ForwardEndpoint;
pub use response::upstream_error::{UpstreamError, UpstreamErrorBody};
