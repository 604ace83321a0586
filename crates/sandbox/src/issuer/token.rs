//! `POST /oauth/token`: code exchange (protocol §2.1) and refresh (protocol §3).

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::constants::{CLIENT_ID, TOKEN_EXCHANGE};
use super::error::{api_error, oauth_error};
use super::grants::TokenSet;
use crate::state::SandboxState;

pub(super) async fn token(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields = match Fields::read(&headers, &body) {
        Ok(fields) => fields,
        Err(text) => return oauth_error(StatusCode::BAD_REQUEST, "invalid_request", text),
    };
    if fields.get("client_id") != Some(CLIENT_ID) {
        return oauth_error(StatusCode::UNAUTHORIZED, "invalid_client", "client_id is not known here");
    }
    match fields.get("grant_type") {
        Some("authorization_code") => exchange(&state, &fields),
        Some("refresh_token") => refresh(&state, &fields),
        // protocol §2.5: it would make a credential that costs money, and no client of ours requests one.
        Some(TOKEN_EXCHANGE) => {
            oauth_error(StatusCode::BAD_REQUEST, "invalid_request", "the sandbox makes no API keys")
        }
        _ => oauth_error(StatusCode::BAD_REQUEST, "unsupported_grant_type", "grant_type is not known here"),
    }
}

fn exchange(state: &SandboxState, fields: &Fields) -> Response {
    if fields.encoding == Encoding::Json {
        return oauth_error(StatusCode::BAD_REQUEST, "invalid_request", "the code exchange is a form");
    }
    let (Some(code), Some(redirect_uri), Some(verifier)) =
        (fields.get("code"), fields.get("redirect_uri"), fields.get("code_verifier"))
    else {
        let text = "code, redirect_uri and code_verifier are required";
        return oauth_error(StatusCode::BAD_REQUEST, "invalid_request", text);
    };
    let lifetime = state.settings().access_token_lifetime_s;
    match state.grants.redeem(code, redirect_uri, verifier, state.now(), lifetime) {
        Ok(tokens) => success(&tokens),
        Err(text) => oauth_error(StatusCode::BAD_REQUEST, "invalid_grant", text),
    }
}

/// Refreshes, with a form or with JSON (protocol §3.1).
fn refresh(state: &SandboxState, fields: &Fields) -> Response {
    let Some(token) = fields.get("refresh_token") else {
        return oauth_error(StatusCode::BAD_REQUEST, "invalid_request", "refresh_token is required");
    };
    match state.grants.refresh(token, state.now(), state.settings().access_token_lifetime_s) {
        Ok(tokens) => success(&tokens),
        Err(code) => api_error(StatusCode::UNAUTHORIZED, "invalid_request_error", code),
    }
}

/// Returns the tokens, not to be cached (RFC 6749 §5.1).
fn success(tokens: &TokenSet) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(tokens)).into_response()
}

#[derive(PartialEq, Eq)]
enum Encoding {
    Form,
    Json,
}

struct Fields {
    encoding: Encoding,
    values: HashMap<String, String>,
}

impl Fields {
    fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, &'static str> {
        let content_type =
            headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if content_type.starts_with("application/x-www-form-urlencoded") {
            let values = serde_urlencoded::from_bytes(body).map_err(|_| "the form can't be read")?;
            return Ok(Self { encoding: Encoding::Form, values });
        }
        if content_type.starts_with("application/json") {
            let object: HashMap<String, Value> =
                serde_json::from_slice(body).map_err(|_| "the JSON can't be read")?;
            let strings =
                object.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
            return Ok(Self { encoding: Encoding::Json, values: strings.collect() });
        }
        Err("the body must be a form or JSON")
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }
}
