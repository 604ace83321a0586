//! The errors that a caller gets: about its request, or instead of a response.

use serde_json::Value;

/// A request that cannot be translated or is invalid: HTTP 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadRequest {
    /// The path of the invalid field, such as `messages[2].content[0]`.
    pub param: Option<String>,
    /// What is wrong, for people. Never repeats content.
    pub message: String,
}

impl BadRequest {
    /// Returns an error about the field `param`.
    pub fn at(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self { param: Some(param.into()), message: message.into() }
    }

    /// Returns an error about the request as such.
    pub fn new(message: impl Into<String>) -> Self {
        Self { param: None, message: message.into() }
    }
}

/// An error that takes the place of a response or ends one; each dialect encodes it in its own format.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    /// The HTTP status. Inside a stream it is what the status would have been.
    pub status: u16,
    /// The error code: the provider's if it has one, else one of ours.
    pub code: String,
    /// The message for people.
    pub message: String,
    /// The path of the request field that the error is about.
    pub param: Option<String>,
    /// The provider's error object, so that fields such as `resets_at` reach callers of the provider's own dialect
    /// unchanged.
    pub original: Option<Value>,
}
