//! What encoding one chunk of a stream results in.

use bytes::Bytes;
use serde_json::Value;
use usher_dialect::StreamParseError;

/// Bytes for the client, and whether they are the last ones.
pub(crate) struct Step {
    pub(crate) bytes: Bytes,
    pub(crate) is_last: bool,
}

impl Step {
    pub(crate) fn more(bytes: Bytes) -> Self {
        Self { bytes, is_last: false }
    }

    pub(crate) fn last(bytes: Bytes) -> Self {
        Self { bytes, is_last: true }
    }
}

/// Why a provider's stream cannot be encoded further.
pub(crate) enum StreamError {
    /// The provider ended it with this error object.
    Provider(Value),
    /// It is not a valid stream of its API.
    Malformed(String),
}

impl From<StreamParseError> for StreamError {
    fn from(error: StreamParseError) -> Self {
        Self::Malformed(error.to_string())
    }
}
