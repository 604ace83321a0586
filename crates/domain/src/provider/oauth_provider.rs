//! A provider with a sign-in, as data: its addresses and the parameters of its sign-in.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Endpoints;

/// How the redirect names this computer; the registered forms differ by client age (protocol §0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RedirectHost {
    /// `127.0.0.1`, what the first-party client sends now.
    Ip,
    /// `localhost`, what older and third-party clients send.
    Name,
}

impl RedirectHost {
    /// Returns the host of the redirect URI.
    pub fn host(self) -> &'static str {
        match self {
            Self::Ip => "127.0.0.1",
            Self::Name => "localhost",
        }
    }
}

/// A provider with an OAuth sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuthProvider {
    /// Its addresses.
    pub endpoints: Endpoints,
    /// Public client id, without a secret (RFC 8252 §8.4).
    pub client_id: String,
    /// Least scope, in order (protocol §12.1).
    pub scopes: Vec<String>,
    /// Usher's own name for the server; it never impersonates another program.
    pub originator: String,
    /// Parameters that the authorize page requires besides the standard ones (protocol §1.1).
    pub authorize_extra: Vec<(String, String)>,
    /// Ports on the client's registered redirect list, in the order to try (protocol §1.2).
    pub callback_ports: Vec<u16>,
    /// Path of the redirect URI.
    pub callback_path: String,
    /// The client version to request the model catalog for.
    ///
    /// It is not Usher's version: too low a version hides new models (protocol §7.1), so this is the one of the
    /// recordings and can be raised in the settings.
    pub catalog_client_version: String,
}

impl OAuthProvider {
    /// `client_version` of the recordings (clients §2.2): the catalog that this version of Usher knows.
    pub const CATALOG_CLIENT_VERSION: &str = "0.171.0";

    /// Returns the ChatGPT plan at `endpoints`.
    pub fn chatgpt(endpoints: Endpoints) -> Self {
        let pairs = [("id_token_add_organizations", "true"), ("codex_cli_simplified_flow", "true")];
        Self {
            endpoints,
            client_id: "app_EMoamEEZ73f0CkXaXp7hrann".into(),
            scopes: ["openid", "profile", "email", "offline_access"].map(String::from).to_vec(),
            originator: "usher".into(),
            authorize_extra: pairs.map(|(key, value)| (key.into(), value.into())).to_vec(),
            callback_ports: vec![1455, 1457],
            callback_path: "/auth/callback".into(),
            catalog_client_version: Self::CATALOG_CLIENT_VERSION.into(),
        }
    }
}
