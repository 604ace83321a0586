//! The response to a connection test.

use serde_json::Value;

use crate::responses::events::event::InvalidEvent;
use crate::sse::EventTooLong;

/// A complete response.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeResponse {
    /// The model's text, as far as it arrived.
    pub text: String,
    /// How the response ended.
    pub status: ResponseStatus,
}

/// How a response ended (protocol §8.3).
#[derive(Debug, Clone, PartialEq)]
pub enum ResponseStatus {
    /// The model finished.
    Completed,
    /// The response was stopped, for example by a filter or a length limit.
    Incomplete {
        /// The provider's reason.
        reason: Option<String>,
    },
    /// The provider failed.
    Failed {
        /// The provider's error object, unchanged.
        error: Value,
    },
    /// The stream ended without a terminal event.
    Interrupted,
}

/// The stream does not follow the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StreamParseError {
    /// An event is over the size limit.
    #[error(transparent)]
    EventTooLong(#[from] EventTooLong),
    /// The data of an event is not valid JSON.
    #[error(transparent)]
    InvalidEvent(#[from] InvalidEvent),
}
