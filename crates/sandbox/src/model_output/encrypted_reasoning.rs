//! Sealed reasoning: only the account that it was sealed for may send it back (protocol §8.2 `include`, protocol §10
//! `invalid_encrypted_content`).

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::random;

/// As the real ones begin (they are Fernet tokens).
const PREFIX: &str = "gAAAAA";
const NONCE: usize = 32;

/// The key that only the backend has.
pub(crate) struct ReasoningSeals([u8; 32]);

impl ReasoningSeals {
    pub(crate) fn new() -> Self {
        Self(random::key())
    }

    /// Something sealed for `owner`.
    pub(crate) fn seal(&self, owner: &str) -> String {
        let nonce = random::key();
        let sealed = [nonce, self.sign(owner, &nonce)].concat();
        format!("{PREFIX}{}", URL_SAFE.encode(sealed))
    }

    /// Refuses an `input` with reasoning that was not sealed for `owner`.
    #[expect(clippy::result_large_err, reason = "a response, once a request")]
    pub(crate) fn check(&self, owner: &str, input: &Value) -> Result<(), Response> {
        let sealed =
            input.as_array().into_iter().flatten().filter_map(|item| item["encrypted_content"].as_str());
        for sealed in sealed {
            if !self.opens(owner, sealed) {
                return Err(refusal());
            }
        }
        Ok(())
    }

    fn opens(&self, owner: &str, sealed: &str) -> bool {
        let bytes = sealed.strip_prefix(PREFIX).and_then(|rest| URL_SAFE.decode(rest).ok());
        bytes.is_some_and(|bytes| {
            bytes.split_at_checked(NONCE).is_some_and(|(nonce, mark)| mark == self.sign(owner, nonce))
        })
    }

    fn sign(&self, owner: &str, nonce: &[u8]) -> [u8; 32] {
        Sha256::new().chain_update(self.0).chain_update(nonce).chain_update(owner).finalize().into()
    }
}

fn refusal() -> Response {
    let error = json!({
        "message": "The encrypted content could not be verified.",
        "type": "invalid_request_error",
        "param": null,
        "code": "invalid_encrypted_content",
    });
    (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
}
