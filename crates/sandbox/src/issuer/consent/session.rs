//! Who is signed in to a browser.

use axum_extra::extract::CookieJar;

use super::sign_ins::Request;
use crate::accounts::Account;
use crate::state::SandboxState;

pub(super) const SESSION_COOKIE: &str = "sandbox_session";

/// Who is signed in to this browser.
pub(crate) fn session(world: &SandboxState, cookies: &CookieJar) -> Option<&'static Account> {
    world.sign_ins.session(cookies.get(SESSION_COOKIE)?.value())
}

/// Who decides about `request`: who is signed in to this browser, unless an account has to be chosen first.
pub(crate) fn chosen_account(
    world: &SandboxState,
    cookies: &CookieJar,
    request: &Request,
) -> Option<&'static Account> {
    session(world, cookies).filter(|_| !request.choose_first)
}
