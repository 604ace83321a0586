//! `POST /api/accounts/oauth/token`: code exchange (siwc §5) and refresh (siwc §7), both as a form.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::grants::{Exchange, GrantError, TOO_EARLY};
use super::tokens::response::{PlanUsageTokens, issue, refresh_window};
use crate::issuer::error::oauth_error;
use crate::issuer::parameters::Parameters;
use crate::plan_usage::constants::RESOURCE;
use crate::plan_usage::settings::TokenField;
use crate::state::SandboxState;

const EXCHANGE_FIELDS: [&str; 6] =
    ["grant_type", "client_id", "code", "code_verifier", "redirect_uri", "resource"];

const REFRESH_FIELDS: [&str; 4] = ["grant_type", "client_id", "refresh_token", "resource"];

/// Counted when a refresh comes before its gate.
const TOO_EARLY_MARK: &str = "plan.refresh_too_early";

pub(super) async fn token(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = match read_form(&headers, &body) {
        Ok(form) => form,
        Err(text) => return invalid_request(&text),
    };
    match form.get("grant_type") {
        Some("authorization_code") => exchange(&state, &form),
        Some("refresh_token") => refresh(&state, &form),
        _ => oauth_error(StatusCode::BAD_REQUEST, "unsupported_grant_type", "grant_type is not known here"),
    }
}

/// Reads a form without repeated fields (RFC 6749 §3.2).
pub(super) fn read_form(headers: &HeaderMap, body: &[u8]) -> Result<Parameters, String> {
    let content_type = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    if !content_type.starts_with(b"application/x-www-form-urlencoded") {
        return Err("the body must be a form".to_owned());
    }
    Parameters::parse(body)
}

fn exchange(state: &SandboxState, form: &Parameters) -> Response {
    if let Err(response) = check(state, form, &EXCHANGE_FIELDS) {
        return *response;
    }
    let exchange = Exchange {
        client_id: form.get("client_id").unwrap_or_default(),
        code: form.get("code").unwrap_or_default(),
        redirect_uri: form.get("redirect_uri").unwrap_or_default(),
        code_verifier: form.get("code_verifier").unwrap_or_default(),
    };
    let (settings, now) = (state.settings().plan_usage, state.now());
    match state.plan_usage.grants.redeem(&exchange, now, refresh_window(&settings, now)) {
        Ok(grant) => success(&issue(state, grant), &settings.exchange_omits),
        Err(error) => refused(&error),
    }
}

fn refresh(state: &SandboxState, form: &Parameters) -> Response {
    if let Err(response) = check(state, form, &REFRESH_FIELDS) {
        return *response;
    }
    let client_id = form.get("client_id").unwrap_or_default();
    let token = form.get("refresh_token").unwrap_or_default();
    let (settings, now) = (state.settings().plan_usage, state.now());
    let window = refresh_window(&settings, now);
    match state.plan_usage.grants.refresh(client_id, token, now, settings.early_refresh, window) {
        Ok(grant) => success(&issue(state, grant), &settings.refresh_omits),
        Err(error) => {
            if error == TOO_EARLY {
                state.request_log.mark(TOO_EARLY_MARK);
            }
            refused(&error)
        }
    }
}

/// Checks that the form has exactly these fields, an issued client, and the one resource.
fn check(state: &SandboxState, form: &Parameters, fields: &[&str]) -> Result<(), Box<Response>> {
    if let Some(name) = form.unknown(fields) {
        return Err(Box::new(invalid_request(&format!("{name} is not a field of this request"))));
    }
    if let Some(name) = fields.iter().find(|name| form.get(name).is_none_or(str::is_empty)) {
        return Err(Box::new(invalid_request(&format!("{name} is required"))));
    }
    if form.get("resource") != Some(RESOURCE) {
        let text = format!("resource must be {RESOURCE}");
        return Err(Box::new(oauth_error(StatusCode::BAD_REQUEST, "invalid_target", &text)));
    }
    // The dynamic id is never registered (siwc §2).
    if state.plan_usage.registrations.find(form.get("client_id").unwrap_or_default()).is_none() {
        let text = "client_id was not issued here";
        return Err(Box::new(oauth_error(StatusCode::UNAUTHORIZED, "invalid_client", text)));
    }
    Ok(())
}

/// Returns the tokens, not to be cached (RFC 6749 §5.1).
fn success(tokens: &PlanUsageTokens, omitted: &[TokenField]) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(tokens.to_response(omitted))).into_response()
}

fn refused(error: &GrantError) -> Response {
    oauth_error(StatusCode::BAD_REQUEST, error.code, error.description)
}

fn invalid_request(text: &str) -> Response {
    oauth_error(StatusCode::BAD_REQUEST, "invalid_request", text)
}
