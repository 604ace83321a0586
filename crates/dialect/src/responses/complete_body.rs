//! Reads the body of a service that does not stream.

use super::event::{Event, InvalidEvent, Response};
use crate::error_in_body::error_of_body;

/// Reads a complete body as the events of the stream that its service would have sent. A body that is no response
/// counts as an error.
pub fn read_body(body: &[u8], take: &mut dyn FnMut(Event<'_>)) -> Result<(), InvalidEvent> {
    let last = Event::from_complete_response(body)?;
    if let Some(Event::Completed { response } | Event::Incomplete { response }) = &last {
        let Response { id, model, created_at, .. } = response.clone();
        take(Event::Created { response: Response { id, model, created_at, ..Response::default() } });
    }
    take(last.unwrap_or_else(|| Event::Failed { error: error_of_body(body) }));
    Ok(())
}
