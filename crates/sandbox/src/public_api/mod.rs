//! What the Platform and services compatible with it have in common: keys, model lists, the error envelope, and
//! answers in the two public dialects (protocol §7.2, protocol §8.5, protocol §10).

pub(crate) mod chat;
mod error;
mod key;
pub(crate) mod models;
pub(crate) mod responses;

use serde_json::Value;

pub(crate) use error::ApiError;
pub(crate) use key::Key;

/// The body of a model request, which must name a model and hold `content`: the person's words.
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
