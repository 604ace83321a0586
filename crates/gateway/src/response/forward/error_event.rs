//! Where the error is in an error event.

use serde_json::Value;

/// Returns the error object of an error event: in its response, of its own, or the event itself.
pub(crate) fn error_of_event(event: &mut Value) -> &mut Value {
    let path = ["/response/error", "/error"];
    let path = path.into_iter().find(|path| event.pointer(path).is_some_and(Value::is_object));
    event.pointer_mut(path.unwrap_or_default()).expect("the path was just found, and the empty one always is")
}
