//! Device sign-in (protocol §5). Not RFC 8628: the paths, the fields and the last step differ.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use serde_json::json;

use super::consent::pages;
use super::consent::session::session;
use super::consent::sign_ins::{Approval, Poll, Purpose, Request};
use super::constants::CLIENT_ID;
use super::error::oauth_error;
use super::grants::{CodeBinding, Consent};
use super::pkce;
use crate::random;
use crate::state::SandboxState;

#[derive(Deserialize)]
pub(super) struct UserCodeRequest {
    client_id: String,
}

#[derive(Deserialize)]
pub(super) struct PollRequest {
    device_auth_id: String,
    user_code: String,
}

#[derive(Deserialize)]
pub(super) struct EnterForm {
    user_code: String,
}

/// `POST /api/accounts/deviceauth/usercode`: starts a device sign-in; 404 when it is not enabled.
pub(super) async fn user_code(
    State(state): State<Arc<SandboxState>>,
    body: Result<Json<UserCodeRequest>, JsonRejection>,
) -> Response {
    let settings = state.settings();
    if !settings.device_login {
        return oauth_error(StatusCode::NOT_FOUND, "not_found", "device sign-in is not enabled");
    }
    match body {
        Err(rejection) => oauth_error(StatusCode::BAD_REQUEST, "invalid_request", &rejection.body_text()),
        Ok(Json(body)) if body.client_id != CLIENT_ID => {
            oauth_error(StatusCode::UNAUTHORIZED, "invalid_client", "client_id is not known here")
        }
        Ok(_) => {
            let (device_auth_id, user_code) =
                state.sign_ins.new_device(state.now() + settings.device_lifetime_s);
            // The interval is a string of seconds.
            let interval = settings.device_interval_s.to_string();
            Json(json!({ "device_auth_id": device_auth_id, "user_code": user_code, "interval": interval }))
                .into_response()
        }
    }
}

/// `POST /api/accounts/deviceauth/token`: polls a device sign-in; 403 = pending.
pub(super) async fn poll(
    State(state): State<Arc<SandboxState>>,
    body: Result<Json<PollRequest>, JsonRejection>,
) -> Response {
    let Json(body) = match body {
        Ok(body) => body,
        Err(rejection) => {
            return oauth_error(StatusCode::BAD_REQUEST, "invalid_request", &rejection.body_text());
        }
    };
    let interval = Duration::from_secs(state.settings().device_interval_s);
    match state.sign_ins.poll_device(&body.device_auth_id, &body.user_code, state.now(), interval) {
        Poll::Unknown => oauth_error(StatusCode::NOT_FOUND, "not_found", "no such device code"),
        Poll::Pending => oauth_error(StatusCode::FORBIDDEN, "authorization_pending", "not approved yet"),
        // The error code of RFC 8628 §3.5; only the status is known (protocol correction 6).
        Poll::SlowDown => {
            oauth_error(StatusCode::TOO_MANY_REQUESTS, "slow_down", "polled before the interval")
        }
        // The status that one client reads as expired [P8].
        Poll::Expired => oauth_error(StatusCode::GONE, "expired_token", "the device code has expired"),
        Poll::Approved(approval) => Json(json!({
            "authorization_code": approval.authorization_code,
            "code_challenge": approval.code_challenge,
            "code_verifier": approval.code_verifier,
        }))
        .into_response(),
    }
}

pub(super) async fn page() -> Response {
    pages::device(StatusCode::OK, None)
}

/// Takes the code that a person entered, and continues as in the browser flow.
pub(super) async fn enter(
    State(state): State<Arc<SandboxState>>,
    cookies: CookieJar,
    Form(form): Form<EnterForm>,
) -> Response {
    let user_code = form.user_code.trim().to_uppercase();
    if !state.sign_ins.is_device_pending(&user_code, state.now()) {
        return pages::device(StatusCode::BAD_REQUEST, Some("This code is not known or has expired."));
    }
    let id = state.sign_ins.begin(Request {
        purpose: Purpose::Device { user_code },
        scope: "openid profile email offline_access".to_owned(),
        organizations: true,
        allowed_workspaces: None,
        originator: "a program that gave you a code".to_owned(),
        choose_first: false,
    });
    let next = if session(&state, &cookies).is_some() { "consent" } else { "login" };
    Redirect::to(&format!("/sandbox/{next}?request={id}")).into_response()
}

/// Approves a device sign-in. The server makes the PKCE pair and sends it to the client with the next poll.
pub(super) fn approve(state: &SandboxState, user_code: &str, consent: Consent) {
    let code_verifier = random::string("");
    let code_challenge = pkce::challenge(&code_verifier);
    let redirect_uri = format!("{}/deviceauth/callback", state.addresses.issuer);
    let binding = CodeBinding { consent, redirect_uri, code_challenge: code_challenge.clone() };
    let authorization_code = state.grants.new_code(binding, state.now());
    state.sign_ins.approve_device(user_code, Approval { authorization_code, code_challenge, code_verifier });
}
