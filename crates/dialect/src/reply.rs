//! A streamed answer put together, whichever API it came by.

use serde_json::Value;

use crate::responses::NotAnEvent;
use crate::sse::TooLong;

/// A whole response.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// What the model said, as far as it came.
    pub text: String,
    /// How it ended.
    pub ending: Ending,
}

/// How a response ended (protocol §8.3).
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
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
    Cut,
}

/// The stream is not one of this protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// An event has no end in sight.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// An event is not JSON.
    #[error(transparent)]
    NotAnEvent(#[from] NotAnEvent),
}
