//! What an authorization request has to look like (siwc §3). Everything that the page does not name is refused.

use url::Url;

use super::requests::{AuthorizationRequest, Client};
use crate::issuer::consent::return_to::ReturnTo;
use crate::issuer::parameters::Parameters;
use crate::issuer::pkce;
use crate::plan_usage::constants::{DYNAMIC_CLIENT, RESOURCE, SCOPES};
use crate::plan_usage::registrations::Registrations;

/// The parameters of both tables of siwc §3.
const PARAMETERS: [&str; 14] = [
    "client_id",
    "agent_name_hint",
    "ext_agent_host_id",
    "response_type",
    "redirect_uri",
    "scope",
    "resource",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "id_token_hint",
    "login_hint",
    "prompt",
];

/// An error for the client: code and description.
type ClientError = (&'static str, String);

/// Returns the client, or why the browser stays here: a redirect could go to a stranger (RFC 6749 §4.1.2.1).
pub(super) fn client(parameters: &Parameters, registrations: &Registrations) -> Result<Client, &'static str> {
    let redirect_uri = parameters.get("redirect_uri").unwrap_or_default();
    let redirect_path = loopback_path(redirect_uri)
        .ok_or("redirect_uri must be http://127.0.0.1 with a port and a path, and without a query.")?;
    let client_id = parameters.get("client_id").unwrap_or_default();
    if client_id == DYNAMIC_CLIENT {
        let agent_name = parameters.get("agent_name_hint").unwrap_or_default().to_owned();
        return Ok(Client::New { agent_name, redirect_path });
    }
    let registration = registrations.find(client_id).ok_or("This client_id is not known here.")?;
    if registration.redirect_path != redirect_path {
        return Err("The path of redirect_uri is not the one of the registration.");
    }
    Ok(Client::Known(registration))
}

/// Returns the path of a redirect to `http://127.0.0.1:PORT`, whatever the port is (siwc §3).
fn loopback_path(redirect_uri: &str) -> Option<String> {
    let url = Url::parse(redirect_uri).ok()?;
    let exact = format!("http://127.0.0.1:{}{}", url.port()?, url.path());
    (redirect_uri == exact).then(|| url.path().to_owned())
}

/// Checks the other parameters. An error goes to the client.
pub(super) fn request(
    parameters: &Parameters,
    client: Client,
    back: ReturnTo,
) -> Result<AuthorizationRequest, ClientError> {
    if let Some(name) = parameters.unknown(&PARAMETERS) {
        return invalid(&format!("{name} is not a parameter of this sign-in"));
    }
    check_oauth(parameters)?;
    check_hints(parameters, &client)?;
    let host_id = parameters.get("ext_agent_host_id").unwrap_or_default();
    if !is_host_id(host_id) {
        return invalid("ext_agent_host_id must be urn:uuid with a version 4, a JWK thumbprint, or did:key");
    }
    let prompt = parameters.get("prompt");
    let needs_consent = prompt.is_some() || matches!(client, Client::New { .. });
    Ok(AuthorizationRequest {
        back,
        client,
        host_id: host_id.to_owned(),
        nonce: parameters.get("nonce").unwrap_or_default().to_owned(),
        code_challenge: parameters.get("code_challenge").unwrap_or_default().to_owned(),
        login_hint: parameters.get("login_hint").map(str::to_owned),
        needs_consent,
        account: None,
    })
}

/// Checks what every authorization request with PKCE and OpenID Connect has.
fn check_oauth(parameters: &Parameters) -> Result<(), ClientError> {
    if parameters.get("response_type") != Some("code") {
        return Err(("unsupported_response_type", "response_type must be code".to_owned()));
    }
    for name in ["state", "nonce"] {
        if parameters.get(name).is_none_or(str::is_empty) {
            return invalid(&format!("{name} is required"));
        }
    }
    if parameters.get("code_challenge_method") != Some("S256") {
        return invalid("code_challenge_method must be S256");
    }
    if !pkce::is_challenge(parameters.get("code_challenge").unwrap_or_default()) {
        return invalid("code_challenge must be 43 characters of base64url");
    }
    let mut scopes: Vec<&str> = parameters.get("scope").unwrap_or_default().split(' ').collect();
    let mut all = SCOPES.to_vec();
    scopes.sort_unstable();
    all.sort_unstable();
    if scopes != all {
        return Err(("invalid_scope", format!("scope must be {}", SCOPES.join(" "))));
    }
    if parameters.get("resource") != Some(RESOURCE) {
        return Err(("invalid_target", format!("resource must be {RESOURCE}")));
    }
    Ok(())
}

