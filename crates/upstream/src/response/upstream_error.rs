//! A request that failed, for callers: what it means, and what the server sent.

use http::{HeaderMap, StatusCode};
use serde_json::Value;
use usher_domain::Failure;
use usher_net::NetError;

/// A request that was not answered.
#[derive(Debug, Clone)]
pub struct UpstreamError {
    /// What interfaces act on.
    pub failure: Failure,
    /// What the server said, unless it was not reached.
    pub body: Option<Box<UpstreamErrorBody>>,
    /// The request cannot have been begun on, so another try costs nothing.
    pub raw: bool,
}

/// A server's refusal as it came.
#[derive(Debug, Clone)]
pub struct UpstreamErrorBody {
    /// Its status.
    pub status: StatusCode,
    /// Those of its headers that a caller may read.
    pub headers: HeaderMap,
    /// Its error object, where its body has one.
    pub error: Option<Value>,
}

impl UpstreamError {
    pub(crate) fn before_sending(failure: Failure) -> Self {
        Self { failure, body: None, raw: true }
    }
}

impl From<NetError> for UpstreamError {
    fn from(error: NetError) -> Self {
        let untouched = error.delivery == usher_net::Delivery::NotSent;
        Self { failure: error.failure, body: None, raw: untouched }
    }
}

impl From<UpstreamError> for Failure {
    fn from(declined: UpstreamError) -> Self {
        declined.failure
    }
}
