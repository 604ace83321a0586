//! Encrypted reasoning: only the account that it was made for may send it back (protocol §8.2 `include`, protocol §10
//! `invalid_encrypted_content`).

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::random;

/// The beginning of real ones, which are Fernet tokens.
const PREFIX: &str = "gAAAAA";
const NONCE_LENGTH: usize = 32;

/// The backend's key.
pub(crate) struct EncryptedReasoning([u8; 32]);

impl EncryptedReasoning {
    pub(crate) fn new() -> Self {
        Self(random::key())
    }

    /// Makes encrypted reasoning for `owner`: a signature without content.
    pub(crate) fn encrypt(&self, owner: &str) -> String {
        let nonce = random::key();
        let encrypted = [nonce, self.sign(owner, &nonce)].concat();
        format!("{PREFIX}{}", URL_SAFE.encode(encrypted))
    }

    /// Checks that all reasoning in `input` was made for `owner`.
    #[expect(clippy::result_large_err, reason = "a response, once a request")]
    pub(crate) fn check(&self, owner: &str, input: &Value) -> Result<(), Response> {
        let encrypted =
            input.as_array().into_iter().flatten().filter_map(|item| item["encrypted_content"].as_str());
        for encrypted in encrypted {
            if !self.is_valid(owner, encrypted) {
                return Err(error_response());
            }
        }
        Ok(())
    }

    fn is_valid(&self, owner: &str, encrypted: &str) -> bool {
        let bytes = encrypted.strip_prefix(PREFIX).and_then(|rest| URL_SAFE.decode(rest).ok());
        bytes.is_some_and(|bytes| {
            bytes
                .split_at_checked(NONCE_LENGTH)
                .is_some_and(|(nonce, signature)| signature == self.sign(owner, nonce))
        })
    }

    fn sign(&self, owner: &str, nonce: &[u8]) -> [u8; 32] {
        Sha256::new().chain_update(self.0).chain_update(nonce).chain_update(owner).finalize().into()
    }
}

fn error_response() -> Response {
    let error = json!({
        "message": "The encrypted content could not be verified.",
        "type": "invalid_request_error",
        "param": null,
        "code": "invalid_encrypted_content",
    });
    (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
}