/// Checks the parameters in which a registration and a returning sign-in differ (siwc §3).
fn check_hints(parameters: &Parameters, client: &Client) -> Result<(), ClientError> {
    match client {
        Client::New { agent_name, .. } => {
            if agent_name.trim().is_empty() {
                return invalid("agent_name_hint is required for a registration");
            }
            for name in ["id_token_hint", "login_hint", "prompt"] {
                if parameters.get(name).is_some() {
                    return invalid(&format!("{name} is not for a registration"));
                }
            }
        }
        Client::Known(_) => {
            if parameters.get("agent_name_hint").is_some() {
                return invalid("agent_name_hint is for a registration only");
            }
            if parameters.get("prompt").is_some_and(|prompt| prompt != "consent") {
                return invalid("prompt must be consent when sent");
            }
        }
    }
    Ok(())
}

/// Returns whether a host id has one of the three forms of siwc §2.
fn is_host_id(host_id: &str) -> bool {
    let long_enough = |rest: &str| rest.len() >= 16 && rest.bytes().all(|byte| byte.is_ascii_graphic());
    if let Some(uuid) = host_id.strip_prefix("urn:uuid:") {
        return is_uuid_v4(uuid);
    }
    ["urn:ietf:params:oauth:jwk-thumbprint:", "did:key:"]
        .iter()
        .any(|prefix| host_id.strip_prefix(prefix).is_some_and(long_enough))
}

/// Returns whether this is a version 4 UUID in lower case (RFC 9562 §5.4).
fn is_uuid_v4(uuid: &str) -> bool {
    uuid.len() == 36
        && uuid.bytes().enumerate().all(|(position, byte)| match position {
            8 | 13 | 18 | 23 => byte == b'-',
            14 => byte == b'4',
            19 => b"89ab".contains(&byte),
            _ => b"0123456789abcdef".contains(&byte),
        })
}

fn invalid<T>(description: &str) -> Result<T, ClientError> {
    Err(("invalid_request", description.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{is_host_id, loopback_path};

    #[test]
    fn host_id_has_one_of_three_forms() {
        for valid in [
            "urn:uuid:0c84b5f0-6a3f-4f7d-9f0e-7d3a1b2c4d5e",
            "urn:ietf:params:oauth:jwk-thumbprint:sha-256:NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
            "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
        ] {
            assert!(is_host_id(valid), "{valid}");
        }
        for invalid in [
            "",
            "urn:uuid:",
            "urn:uuid:0c84b5f0-6a3f-1f7d-9f0e-7d3a1b2c4d5e",
            "urn:uuid:0C84B5F0-6A3F-4F7D-9F0E-7D3A1B2C4D5E",
            "0c84b5f0-6a3f-4f7d-9f0e-7d3a1b2c4d5e",
            "ada@example.com",
            "did:key:",
        ] {
            assert!(!is_host_id(invalid), "{invalid}");
        }
    }

    #[test]
    fn redirect_goes_to_exact_loopback_address() {
        assert_eq!(loopback_path("http://127.0.0.1:41777/auth/callback").as_deref(), Some("/auth/callback"));
        for invalid in [
            "http://localhost:1455/auth/callback",
            "http://[::1]:1455/auth/callback",
            "https://127.0.0.1:1455/auth/callback",
            "http://127.0.0.1/auth/callback",
            "http://127.0.0.1:1455/auth/callback?x=1",
            "http://127.0.0.1:1455/auth/callback#x",
            "http://user@127.0.0.1:1455/auth/callback",
            "http://127.1:1455/auth/callback",
            "not a url",
        ] {
            assert_eq!(loopback_path(invalid), None, "{invalid}");
        }
    }
}
