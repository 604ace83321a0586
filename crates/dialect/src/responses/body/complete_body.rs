//! Reads the body of a service that does not stream.

use serde_json::Value;

use crate::error_in_body::error_of_body;
use crate::responses::events::event::{Event, InvalidEvent, Response};

/// Reads a complete body as the events of the stream that its service would have sent. A body that is no response
/// counts as an error.
pub fn read_body(body: &[u8], take: &mut dyn FnMut(Event<'_>)) -> Result<(), InvalidEvent> {
    let last = match Event::from_complete_response(body) {
        Ok(last) => last,
        Err(invalid) => match error_of_body(body) {
            Value::Null => return Err(invalid),
            error => Some(Event::Failed { error }),
        },
    };
    if let Some(Event::Completed { response } | Event::Incomplete { response }) = &last {
        let Response { id, model, created_at, .. } = response.clone();
        take(Event::Created { response: Response { id, model, created_at, ..Response::default() } });
    }
    take(last.unwrap_or_else(|| Event::Failed { error: error_of_body(body) }));
    Ok(())
}
