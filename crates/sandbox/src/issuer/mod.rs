//! The authorization server: sign-in and consent pages, token, revocation and device endpoints (protocol §1 to protocol §5).

mod authorize;
mod claims;
mod device;
mod forms;
mod grants;
mod pages;
mod personal_tokens;
mod pkce;
mod revoke;
mod sign_ins;
mod token;
mod whoami;

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;

pub(crate) use grants::{AccessRefusal, Consent, Grants};
pub use grants::{GrantOperation, TokenSet};
pub(crate) use sign_ins::SignIns;
pub(crate) use token::refused;

use crate::state::SandboxState;

/// The Codex client's id, public and without a secret (protocol §0).
const CLIENT_ID: &str = "app_EMoamEEZ73f0CkXaXp7hrann";

/// The grant type by which Codex asks for an API key (protocol §2.5).
pub(crate) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

pub(crate) fn routes() -> Router<Arc<SandboxState>> {
    Router::new()
        .route("/oauth/authorize", get(authorize::authorize))
        .route("/oauth/token", post(token::token))
        .route("/oauth/revoke", post(revoke::revoke))
        .route("/api/accounts/deviceauth/usercode", post(device::user_code))
        .route("/api/accounts/deviceauth/token", post(device::poll))
        .route("/api/accounts/v1/user-auth-credential/whoami", get(whoami::whoami))
        .route("/codex/device", get(device::page).post(device::enter))
        .route("/sandbox/login", get(forms::login_page).post(forms::login))
        .route("/sandbox/consent", get(forms::consent_page).post(forms::consent))
}

/// `{"error":…,"error_description":…}` (protocol §2.2; RFC 6749 §5.2).
fn oauth_error(status: StatusCode, error: &str, description: &str) -> Response {
    (status, Json(json!({ "error": error, "error_description": description }))).into_response()
}
