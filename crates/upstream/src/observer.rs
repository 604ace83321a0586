//! Receives what every response may carry besides its content.

use usher_domain::{Failure, Usage};

/// What a response says of a plan besides its content.
#[derive(Debug, Clone, PartialEq)]
pub struct ObservedUsage {
    /// The usage, as far as the response has it.
    pub usage: Usage,
    /// Whether no limit is reached where `usage` has none. That holds for the answer of a model, but not for a list or an
    /// error about something else.
    pub reports_limit: bool,
}

/// Receives what every response may carry besides its content.
///
/// Called between two steps of a request, so it must return at once.
pub trait Observer: Send + Sync {
    /// Receives the limits in the headers of a response, error responses too (protocol §9.2).
    fn usage(&self, observed: ObservedUsage);

    /// Receives `x-models-etag`: a list with another `ETag` is out of date (protocol §7.1).
    fn models_etag(&self, etag: &str);

    /// Receives a refusal by the server, or that there is no credential that it would take.
    fn refused(&self, _failure: &Failure) {}

    /// Notes that the server took the credential.
    ///
    /// Not called for what a server gives to anybody, such as the model list of many services.
    fn accepted(&self) {}

    /// Notes that a request for a model got an answer without limits in its headers, so that none is reached.
    fn unlimited(&self) {}
}
