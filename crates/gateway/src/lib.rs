//! The gateway: programs on this computer that speak the Responses, Chat Completions or Messages API reach a provider
//! through it, with a pass, and never see the sign-in.
//!
//! Every request takes the same path, and [`GatewayService::serve`](service::GatewayService::serve) reads as this list:
//!
//! 1. Origin: only a request that names this address, and none of a web page (`admission::origin`).
//! 2. Endpoint and dialect (`admission::endpoint`, `dialects`).
//! 3. The pass (`admission::pass`, [`GatewayHost::authenticate`]).
//! 4. The body, within its limits for size and time (`admission::body`). From here on the request ends with its pass
//!    (`admission::admitted`).
//! 5. The route: provider, account and model ([`GatewayHost::route`]).
//! 6. The call to the provider: the body unchanged except for named fields, or translated (`translate::plan`).
//! 7. Sending it: once more with another token after a 401 (`usher_upstream`), and once more without reasoning that the
//!    provider could not decrypt (`translate::rejected_reasoning`).
//! 8. The response in the client's dialect (`response::stream`); every error on the way as well
//!    (`response::error`).
//!
//! The crate cannot see a refresh token. It is given a [`GatewayHost`], whose backends get the credential of each
//! request from a token source.

mod admission;
mod dialects;
mod endpoints;
#[cfg(fuzzing)]
pub mod fuzzing;
mod host;
mod request_log;
mod response;
mod server;
mod service;
mod translate;

pub use host::{GatewayHost, PassRejected, Route};
pub use request_log::{
    OnRequestEnd, Outcome, Payer, RequestEnd, RequestLog, RequestRecord, RequestedTerms, ResponseFacts,
    TokenCounts,
};
pub use server::limits::Limits;
pub use server::listener::Gateway;
pub use server::peer::KNOWS_FOLDERS_OF_PROGRAMS;
pub use translate::prompt_cache::CacheMiss;
