//! A provider as data: where it is, how its sign-in is asked for, and how it wants to be spoken to.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use url::{Host, Url};

use crate::{ErrorCode, Failure};

/// Which provider; the names are part of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderId {
    /// The person's ChatGPT plan, through the Codex backend.
    Chatgpt,
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chatgpt => f.write_str("chatgpt"),
        }
    }
}

/// Where a provider is. A credential remembers these and is never sent anywhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoints {
    /// Authorization server base, without a slash at the end.
    pub issuer: Url,
    /// Backend base; `/codex/…` and `/wham/…` are appended.
    pub backend: Url,
}

impl Endpoints {
    /// OpenAI's own addresses (protocol §0).
    pub const ISSUER: &str = "https://auth.openai.com";
    /// OpenAI's own addresses (protocol §0).
    pub const BACKEND: &str = "https://chatgpt.com/backend-api";

    /// Reads both addresses, refusing what a token must not be sent to.
    pub fn parse(issuer: &str, backend: &str) -> Result<Self, Failure> {
        Ok(Self { issuer: base_url(issuer)?, backend: base_url(backend)? })
    }

    /// `path` below the authorization server.
    pub fn at_issuer(&self, path: &str) -> Url {
        below(&self.issuer, path)
    }

    /// `path` below the backend.
    pub fn at_backend(&self, path: &str) -> Url {
        below(&self.backend, path)
    }
}

/// A base address: https, or http on this computer only (contract section 1); no user, query or fragment.
fn base_url(text: &str) -> Result<Url, Failure> {
    let bad = |why: &str| Failure::new(ErrorCode::BadUrl, format!("{text}: {why}"));
    let url = Url::parse(text).map_err(|error| bad(&error.to_string()))?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err(bad("plain http is accepted for this computer only")),
        _ => return Err(bad("the address must begin with https://")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("an address must not hold a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad("a base address has no query and no fragment"));
    }
    Ok(url)
}

/// Whether `url` names this computer by a loopback address or as `localhost`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let prefix = base.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{prefix}{path}"));
    url
}

/// How the redirect names this computer; the registered forms differ by client age (protocol, corrections).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RedirectHost {
    /// `127.0.0.1`, what the first-party client sends now.
    Ip,
    /// `localhost`, what older and third-party clients send.
    Name,
}

impl RedirectHost {
    /// The host part of the redirect URI.
    pub fn host(self) -> &'static str {
        match self {
            Self::Ip => "127.0.0.1",
            Self::Name => "localhost",
        }
    }
}

/// Everything about a provider that is data rather than code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Which one.
    pub id: ProviderId,
    /// Where it is.
    pub endpoints: Endpoints,
    /// Public client id, without a secret (RFC 8252 §8.4).
    pub client_id: String,
    /// Least scope, in order (protocol §12.1).
    pub scopes: Vec<String>,
    /// Our own name to the far side; Usher never poses as another program.
    pub originator: String,
    /// Parameters that the authorize page wants besides the standard ones (protocol §1.1).
    pub authorize_extra: Vec<(String, String)>,
    /// Ports on the client's registered redirect list, in the order to try (protocol §1.2).
    pub callback_ports: Vec<u16>,
    /// Path of the redirect URI.
    pub callback_path: String,
    /// Level of the model catalogue to ask for. Not our identity: too low a level hides new models
    /// (protocol §7.1), so this is the level of the recordings and can be raised in the settings.
    pub catalogue_level: String,
}

impl Provider {
    /// `client_version` of the recordings (`clients.md`): the catalogue that this version of Usher knows.
    pub const CATALOGUE_LEVEL: &str = "0.169.0";

    /// The person's ChatGPT plan, reached at `endpoints`.
    pub fn chatgpt(endpoints: Endpoints) -> Self {
        let pairs = [("id_token_add_organizations", "true"), ("codex_cli_simplified_flow", "true")];
        Self {
            id: ProviderId::Chatgpt,
            endpoints,
            client_id: "app_EMoamEEZ73f0CkXaXp7hrann".into(),
            scopes: ["openid", "profile", "email", "offline_access"].map(String::from).to_vec(),
            originator: "usher".into(),
            authorize_extra: pairs.map(|(key, value)| (key.into(), value.into())).to_vec(),
            callback_ports: vec![1455, 1457],
            callback_path: "/auth/callback".into(),
            catalogue_level: Self::CATALOGUE_LEVEL.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_put_below_the_base() {
        let at = Endpoints::parse("http://127.0.0.1:9/", "https://chatgpt.com/backend-api").unwrap();
        assert_eq!(at.at_issuer("/oauth/token").as_str(), "http://127.0.0.1:9/oauth/token");
        assert_eq!(at.at_backend("/wham/usage").as_str(), "https://chatgpt.com/backend-api/wham/usage");
    }

    #[test]
    fn a_token_is_never_sent_in_clear_to_another_computer() {
        for issuer in
            ["http://auth.openai.com", "http://10.0.0.1", "ftp://x", "https://u:p@x", "https://x?a=b"]
        {
            let refused = Endpoints::parse(issuer, Endpoints::BACKEND).unwrap_err();
            assert_eq!(refused.code, ErrorCode::BadUrl, "{issuer}");
        }
        for issuer in ["http://localhost:1", "http://[::1]:1", "http://127.0.0.1:1", "https://x"] {
            Endpoints::parse(issuer, Endpoints::BACKEND).unwrap();
        }
    }
}
