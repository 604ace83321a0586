//! The authorization request of plan usage, and what its redirect has to name (siwc §3, §4).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use usher_domain::{Endpoints, ErrorCode, Failure, IdToken};

use crate::plan_usage::registrations::client_id::{DYNAMIC_CLIENT_ID, IssuedClientId};
use crate::plan_usage::registrations::host_id::HostId;
use crate::plan_usage::token_endpoint::RESOURCE;
use crate::platform::random::random;
use crate::sign_in::authorization::{AuthorizationParameters, AuthorizationRequest, AuthorizedCode};

/// The path of the redirect address, which the first registration fixes for good.
pub(super) const REDIRECT_PATH: &str = "/auth/callback";
const AUTHORIZE_PATH: &str = "/api/accounts/authorize";
/// The same on every installation; the user can change it on the page.
const NAME: &str = "Usher";
const SCOPES: [&str; 6] =
    ["openid", "profile", "email", "offline_access", "resource.invoke", "chatgpt.tokens.use.direct"];
const NONCE_BYTES: usize = 32;

/// Whom the request is for.
pub(super) enum RequestedClient {
    /// A new registration.
    New,
    /// A registration that Usher has.
    Known(KnownClient),
}

/// A registration, with what spares its person the choice of an account.
pub(super) struct KnownClient {
    pub(super) client_id: IssuedClientId,
    /// The last ID token; it may have expired.
    pub(super) id_hint: Option<IdToken>,
    pub(super) email: Option<String>,
    /// The path that the registration fixed.
    pub(super) redirect_path: String,
}

/// The request of one sign-in.
pub(super) struct PlanAuthorizationRequest {
    pub(super) request: AuthorizationRequest,
    pub(super) redirect_path: String,
    /// Bound to the ID token of the response.
    pub(super) nonce: String,
    pub(super) expected: ExpectedClient,
}

/// What the redirect is checked against besides the `state`.
pub(super) struct ExpectedClient {
    client: RequestedClient,
    issuer: String,
}

impl PlanAuthorizationRequest {
    /// Creates a request whose response is redirected to `port` of this computer. With `consent` the page asks for the
    /// plan although it was refused before (siwc §3).
    pub(super) fn new(
        endpoints: &Endpoints,
        host_id: &HostId,
        client: RequestedClient,
        port: u16,
        consent: bool,
    ) -> Result<Self, Failure> {
        let nonce = URL_SAFE_NO_PAD.encode(random::<NONCE_BYTES>()?);
        let mut extra = vec![
            ("resource", RESOURCE.to_owned()),
            ("nonce", nonce.clone()),
            ("ext_agent_host_id", host_id.to_urn()),
        ];
        let (client_id, redirect_path) = match &client {
            RequestedClient::New => {
                extra.push(("agent_name_hint", NAME.to_owned()));
                (DYNAMIC_CLIENT_ID, REDIRECT_PATH)
            }
            RequestedClient::Known(known) => (known.client_id.as_str(), known.redirect_path.as_str()),
        };
        if consent {
            extra.push(("prompt", "consent".to_owned()));
        }
        let request = AuthorizationRequest::new(AuthorizationParameters {
            page: endpoints.at_issuer(AUTHORIZE_PATH),
            client_id: client_id.to_owned(),
            redirect_uri: format!("http://127.0.0.1:{port}{redirect_path}"),
            scopes: SCOPES.map(str::to_owned).to_vec(),
            extra: extra.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            issues_client_id: matches!(client, RequestedClient::New),
            hints: client.hints(),
        })?;
        let redirect_path = redirect_path.to_owned();
        let issuer = endpoints.issuer.as_str().trim_end_matches('/').to_owned();
        Ok(Self { request, redirect_path, nonce, expected: ExpectedClient { client, issuer } })
    }
}

impl ExpectedClient {
    /// Returns the client id to exchange the code with.
    ///
    /// A new registration is complete only with an issued id. A known one may come without; another id never replaces
    /// it (siwc §4).
    pub(super) fn client_id_of(&self, code: &AuthorizedCode) -> Result<IssuedClientId, Failure> {
        if code.issuer.as_ref().is_some_and(|issuer| *issuer != self.issuer) {
            let cause = "the redirect from the browser is of another issuer";
            return Err(Failure::new(ErrorCode::MalformedAnswer, cause));
        }
        let named = code.client_id.as_deref();
        match &self.client {
            RequestedClient::New => IssuedClientId::parse(named.unwrap_or_default()),
            RequestedClient::Known(known) if named.is_none_or(|id| id == known.client_id.as_str()) => {
                Ok(known.client_id.clone())
            }
            RequestedClient::Known(_) => {
                let cause = "the redirect from the browser names another registration than the one that was to \
                             sign in; nothing was changed";
                Err(Failure::new(ErrorCode::MalformedAnswer, cause))
            }
        }
    }
}

