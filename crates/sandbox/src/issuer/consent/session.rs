//! The session of a browser.

use axum_extra::extract::CookieJar;

use super::sign_ins::Request;
use crate::accounts::Account;
use crate::state::SandboxState;

pub(super) const SESSION_COOKIE: &str = "sandbox_session";

/// Returns the account that is signed in to this browser.
pub(crate) fn session(state: &SandboxState, cookies: &CookieJar) -> Option<&'static Account> {
    state.sign_ins.session(cookies.get(SESSION_COOKIE)?.value())
}

/// Returns the account that decides about `request`: the one of the session, unless an account has to be chosen first.
pub(crate) fn chosen_account(
    state: &SandboxState,
    cookies: &CookieJar,
    request: &Request,
) -> Option<&'static Account> {
    session(state, cookies).filter(|_| !request.choose_first)
}
