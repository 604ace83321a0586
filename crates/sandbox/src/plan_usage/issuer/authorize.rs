//! `GET /api/accounts/authorize`: a registration, or a returning sign-in (siwc §3).

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::requests::AuthorizationRequest;
use super::{authorize_checks, consent};
use crate::accounts::Account;
use crate::issuer::consent::pages;
use crate::issuer::consent::return_to::ReturnTo;
use crate::issuer::parameters::Parameters;
use crate::state::SandboxState;

pub(super) async fn authorize(State(state): State<Arc<SandboxState>>, RawQuery(query): RawQuery) -> Response {
    let parameters = match Parameters::parse(query.as_deref().unwrap_or_default().as_bytes()) {
        Ok(parameters) => parameters,
        Err(message) => return pages::error(StatusCode::BAD_REQUEST, &message),
    };
    let client = match authorize_checks::client(&parameters, &state.plan_usage.registrations) {
        Ok(client) => client,
        Err(message) => return pages::error(StatusCode::BAD_REQUEST, message),
    };
    let back = ReturnTo {
        redirect_uri: parameters.get("redirect_uri").unwrap_or_default().to_owned(),
        state: parameters.get("state").map(str::to_owned),
    };
    let request = match authorize_checks::request(&parameters, client, back.clone()) {
        Ok(request) => request,
        Err((error, description)) => return back.with_error(error, &description).into_response(),
    };
    let hinted = parameters.get("id_token_hint").map(|hint| hinted_account(&state, &parameters, hint));
    if matches!(hinted, Some(None)) {
        let text = "id_token_hint is not an ID token of this client";
        return back.with_error("invalid_request", text).into_response();
    }
    proceed(&state, request, hinted.flatten())
}

/// Returns whose ID token the hint is. It may be expired, and must have been issued to this client (siwc §3).
fn hinted_account(state: &SandboxState, parameters: &Parameters, hint: &str) -> Option<&'static Account> {
    let authorization = state.plan_usage.grants.owner_of_id_token(hint)?;
    (parameters.get("client_id") == Some(authorization.client_id.as_str()))
        .then_some(authorization.membership.account)
}

/// Answers at once, or asks the person for what is not known: the account, the permission.
fn proceed(
    state: &SandboxState,
    request: AuthorizationRequest,
    hinted: Option<&'static Account>,
) -> Response {
    let request = AuthorizationRequest { account: hinted, ..request };
    if let Some(answer) = state.settings().plan_usage.answer {
        return consent::answer(state, request, &answer);
    }
    if let (Some(account), false) = (hinted, request.needs_consent) {
        return consent::sign_in_again(state, request, account);
    }
    let page = if hinted.is_some() { "consent" } else { "login" };
    let id = state.plan_usage.requests.begin(request);
    Redirect::to(&format!("/sandbox/plan/{page}?request={id}")).into_response()
}
