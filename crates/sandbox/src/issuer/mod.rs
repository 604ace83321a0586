//! The authorization server: sign-in and consent pages, token, revocation and device endpoints (protocol §1 to protocol §5).

mod authorize;
pub(crate) mod consent;
pub(crate) mod constants;
mod device;
pub(crate) mod error;
pub(crate) mod grants;
pub(crate) mod parameters;
pub(crate) mod pkce;
mod revoke;
mod token;
mod whoami;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use self::consent::forms;
use crate::state::SandboxState;

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