impl RequestedClient {
    /// Returns the hints, which only the browser gets: a credential, or an e-mail address.
    fn hints(&self) -> Vec<(&'static str, String)> {
        let Self::Known(known) = self else { return Vec::new() };
        let mut hints = Vec::new();
        if let Some(id) = &known.id_hint {
            hints.push(("id_token_hint", id.expose().to_owned()));
        }
        if let Some(email) = &known.email {
            hints.push(("login_hint", email.clone()));
        }
        hints
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use usher_domain::AuthorizationCode;

    use super::*;

    fn request(client: RequestedClient, consent: bool) -> PlanAuthorizationRequest {
        let endpoints = Endpoints::parse(Endpoints::ISSUER, "https://api.openai.com/v1").unwrap();
        let host_id = HostId::generate().unwrap();
        PlanAuthorizationRequest::new(&endpoints, &host_id, client, 50_123, consent).unwrap()
    }

    fn known(id_hint: Option<&str>) -> RequestedClient {
        RequestedClient::Known(KnownClient {
            client_id: IssuedClientId::parse("oaiapp_1").unwrap(),
            id_hint: id_hint.map(IdToken::new),
            email: Some("ada@example.com".into()),
            redirect_path: REDIRECT_PATH.into(),
        })
    }

    fn parameters(url: &url::Url) -> BTreeMap<String, String> {
        url.query_pairs().into_owned().collect()
    }

    #[test]
    fn request_of_new_registration_has_the_parameters_of_siwc_3() {
        let request = request(RequestedClient::New, false);
        let sent = parameters(&request.request.url);
        let names: Vec<&str> = sent.keys().map(String::as_str).collect();
        let expected = [
            "agent_name_hint",
            "client_id",
            "code_challenge",
            "code_challenge_method",
            "ext_agent_host_id",
            "nonce",
            "redirect_uri",
            "resource",
            "response_type",
            "scope",
            "state",
        ];
        assert_eq!(names, expected);
        assert_eq!(sent["client_id"], "dynamic_agent_client");
        assert_eq!(sent["redirect_uri"], "http://127.0.0.1:50123/auth/callback");
        assert_eq!(sent["resource"], "https://api.openai.com/v1");
        assert_eq!(
            sent["scope"],
            "openid profile email offline_access resource.invoke chatgpt.tokens.use.direct"
        );
        assert!(sent["ext_agent_host_id"].starts_with("urn:uuid:"));
        assert_eq!(
            (sent["nonce"].len(), sent["state"].len(), sent["agent_name_hint"].as_str()),
            (43, 43, "Usher")
        );
        assert_eq!(request.request.url, request.request.shown_url, "there is nothing to hide");
    }

    #[test]
    fn hints_of_known_registration_are_in_no_shown_address() {
        let hidden = request(known(Some("id.token.hint")), false).request;
        let (sent, shown) = (parameters(&hidden.url), parameters(&hidden.shown_url));
        assert_eq!(
            (sent["id_token_hint"].as_str(), sent["login_hint"].as_str()),
            ("id.token.hint", "ada@example.com")
        );
        assert_eq!(sent["client_id"], "oaiapp_1");
        for absent in ["id_token_hint", "login_hint", "agent_name_hint", "prompt"] {
            assert!(!shown.contains_key(absent), "{absent}");
        }
        assert!(!sent.contains_key("agent_name_hint"), "a name is only for a first registration");
        let consent = request(known(None), true).request;
        assert_eq!(parameters(&consent.url)["prompt"], "consent");
        assert!(!parameters(&consent.url).contains_key("id_token_hint"));
    }

    #[test]
    fn client_id_of_redirect_is_the_issued_or_the_expected_one() {
        let code = |client_id: Option<&str>, issuer: Option<&str>| AuthorizedCode {
            code: AuthorizationCode::new("c"),
            client_id: client_id.map(Into::into),
            issuer: issuer.map(Into::into),
        };
        let new = request(RequestedClient::New, false);
        let own = Some("https://auth.openai.com");
        assert_eq!(new.expected.client_id_of(&code(Some("oaiapp_2"), own)).unwrap().as_str(), "oaiapp_2");
        for bad in [None, Some(""), Some(DYNAMIC_CLIENT_ID), Some("a b")] {
            new.expected.client_id_of(&code(bad, None)).unwrap_err();
        }
        let known = request(known(None), false);
        for good in [None, Some("oaiapp_1")] {
            assert_eq!(known.expected.client_id_of(&code(good, None)).unwrap().as_str(), "oaiapp_1");
        }
        for bad in ["oaiapp_2", DYNAMIC_CLIENT_ID, ""] {
            known.expected.client_id_of(&code(Some(bad), None)).unwrap_err();
        }
        for other in ["https://auth.openai.com/", "https://evil.example", ""] {
            known.expected.client_id_of(&code(Some("oaiapp_1"), Some(other))).unwrap_err();
        }
    }
}
