//! The trait of the three stream encoders.

use crate::error::ApiError;
use crate::responses::events::event::Event;

/// Encodes one streamed response in the caller's dialect.
pub trait ResponseWriter: Send {
    /// Writes the events that `event` translates to, if any.
    ///
    /// [`Event::Failed`] is never passed in; errors go to [`write_error`](Self::write_error).
    fn write_event(&mut self, event: &Event<'_>, out: &mut Vec<u8>);

    /// Writes something without meaning that keeps the connection open.
    fn write_keep_alive(&mut self, out: &mut Vec<u8>);

    /// Ends the stream with the dialect's own error event, at whatever point it is.
    fn write_error(&mut self, api_error: &ApiError, out: &mut Vec<u8>);

    /// Returns whether the response is complete although the upstream may continue: a stop sequence was found.
    /// Nothing more is written then.
    fn is_finished(&self) -> bool {
        false
    }
}
