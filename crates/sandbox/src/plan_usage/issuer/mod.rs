//! The issuer: discovery, keys, authorization with registration, tokens, revocation (siwc §2 to siwc §8).

mod authorize;
mod authorize_checks;
mod consent;
mod discovery;
pub(crate) mod grants;
mod pages;
pub(super) mod requests;
mod revoke;
mod token;
pub(crate) mod tokens;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::state::SandboxState;

pub(crate) fn routes() -> Router<Arc<SandboxState>> {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery::configuration))
        .route("/.well-known/jwks.json", get(discovery::keys))
        .route("/api/accounts/authorize", get(authorize::authorize))
        .route("/api/accounts/oauth/token", post(token::token))
        .route(discovery::REVOCATION_PATH, post(revoke::revoke))
        .route(discovery::MOVED_REVOCATION_PATH, post(revoke::revoke_moved))
        .route("/sandbox/plan/login", get(consent::login_page).post(consent::login))
        .route("/sandbox/plan/consent", get(consent::consent_page).post(consent::consent))
}
