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
    ("GET", "/.well-known/openid-configuration", "plan.discovery"),
    ("GET", "/.well-known/jwks.json", "plan.keys"),
    ("GET", "/api/accounts/authorize", "plan.authorize"),
    ("POST", "/api/accounts/oauth/revoke", "plan.revoke"),
    ("POST", "/api/accounts/oauth/revoke/moved", "plan.revoke"),
    ("GET", "/sandbox/plan/login", "plan.login.page"),
    ("POST", "/sandbox/plan/login", "plan.login"),
    ("GET", "/sandbox/plan/consent", "plan.consent.page"),
    ("POST", "/sandbox/plan/consent", "plan.consent"),
    ("GET", "/backend-api/codex/models", "models"),
    ("GET", "/backend-api/wham/usage", "usage"),
    ("GET", "/backend-api/wham/rate-limit-reset-credits", "reset_credits"),
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

/// The endpoints for access tokens of Sign in with `ChatGPT`, at addresses of the Platform.
const PLAN_API: &[(&str, &str, &str)] =
    &[("GET", "/v1/models", "plan.models"), ("POST", "/v1/responses", "plan.responses")];

/// Any other endpoint of the Platform, with such a token.
const PLAN_OTHER: &str = "plan.other";

const GRANT_TYPES: &[(&str, &str)] = &[
    ("authorization_code", "token.authorization_code"),
    ("refresh_token", "token.refresh_token"),
    (TOKEN_EXCHANGE, "token.token_exchange"),
];

const OTHER_GRANT: &str = "token.other";

const PLAN_GRANT_TYPES: &[(&str, &str)] =
    &[("authorization_code", "plan.token.authorization_code"), ("refresh_token", "plan.token.refresh_token")];

const PLAN_OTHER_GRANT: &str = "plan.token.other";

/// Any endpoint that the sandbox does not have.
pub(crate) const OTHER: &str = "other";

/// Returns the endpoint's name.
///
/// `body` decides between the grant types of a token endpoint, and whether the bearer token is one of Sign in with
/// `ChatGPT` decides between the two APIs at `/v1`.
pub(crate) fn name(method: &Method, path: &str, body: &Value, is_plan_token: bool) -> &'static str {
    let grant_type = body["grant_type"].as_str().unwrap_or_default();
    match path {
        "/oauth/token" if method == Method::POST => grant_name(GRANT_TYPES, grant_type, OTHER_GRANT),
        "/api/accounts/oauth/token" if method == Method::POST => {
            grant_name(PLAN_GRANT_TYPES, grant_type, PLAN_OTHER_GRANT)
        }
        path if is_plan_token && path.starts_with("/v1/") => {
            find(PLAN_API, method, path).unwrap_or(PLAN_OTHER)
        }
        path => match endpoint_path(path) {
            Some(below_base) => find(COMPATIBLE, method, below_base),
            None => find(ENDPOINTS, method, path),
        }
        .unwrap_or(OTHER),
    }
}

fn find(endpoints: &[(&str, &str, &'static str)], method: &Method, path: &str) -> Option<&'static str> {
    endpoints
        .iter()
        .find(|(verb, route, _)| method.as_str() == *verb && path == *route)
        .map(|(_, _, name)| *name)
}

fn grant_name(grant_types: &[(&str, &'static str)], grant_type: &str, other: &'static str) -> &'static str {
    grant_types.iter().find(|(grant, _)| *grant == grant_type).map_or(other, |(_, name)| name)
}

/// Returns whether an endpoint has this name.
///
/// A fault for a misspelt name would never happen, and a test would pass for the wrong reason.
pub(crate) fn is_known(name: &str) -> bool {
    [OTHER, OTHER_GRANT, PLAN_OTHER, PLAN_OTHER_GRANT].contains(&name)
        || ENDPOINTS.iter().chain(COMPATIBLE).chain(PLAN_API).any(|(_, _, known)| *known == name)
        || GRANT_TYPES.iter().chain(PLAN_GRANT_TYPES).any(|(_, known)| *known == name)
}

/// Returns whether the endpoint can send an event stream, so that stream faults make sense.
pub(crate) fn is_streaming(name: &str) -> bool {
    matches!(
        name,
        "responses"
            | "plan.responses"
            | "platform.responses"
            | "platform.chat_completions"
            | "compatible.responses"
            | "compatible.chat_completions"
    )
}
