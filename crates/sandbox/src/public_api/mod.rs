//! What the Platform and the compatible services have in common: keys, model lists, error bodies, and responses of
//! both public APIs (protocol §7.2, protocol §8.5, protocol §10).

pub(crate) mod chat;
mod error;
mod key;
pub(crate) mod models;
pub(crate) mod responses;

use serde_json::Value;

pub(crate) use error::ApiError;
pub(crate) use key::Key;

/// Parses the body of a model request, which must have a `model` and the field `content` with the user's text.
pub(crate) fn parse(body: &[u8], content: &'static str) -> Result<Value, ApiError> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|_| ApiError::bad_request("We could not parse the JSON body of your request.".to_owned()))?;
    for required in ["model", content] {
        if body[required].is_null() {
            let message = format!("Missing required parameter: '{required}'.");
            return Err(ApiError::bad_request(message).code("missing_required_parameter").param(required));
        }
    }
    Ok(body)
}
