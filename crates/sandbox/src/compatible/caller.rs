//! Authenticates a request to a compatible service, in the way of that service.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;

use super::service::{Access, Service};
use crate::bearer::bearer_token;
use crate::public_api::{ApiError, Key};
use crate::state::SandboxState;

const HEADER: &str = "x-sandbox-secret";
const SECRET: &str = "letmein";

/// A caller that the service authenticated.
pub(super) struct Caller(pub(super) Key);

impl FromRequestParts<Arc<SandboxState>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<SandboxState>) -> Result<Self, ApiError> {
        let service =
            parts.extensions.get::<&'static Service>().expect("each service is put into its routes");
        match service.access {
            Access::Key => Key::check(bearer_token(&parts.headers)).map(Self),
            Access::NoKey => Ok(Self(Key::Valid)),
            Access::Header if parts.headers.get(HEADER).is_some_and(|secret| secret == SECRET) => {
                Ok(Self(Key::Valid))
            }
            Access::Header => {
                let message = format!("The header {HEADER} is missing or wrong.");
                Err(ApiError::new(StatusCode::UNAUTHORIZED, message))
            }
        }
    }
}
