//! The person's decision, on a page or by a setting: which account, and what the app may do (siwc §4).

use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::grants::{Authorization, CodeBinding};
use super::pages;
use super::requests::{AuthorizationRequest, Client};
use crate::accounts::{self, Account, Membership};
use crate::issuer::consent::pages::{error, unknown_request};
use crate::plan_usage::constants::{DYNAMIC_CLIENT, granted_scope};
use crate::plan_usage::registrations::Registration;
use crate::plan_usage::settings::{Answer, CallbackClientId, ConsentDecision};
use crate::state::SandboxState;

#[derive(Deserialize)]
pub(super) struct PageQuery {
    request: String,
}

#[derive(Deserialize)]
pub(super) struct LoginForm {
    request: String,
    account: String,
}

#[derive(Deserialize)]
pub(super) struct ConsentForm {
    request: String,
    decision: ConsentDecision,
    workspace: Option<String>,
}

pub(super) async fn login_page(
    State(state): State<Arc<SandboxState>>,
    Query(query): Query<PageQuery>,
) -> Response {
    match state.plan_usage.requests.get(&query.request) {
        Some(request) => pages::login(&query.request, &request),
        None => unknown_request(),
    }
}

/// Takes the account. A returning sign-in ends here: it has no choice of workspace and no consent (siwc §3).
pub(super) async fn login(State(state): State<Arc<SandboxState>>, Form(form): Form<LoginForm>) -> Response {
    let Some(account) = accounts::account(&form.account) else {
        return error(StatusCode::BAD_REQUEST, "There is no such account here.");
    };
    let Some(request) = state.plan_usage.requests.choose(&form.request, account) else {
        return unknown_request();
    };
    if request.needs_consent {
        return Redirect::to(&format!("/sandbox/plan/consent?request={}", form.request)).into_response();
    }
    state.plan_usage.requests.finish(&form.request);
    sign_in_again(&state, request, account)
}

pub(super) async fn consent_page(
    State(state): State<Arc<SandboxState>>,
    Query(query): Query<PageQuery>,
) -> Response {
    let Some(request) = state.plan_usage.requests.get(&query.request) else { return unknown_request() };
    match request.account {
        Some(account) => pages::consent(&query.request, account, &request),
        None => Redirect::to(&format!("/sandbox/plan/login?request={}", query.request)).into_response(),
    }
}

pub(super) async fn consent(
    State(state): State<Arc<SandboxState>>,
    Form(form): Form<ConsentForm>,
) -> Response {
    let Some(request) = state.plan_usage.requests.get(&form.request) else { return unknown_request() };
    let Some(account) = request.account else {
        return Redirect::to(&format!("/sandbox/plan/login?request={}", form.request)).into_response();
    };
    state.plan_usage.requests.finish(&form.request);
    decide(&state, request, account, form.workspace.as_deref(), form.decision)
}

/// Decides as the settings say. Where no page would ask for consent, only the account counts.
pub(super) fn answer(state: &SandboxState, request: AuthorizationRequest, answer: &Answer) -> Response {
    let Some(account) = request.account.or_else(|| accounts::account(&answer.account)) else {
        return error(StatusCode::BAD_REQUEST, "There is no such account here.");
    };
    if request.needs_consent || answer.decision == ConsentDecision::Deny {
        return decide(state, request, account, answer.workspace.as_deref(), answer.decision);
    }
    sign_in_again(state, request, account)
}

/// Signs in without asking, with the permission that the registration has.
pub(super) fn sign_in_again(
    state: &SandboxState,
    request: AuthorizationRequest,
    account: &'static Account,
) -> Response {
    let plan_allowed = match &request.client {
        Client::Known(registration) => registration.plan_allowed,
        Client::New { .. } => false,
    };
    grant(state, request, account, None, plan_allowed)
}

fn decide(
    state: &SandboxState,
    request: AuthorizationRequest,
    account: &'static Account,
    workspace: Option<&str>,
    decision: ConsentDecision,
) -> Response {
    match decision {
        ConsentDecision::Allow => grant(state, request, account, workspace, true),
        ConsentDecision::SignInOnly => grant(state, request, account, workspace, false),
        ConsentDecision::Deny => {
            request.back.with_error("access_denied", "The person denied the request.").into_response()
        }
    }
}

/// Registers a new client, and sends a code to the app.
fn grant(
    state: &SandboxState,
    request: AuthorizationRequest,
    account: &'static Account,
    workspace: Option<&str>,
    plan_allowed: bool,
) -> Response {
    let is_new = matches!(request.client, Client::New { .. });
    let Some(membership) = membership_for(&request.client, account, workspace) else {
        return error(StatusCode::BAD_REQUEST, "The account has no such workspace.");
    };
    let registrations = &state.plan_usage.registrations;
    let client_id = match request.client {
        Client::New { agent_name, redirect_path } => {
            registrations.add(Registration::new(membership, agent_name, redirect_path))
        }
        Client::Known(registration) => registration.client_id,
    };
    registrations.note_sign_in(&client_id, request.host_id, plan_allowed);
    let scope = granted_scope(plan_allowed);
    let authorization = Authorization { client_id: client_id.clone(), membership, scope: scope.clone() };
    let binding = CodeBinding {
        authorization,
        nonce: request.nonce,
        redirect_uri: request.back.redirect_uri.clone(),
        code_challenge: request.code_challenge,
    };
    let code = state.plan_usage.grants.new_code(binding, state.now());
    let mut parameters = vec![("code", code.as_str()), ("scope", scope.as_str())];
    let callback = state.settings().plan_usage.callback_client_id;
    parameters.extend(client_id_in_callback(callback, &client_id, is_new).map(|id| ("client_id", id)));
    request.back.with(&parameters).into_response()
}

/// Returns who signs in. A registration stays bound to its workspace; another person signs in as such (siwc §6).
fn membership_for(client: &Client, account: &'static Account, workspace: Option<&str>) -> Option<Membership> {
    match client {
        Client::Known(registration) if registration.is_of(account.key) => Some(registration.membership()),
        _ => Membership::find(account.key, workspace),
    }
}

/// Returns the `client_id` of the callback (siwc §4).
fn client_id_in_callback(setting: CallbackClientId, issued: &str, is_new: bool) -> Option<&str> {
    match setting {
        CallbackClientId::Issued => Some(issued),
        CallbackClientId::OnlyIfNew => is_new.then_some(issued),
        CallbackClientId::Absent => None,
        CallbackClientId::Dynamic => Some(DYNAMIC_CLIENT),
        CallbackClientId::Other => Some("oaiapp_sandbox_somebody_else"),
    }
}
