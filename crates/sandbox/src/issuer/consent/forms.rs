//! The person's side: choosing an account, giving or refusing consent. The field names are stable; see README.md.

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
use crate::accounts::{self, Account, Membership, Workspace};
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
    State(world): State<Arc<SandboxState>>,
    Query(query): Query<PageQuery>,
) -> Response {
    match world.sign_ins.request(&query.request) {
        Some(request) => pages::login(&query.request, &request.originator),
        None => unknown_request(),
    }
}

pub(crate) async fn login(
    State(world): State<Arc<SandboxState>>,
    cookies: CookieJar,
    Form(form): Form<LoginForm>,
) -> Response {
    if world.sign_ins.request(&form.request).is_none() {
        return unknown_request();
    }
    let Some(account) = accounts::account(&form.account) else {
        return pages::refusal(StatusCode::BAD_REQUEST, "There is no such account here.");
    };
    let cookie = Cookie::build((SESSION_COOKIE, world.sign_ins.open_session(account)))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax);
    world.sign_ins.chosen(&form.request);
    let next = Redirect::to(&format!("/sandbox/consent?request={}", form.request));
    (cookies.add(cookie), next).into_response()
}

pub(crate) async fn consent_page(
    State(world): State<Arc<SandboxState>>,
    cookies: CookieJar,
    Query(query): Query<PageQuery>,
) -> Response {
    let Some(request) = world.sign_ins.request(&query.request) else { return unknown_request() };
    let Some(account) = chosen_account(&world, &cookies, &request) else {
        return Redirect::to(&format!("/sandbox/login?request={}", query.request)).into_response();
    };
    pages::consent(&query.request, account, &allowed_workspaces(account, &request), &request)
}

pub(crate) async fn consent(
    State(world): State<Arc<SandboxState>>,
    cookies: CookieJar,
    Form(form): Form<ConsentForm>,
) -> Response {
    let Some(request) = world.sign_ins.request(&form.request) else { return unknown_request() };
    let Some(account) = chosen_account(&world, &cookies, &request) else {
        return Redirect::to(&format!("/sandbox/login?request={}", form.request)).into_response();
    };
    if form.decision == Decision::Deny {
        world.sign_ins.finish(&form.request);
        return deny(&request, "The person denied the request.");
    }
    let allowed = allowed_workspaces(account, &request);
    let workspace = match &form.workspace {
        Some(id) => allowed.iter().find(|workspace| workspace.account_id == id),
        None => allowed.first(),
    };
    let Some(workspace) = workspace.copied() else {
        world.sign_ins.finish(&form.request);
        return deny(&request, "The account has no workspace that this client allows.");
    };
    world.sign_ins.finish(&form.request);
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
            let code = world.grants.new_code(binding, world.now());
            back.with(&[("code", &code)]).into_response()
        }
        Purpose::Device { user_code } => {
            device::approve(&world, &user_code, consent);
            pages::notice(
                "Signed in",
                "You can close this page and go back to the program that gave you the code.",
            )
        }
    }
}

/// An entitlement is decided by the workspace, so the list still names those without Codex.
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
        // Nothing is known about how a refused device code answers its polls: here it stays pending and expires.
        Purpose::Device { .. } => pages::notice("Not signed in", description),
    }
}

fn unknown_request() -> Response {
    pages::refusal(
        StatusCode::BAD_REQUEST,
        "This sign-in is not under way any more. Start again in your program.",
    )
}
