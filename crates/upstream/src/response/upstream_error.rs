//! The error of a request that failed: what it means, and what the server sent.

use http::{HeaderMap, StatusCode};
use serde_json::Value;
use usher_domain::Failure;
use usher_net::NetError;

/// Why a request failed.
#[derive(Debug, Clone)]
pub struct UpstreamError {
    /// What it means, with the code that interfaces act on.
    pub failure: Failure,
    /// The server's error response; absent when there was none.
    pub body: Option<Box<UpstreamErrorBody>>,
}

/// An error response as the server sent it, without credentials of the request.
#[derive(Debug, Clone)]
pub struct UpstreamErrorBody {
    /// Its status.
    pub status: StatusCode,
    /// The headers that a caller may read.
    pub headers: HeaderMap,
    /// The error object, where the body has one.
    pub error: Option<Value>,
}

impl UpstreamError {
    /// Makes an error that no response of a server explains.
    pub(crate) fn local(failure: Failure) -> Self {
        Self { failure, body: None }
    }
}

impl From<NetError> for UpstreamError {
    fn from(error: NetError) -> Self {
        Self::local(error.failure)
    }
}

impl From<UpstreamError> for Failure {
    fn from(error: UpstreamError) -> Self {
        error.failure
    }
}
