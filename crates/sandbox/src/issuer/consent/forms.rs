//! The forms of the person: choosing an account, allowing or denying. The field names are stable; see README.md.

use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::Deserialize;

use super::pages;
use super::session::{SESSION_COOKIE, chosen_account};
use super::sign_ins::{Purpose, Request};
use crate::accounts::{self, ACCOUNTS, Account, Membership, Workspace};
use crate::issuer::device;
use crate::issuer::grants::{CodeBinding, Consent};
use crate::state::SandboxState;

#[derive(Deserialize)]
pub(crate) struct PageQuery {
    request: String,
}

#[derive(Deserialize)]
pub(crate) struct LoginForm {
    request: String,
    account: String,
}

#[derive(Deserialize)]
pub(crate) struct ConsentForm {
    request: String,
    decision: Decision,
    workspace: Option<String>,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Decision {
    Allow,
    Deny,
}

pub(crate) async fn login_page(
    State(state): State<Arc<SandboxState>>,
    Query(query): Query<PageQuery>,
) -> Response {
    match state.sign_ins.request(&query.request) {
        Some(request) => pages::login("/sandbox/login", &query.request, &request.originator, ACCOUNTS.iter()),
        None => pages::unknown_request(),
    }
}

pub(crate) async fn login(
    State(state): State<Arc<SandboxState>>,
    cookies: CookieJar,
    Form(form): Form<LoginForm>,
) -> Response {
    if state.sign_ins.request(&form.request).is_none() {
        return pages::unknown_request();
    }
    let Some(account) = accounts::account(&form.account) else {
        return pages::error(StatusCode::BAD_REQUEST, "There is no such account here.");
    };
    let cookie = Cookie::build((SESSION_COOKIE, state.sign_ins.open_session(account)))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax);
    state.sign_ins.set_account_chosen(&form.request);
    let next = Redirect::to(&format!("/sandbox/consent?request={}", form.request));
    (cookies.add(cookie), next).into_response()
}

pub(crate) async fn consent_page(
    State(state): State<Arc<SandboxState>>,
    cookies: CookieJar,
    Query(query): Query<PageQuery>,
) -> Response {
    let Some(request) = state.sign_ins.request(&query.request) else { return pages::unknown_request() };
    let Some(account) = chosen_account(&state, &cookies, &request) else {
        return Redirect::to(&format!("/sandbox/login?request={}", query.request)).into_response();
    };
    pages::consent(&query.request, account, &allowed_workspaces(account, &request), &request)
}

pub(crate) async fn consent(
    State(state): State<Arc<SandboxState>>,
    cookies: CookieJar,
    Form(form): Form<ConsentForm>,
) -> Response {
    let Some(request) = state.sign_ins.request(&form.request) else { return pages::unknown_request() };
    let Some(account) = chosen_account(&state, &cookies, &request) else {
        return Redirect::to(&format!("/sandbox/login?request={}", form.request)).into_response();
    };
    if form.decision == Decision::Deny {
        state.sign_ins.finish(&form.request);
        return deny(&request, "The person denied the request.");
    }
    let allowed = allowed_workspaces(account, &request);
    let workspace = match &form.workspace {
        Some(id) => allowed.iter().find(|workspace| workspace.account_id == id),
        None => allowed.first(),
    };
    let Some(workspace) = workspace.copied() else {
        state.sign_ins.finish(&form.request);
        return deny(&request, "The account has no workspace that this client allows.");
    };
    state.sign_ins.finish(&form.request);
    if !workspace.codex {
        // protocol §1.2: the code is inside the description.
        return deny(&request, "missing_codex_entitlement: Codex is not enabled for this workspace.");
    }
    let consent = Consent {
        membership: Membership { account, workspace },
        scope: request.scope.clone(),
        organizations: request.organizations,
    };
    match request.purpose {
        Purpose::Redirect { back, code_challenge } => {
            let binding = CodeBinding { consent, redirect_uri: back.redirect_uri.clone(), code_challenge };
            let code = state.grants.new_code(binding, state.now());
            back.with(&[("code", &code)]).into_response()
        }
        Purpose::Device { user_code } => {
            device::approve(&state, &user_code, consent);
            pages::notice(
                "Signed in",
                "You can close this page and go back to the program that gave you the code.",
            )
        }
    }
}

/// Returns the workspaces that the client allows. Those without Codex are in the list: consent fails for them.
fn allowed_workspaces(account: &'static Account, request: &Request) -> Vec<&'static Workspace> {
    account
        .workspaces
        .iter()
        .filter(|workspace| {
            request
                .allowed_workspaces
                .as_ref()
                .is_none_or(|allowed| allowed.iter().any(|id| id == workspace.account_id))
        })
        .collect()
}

fn deny(request: &Request, description: &str) -> Response {
    match &request.purpose {
        Purpose::Redirect { back, .. } => back.with_error("access_denied", description).into_response(),
        // How polls of a denied device code end is not known: here it stays pending and expires.
        Purpose::Device { .. } => pages::notice("Not signed in", description),
    }
}
