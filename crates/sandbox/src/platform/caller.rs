//! Authenticates a request to the Platform: the key, and the organization and project that it belongs to (protocol §7.2).

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};

use crate::bearer::bearer_token;
use crate::public_api::{ApiError, Key};
use crate::state::SandboxState;

/// The organization and the project of every key.
pub(super) const ORGANIZATION: &str = "org-sandbox";
const PROJECT: &str = "proj_sandbox";

/// A caller with a valid key.
pub(super) struct Caller(pub(super) Key);

impl FromRequestParts<Arc<SandboxState>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<SandboxState>) -> Result<Self, ApiError> {
        let bearer = bearer_token(&parts.headers);
        if bearer.is_some_and(|token| state.grants.authenticate(token, state.now()).is_ok()) {
            // protocol §8.5: a ChatGPT token lacks the scopes.
            let message = "You have insufficient permissions for this operation. Missing scopes.".to_owned();
            return Err(ApiError::new(StatusCode::FORBIDDEN, message));
        }
        let key = Key::check(bearer)?;
        check_owner(
            &parts.headers,
            "openai-organization",
            ORGANIZATION,
            "invalid_organization",
            "organization",
        )?;
        check_owner(&parts.headers, "openai-project", PROJECT, "mismatched_project", "project")?;
        Ok(Self(key))
    }
}

/// Rejects a header that names another organization or project than the key's; both headers may be absent.
fn check_owner(
    headers: &HeaderMap,
    name: &str,
    own: &str,
    code: &'static str,
    what: &str,
) -> Result<(), ApiError> {
    if headers.get(name).is_none_or(|value| value == own) {
        return Ok(());
    }
    let message = format!("The {what} in the request's header is not one of this API key.");
    Err(ApiError::new(StatusCode::UNAUTHORIZED, message).code(code))
}
