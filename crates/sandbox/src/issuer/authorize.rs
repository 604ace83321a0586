//! `GET /oauth/authorize` (protocol §1.1).
//!
//! An error about the client or the redirect is shown to the person only: a redirect to an address that is not
//! registered would send the response to a stranger (RFC 6749 §4.1.2.1).

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use url::Url;

use super::consent::pages;
use super::consent::return_to::ReturnTo;
use super::consent::session::chosen_account;
use super::consent::sign_ins::{Purpose, Request};
use super::constants::CLIENT_ID;
use super::parameters::Parameters;
use super::pkce;
use crate::state::SandboxState;

/// Scopes seen in use (protocol §1.1).
const KNOWN_SCOPES: [&str; 6] =
    ["openid", "profile", "email", "offline_access", "api.connectors.read", "api.connectors.invoke"];

pub(super) async fn authorize(
    State(state): State<Arc<SandboxState>>,
    RawQuery(query): RawQuery,
    cookies: CookieJar,
) -> Response {
    let parameters = match Parameters::parse(query.as_deref().unwrap_or_default().as_bytes()) {
        Ok(parameters) => parameters,
        Err(message) => return pages::error(StatusCode::BAD_REQUEST, &message),
    };
    if parameters.get("client_id") != Some(CLIENT_ID) {
        return pages::error(StatusCode::BAD_REQUEST, "This client_id is not known here.");
    }
    let redirect_uri = parameters.get("redirect_uri").unwrap_or_default().to_owned();
    if !is_registered(&state, &redirect_uri) {
        return pages::error(
            StatusCode::BAD_REQUEST,
            "This redirect_uri is not registered for this client, so the browser stays here.",
        );
    }
    let back = ReturnTo { redirect_uri, state: parameters.get("state").map(str::to_owned) };
    let request = match check(&parameters, back.clone()) {
        Ok(request) => request,
        Err((error, description)) => return back.with_error(error, description).into_response(),
    };
    let next = if chosen_account(&state, &cookies, &request).is_some() { "consent" } else { "login" };
    let id = state.sign_ins.begin(request);
    Redirect::to(&format!("/sandbox/{next}?request={id}")).into_response()
}

/// Returns whether the redirect is registered: `http`, `127.0.0.1` or `localhost`, a registered port, `/auth/callback`, compared as a string
/// (protocol §1.2).
fn is_registered(state: &SandboxState, redirect_uri: &str) -> bool {
    let Some(port) = Url::parse(redirect_uri).ok().and_then(|url| url.port()) else { return false };
    let exact = ["127.0.0.1", "localhost"]
        .iter()
        .any(|host| redirect_uri == format!("http://{host}:{port}/auth/callback"));
    exact && state.options.accepts_redirect_port(port)
}

/// Checks the parameters. An error goes to the client.
fn check(parameters: &Parameters, back: ReturnTo) -> Result<Request, (&'static str, &'static str)> {
    let invalid = |description| Err(("invalid_request", description));
    if parameters.get("response_type") != Some("code") {
        return Err(("unsupported_response_type", "response_type must be code"));
    }
    if back.state.as_deref().is_none_or(str::is_empty) {
        return invalid("state is required");
    }
    // RFC 7636 §4.4.1; RFC 9700 §2.1.1 leaves no room for `plain`.
    if parameters.get("code_challenge_method") != Some("S256") {
        return invalid("code_challenge_method must be S256");
    }
    let code_challenge = parameters.get("code_challenge").unwrap_or_default();
    if !pkce::is_challenge(code_challenge) {
        return invalid("code_challenge must be 43 characters of base64url");
    }
    let scope = parameters.get("scope").unwrap_or_default();
    let mut scopes = scope.split(' ');
    if !scope.split(' ').any(|scope| scope == "openid") || !scopes.all(|scope| KNOWN_SCOPES.contains(&scope))
    {
        return Err(("invalid_scope", "scope must contain openid and known scopes only"));
    }
    // Clients that send none of these three are accepted (protocol §1.3); a wrong value is an error.
    let organizations = parameters.get("id_token_add_organizations");
    for flag in [organizations, parameters.get("codex_cli_simplified_flow")] {
        if flag.is_some_and(|value| value != "true") {
            return invalid(
                "id_token_add_organizations and codex_cli_simplified_flow must be true when sent",
            );
        }
    }
    if parameters.get("originator") == Some("") {
        return invalid("originator must not be empty");
    }
    if parameters.get("prompt").is_some_and(|prompt| prompt != "login") {
        return invalid("prompt must be login when sent");
    }
    Ok(Request {
        purpose: Purpose::Redirect { back, code_challenge: code_challenge.to_owned() },
        scope: scope.to_owned(),
        organizations: organizations.is_some(),
        allowed_workspaces: parameters
            .get("allowed_workspace_id")
            .map(|ids| ids.split(',').map(str::to_owned).collect()),
        originator: parameters.get("originator").unwrap_or("a program that gives no name").to_owned(),
        choose_first: parameters.get("prompt") == Some("login"),
    })
}
