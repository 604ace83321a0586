//! A streamed answer put together, whichever API it came by.

use serde_json::Value;

use crate::responses::event::InvalidEvent;
use crate::sse::EventTooLong;

/// A whole response.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeResponse {
    /// What the model said, as far as it came.
    pub text: String,
    /// How it ended.
    pub status: ResponseStatus,
}

/// How a response ended (protocol §8.3).
#[derive(Debug, Clone, PartialEq)]
pub enum ResponseStatus {
    /// The model said all it had to say.
    Completed,
    /// It was stopped, for example by a filter or a length limit.
    Incomplete {
        /// The provider's word for why.
        reason: Option<String>,
    },
    /// The provider gave up.
    Failed {
        /// Its error object as it came.
        error: Value,
    },
    /// The stream ended without a terminal event.
    Interrupted,
}

/// The stream is not one of this protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StreamParseError {
    /// An event has no end in sight.
    #[error(transparent)]
    EventTooLong(#[from] EventTooLong),
    /// An event is not JSON.
    #[error(transparent)]
    InvalidEvent(#[from] InvalidEvent),
}
