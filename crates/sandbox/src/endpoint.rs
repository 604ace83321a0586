//! The names of endpoints in counts, recorded requests, faults and delays.

use hyper::Method;
use serde_json::Value;

use crate::compatible::service::endpoint_path;
use crate::issuer::constants::TOKEN_EXCHANGE;

/// Every endpoint: method, path, name. `POST /oauth/token` is several, one for each grant type.
const ENDPOINTS: &[(&str, &str, &str)] = &[
    ("GET", "/oauth/authorize", "authorize"),
    ("POST", "/oauth/revoke", "revoke"),
    ("POST", "/api/accounts/deviceauth/usercode", "device.usercode"),
    ("POST", "/api/accounts/deviceauth/token", "device.token"),
    ("GET", "/api/accounts/v1/user-auth-credential/whoami", "whoami"),
    ("GET", "/codex/device", "device.page"),
    ("POST", "/codex/device", "device.enter"),
    ("GET", "/sandbox/login", "login.page"),
    ("POST", "/sandbox/login", "login"),
    ("GET", "/sandbox/consent", "consent.page"),
    ("POST", "/sandbox/consent", "consent"),
    ("GET", "/backend-api/codex/models", "models"),
    ("GET", "/backend-api/wham/usage", "usage"),
    ("GET", "/backend-api/wham/accounts/check", "accounts.check"),
    ("POST", "/backend-api/codex/responses", "responses"),
    ("GET", "/backend-api/codex/responses", "responses.upgrade"),
    ("GET", "/v1/models", "platform.models"),
    ("POST", "/v1/responses", "platform.responses"),
    ("POST", "/v1/chat/completions", "platform.chat_completions"),
];

/// The endpoints of every compatible service: method, path below its base, name.
const COMPATIBLE: &[(&str, &str, &str)] = &[
    ("GET", "models", "compatible.models"),
    ("POST", "responses", "compatible.responses"),
    ("POST", "chat/completions", "compatible.chat_completions"),
];

const GRANT_TYPES: &[(&str, &str)] = &[
    ("authorization_code", "token.authorization_code"),
    ("refresh_token", "token.refresh_token"),
    (TOKEN_EXCHANGE, "token.token_exchange"),
];

const OTHER_GRANT: &str = "token.other";

/// Any endpoint that the sandbox does not have.
pub(crate) const OTHER: &str = "other";

/// Returns the endpoint's name; `body` decides between the grant types of the token endpoint.
pub(crate) fn name(method: &Method, path: &str, body: &Value) -> &'static str {
    if method == Method::POST && path == "/oauth/token" {
        let grant_type = body["grant_type"].as_str().unwrap_or_default();
        return GRANT_TYPES
            .iter()
            .find(|(grant, _)| *grant == grant_type)
            .map_or(OTHER_GRANT, |(_, name)| name);
    }
    let (endpoints, path) = match endpoint_path(path) {
        Some(below_base) => (COMPATIBLE, below_base),
        None => (ENDPOINTS, path),
    };
    endpoints
        .iter()
        .find(|(verb, route, _)| method.as_str() == *verb && path == *route)
        .map_or(OTHER, |(_, _, name)| name)
}

/// Returns whether an endpoint has this name.
///
/// A fault for a misspelt name would never happen, and a test would pass for the wrong reason.
pub(crate) fn is_known(name: &str) -> bool {
    name == OTHER
        || name == OTHER_GRANT
        || ENDPOINTS.iter().chain(COMPATIBLE).any(|(_, _, known)| *known == name)
        || GRANT_TYPES.iter().any(|(_, known)| *known == name)
}

/// Returns whether the endpoint can send an event stream, so that stream faults make sense.
pub(crate) fn is_streaming(name: &str) -> bool {
    matches!(
        name,
        "responses"
            | "platform.responses"
            | "platform.chat_completions"
            | "compatible.responses"
            | "compatible.chat_completions"
    )
}
