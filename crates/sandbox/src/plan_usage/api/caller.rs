//! Authenticates a request: the access token, the scope of the plan, and whether the plan can be used (siwc §11).

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use crate::accounts::Membership;
use crate::bearer::bearer_token;
use crate::plan_usage::constants::PLAN_SCOPE;
use crate::plan_usage::error::{PlanUsageError, rejected};
use crate::state::SandboxState;

/// Headers that a client must not send (siwc §10.1). That the server refuses them is our guess.
const FORBIDDEN_HEADERS: [&str; 3] = ["chatgpt-account-id", "openai-organization", "openai-project"];

/// A caller that may use the plan.
pub(super) struct Caller(pub(super) Membership);

impl FromRequestParts<Arc<SandboxState>> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<SandboxState>) -> Result<Self, Response> {
        let authorization = bearer_token(&parts.headers)
            .and_then(|token| state.plan_usage.grants.authenticate(token, state.now()))
            .ok_or_else(|| PlanUsageError::InvalidToken.into_response())?;
        if let Some(name) = FORBIDDEN_HEADERS.iter().find(|name| parts.headers.contains_key(**name)) {
            return Err(rejected(&format!("Unsupported header: {name}")));
        }
        if !authorization.scope.split(' ').any(|scope| scope == PLAN_SCOPE) {
            return Err(PlanUsageError::ScopeNotAuthorized.into_response());
        }
        if !state.settings().plan_usage.is_eligible(authorization.membership) {
            return Err(PlanUsageError::UserNotEligible.into_response());
        }
        Ok(Self(authorization.membership))
    }
}
