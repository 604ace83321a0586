//! Discovery and JWKS (siwc §0, OpenID Connect Discovery §3).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::plan_usage::constants::SCOPES;
use crate::state::SandboxState;

/// The usual address of revocation (siwc §0).
pub(super) const REVOCATION_PATH: &str = "/api/accounts/oauth/revoke";

/// Another address of revocation, for clients that do not take it from the discovery document (siwc §8).
pub(super) const MOVED_REVOCATION_PATH: &str = "/api/accounts/oauth/revoke/moved";

/// Returns the issuer, as tokens and documents have it.
pub(super) fn issuer(state: &SandboxState) -> String {
    state.settings().plan_usage.issuer.unwrap_or_else(|| state.addresses.issuer.clone())
}

/// Returns the discovery document, which has no device endpoint (siwc §15).
pub(super) async fn configuration(State(state): State<Arc<SandboxState>>) -> Json<Value> {
    let issuer = issuer(&state);
    let moved = state.settings().plan_usage.revocation_moved;
    let revocation = if moved { MOVED_REVOCATION_PATH } else { REVOCATION_PATH };
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/api/accounts/authorize"),
        "token_endpoint": format!("{issuer}/api/accounts/oauth/token"),
        "revocation_endpoint": format!("{issuer}{revocation}"),
        "userinfo_endpoint": format!("{issuer}/api/accounts/oauth/userinfo"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "scopes_supported": SCOPES,
    }))
}

pub(super) async fn keys(State(state): State<Arc<SandboxState>>) -> Json<Value> {
    Json(state.plan_usage.keys.published())
}
