//! The addresses of a provider with a sign-in.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::Failure;
use crate::provider::base_url::{PlainHttp, append_path, base_url};

/// The addresses of a provider. A credential is stored with them and never sent to others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoints {
    /// Base address of the authorization server, without a slash at the end.
    pub issuer: Url,
    /// Base address of the backend; `/codex/…` and `/wham/…` are appended.
    pub backend: Url,
}

impl Endpoints {
    /// OpenAI's own addresses (protocol §0).
    pub const ISSUER: &str = "https://auth.openai.com";
    /// OpenAI's own addresses (protocol §0).
    pub const BACKEND: &str = "https://chatgpt.com/backend-api";

    /// Parses both addresses; rejects those that a token must not be sent to.
    pub fn parse(issuer: &str, backend: &str) -> Result<Self, Failure> {
        Ok(Self {
            issuer: base_url(issuer, PlainHttp::LoopbackOnly)?,
            backend: base_url(backend, PlainHttp::LoopbackOnly)?,
        })
    }

    /// Returns the address of `path` at the authorization server.
    pub fn at_issuer(&self, path: &str) -> Url {
        append_path(&self.issuer, path)
    }

    /// Returns the address of `path` at the backend.
    pub fn at_backend(&self, path: &str) -> Url {
        append_path(&self.backend, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorCode;

    #[test]
    fn endpoints_append_path_to_base() {
        let at = Endpoints::parse("http://127.0.0.1:9/", "https://chatgpt.com/backend-api").unwrap();
        assert_eq!(at.at_issuer("/oauth/token").as_str(), "http://127.0.0.1:9/oauth/token");
        assert_eq!(at.at_backend("/wham/usage").as_str(), "https://chatgpt.com/backend-api/wham/usage");
    }

    #[test]
    fn endpoints_with_plain_http_to_other_host_are_rejected() {
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
