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
mod backend_rules;
mod body_rules;
mod catalog;
mod error_response;
mod forward;
mod header_rules;
mod known_models;
mod limit_headers;
mod limits;
mod list_entries;
mod model_list;
mod observer;
mod probe;
mod redact_credentials;
mod retry_after;
mod usage;

/// Applies the table of the Codex backend to a body, for the targets in `fuzz/`.
#[cfg(fuzzing)]
pub fn fit_for_fuzzing(body: &mut usher_dialect::json::RawObject<'_>) -> bool {
    body_rules::apply(body_rules::CHATGPT, ForwardEndpoint::Responses, body).is_ok()
}

pub use backend::{Backend, Service, Timeouts};
pub use catalog::{ModelList, RawCatalog};
pub use forward::{ForwardEndpoint, ForwardRequest, ForwardResponse, UpstreamError, UpstreamErrorBody};
pub use observer::Observer;
