//! The authorization request and the response to it (RFC 6749 §4.1, RFC 7636, RFC 8252).

use oauth2::{AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, RedirectUrl, Scope};
use subtle::ConstantTimeEq as _;
use url::{Url, form_urlencoded};
use usher_domain::{
    AuthorizationCode, CodeVerifier, ErrorCode, Failure, OAuthProvider, RedirectHost, redact,
};

use super::redirect::PastedAddress;

/// Random bytes in the code verifier and in the state (protocol §1.1).
const VERIFIER_BYTES: u32 = 64;
const STATE_BYTES: u32 = 32;
/// The parameters of a redirect that are read, beside `state`.
const PARAMETERS: [&str; 5] = ["error", "error_description", "code", "client_id", "iss"];

/// What differs between the authorization requests of two sign-ins.
pub(crate) struct AuthorizationParameters {
    /// The authorize page.
    pub(crate) page: Url,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    /// Parameters besides those of RFC 6749 and RFC 7636.
    pub(crate) extra: Vec<(String, String)>,
    /// Whether the response names the client id, which no pasted address may lack then (siwc §4).
    pub(crate) issues_client_id: bool,
    /// Parameters that only the browser gets: they say who signs in, or are a credential (siwc §3).
    pub(crate) hints: Vec<(&'static str, String)>,
}

impl AuthorizationParameters {
    /// Returns those of the Codex client, whose response is redirected to `port` of this computer.
    pub(crate) fn of_codex(
        provider: &OAuthProvider,
        host: RedirectHost,
        port: u16,
        choose_account: bool,
    ) -> Self {
        let mut extra = vec![("originator".to_owned(), provider.originator.clone())];
        extra.extend(provider.authorize_extra.iter().cloned());
        if choose_account {
            // Forces the account chooser, for adding a second account (protocol §1.1).
            extra.push(("prompt".to_owned(), "login".to_owned()));
        }
        Self {
            page: provider.endpoints.at_issuer("/oauth/authorize"),
            client_id: provider.client_id.clone(),
            redirect_uri: format!("http://{}:{port}{}", host.host(), provider.callback_path),
            scopes: provider.scopes.clone(),
            extra,
            issues_client_id: false,
            hints: Vec::new(),
        }
    }
}

/// The authorization request of one sign-in: the page to open, and what the response is checked against.
pub(crate) struct AuthorizationRequest {
    /// The page that the browser is sent to, with the hints. Neither logged nor shown.
    pub(crate) url: Url,
    /// The page as it is shown, without hints.
    pub(crate) shown_url: Url,
    /// Sent again, byte for byte, with the code (RFC 6749 §4.1.3).
    pub(crate) redirect_uri: String,
    /// Proves at the exchange that this program made the request (RFC 7636).
    pub(crate) verifier: CodeVerifier,
    state: CsrfToken,
    issues_client_id: bool,
}

impl AuthorizationRequest {
    /// Creates a request with a new verifier and state.
    pub(crate) fn new(parameters: AuthorizationParameters) -> Result<Self, Failure> {
        let AuthorizationParameters { page, client_id, redirect_uri, scopes, extra, issues_client_id, hints } =
            parameters;
        let bad = |error: url::ParseError| Failure::new(ErrorCode::BadUrl, error.to_string());
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256_len(VERIFIER_BYTES);
        let client = oauth2::basic::BasicClient::new(ClientId::new(client_id))
            .set_auth_uri(AuthUrl::from_url(page))
            .set_redirect_uri(RedirectUrl::new(redirect_uri.clone()).map_err(bad)?);
        let mut request = client
            .authorize_url(|| CsrfToken::new_random_len(STATE_BYTES))
            .set_pkce_challenge(challenge)
            .add_scopes(scopes.into_iter().map(Scope::new));
        for (name, value) in extra {
            request = request.add_extra_param(name, value);
        }
        let (shown_url, state) = request.url();
        let mut url = shown_url.clone();
        for (name, value) in hints {
            url.query_pairs_mut().append_pair(name, &value);
        }
        let verifier = CodeVerifier::new(verifier.into_secret());
        Ok(Self { url, shown_url, redirect_uri, verifier, state, issues_client_id })
    }

    /// Parses the query of a redirect: `state` first and in constant time, then `error`, then `code`.
    ///
    /// The order matters: accepting an `error` first would let any local page end a sign-in. Returns `None` for a query
    /// without the right `state`, which belongs to another sign-in or to none; the caller goes on waiting.
    pub(crate) fn parse_redirect(&self, query: &str) -> Option<AuthorizationResponse> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let single = |name: &str| {
            let mut found = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
            match (found.next(), found.next()) {
                (Some(value), None) => Some(value),
                _ => None, // absent, or given twice, which no server sends
            }
        };
        let state = single("state").unwrap_or_default();
        if !bool::from(state.as_bytes().ct_eq(self.state.secret().as_bytes())) {
            return None;
        }
        let is_repeated = |name: &&str| pairs.iter().filter(|(key, _)| key == name).count() > 1;
        if PARAMETERS.iter().any(is_repeated) {
            let cause = "the redirect from the browser has a parameter twice";
            return Some(AuthorizationResponse::Failed(Failure::new(ErrorCode::MalformedAnswer, cause)));
        }
        if let Some(error) = single("error") {
            return Some(AuthorizationResponse::Failed(authorization_error(
                error,
                single("error_description"),
            )));
        }
        Some(match single("code") {
            Some(code) if !code.is_empty() => AuthorizationResponse::Code(AuthorizedCode {
                code: AuthorizationCode::new(code),
                client_id: single("client_id").map(str::to_owned),
                issuer: single("iss").map(str::to_owned),
            }),
            _ => AuthorizationResponse::Failed(Failure::new(
                ErrorCode::MalformedAnswer,
                "the redirect from the browser has neither a code nor an error",
            )),
        })
    }

    /// Parses a redirect address that the user pasted: the full address, or its query alone.
    ///
    /// What terminals, chats and browsers add or change is taken off; which sign-in it belongs to is decided by its
    /// `state` alone.
    pub(crate) fn parse_pasted(&self, text: &str) -> Result<AuthorizationResponse, Failure> {
        let rejected = |why: &str| {
            Failure::new(ErrorCode::BadUrl, format!("the pasted text is not the redirect address: {why}"))
        };
        let pasted = PastedAddress::parse(text);
        let earlier = || {
            let cause = "this address is from an earlier attempt. Copy the newest one";
            Failure::new(ErrorCode::BadUrl, cause)
        };
        if pasted.is_empty() {
            return Err(Failure::new(ErrorCode::BadUrl, "nothing was pasted"));
        }
        if pasted.is_at(&self.url) {
            return Err(rejected(
                "it is the address of the sign-in page; copy the address that the browser shows after you chose Allow",
            ));
        }
        if !pasted.is_redirect_to(&self.redirect_uri) {
            return Err(rejected(&format!("it must begin with {}", self.redirect_uri)));
        }
        // An address that was cut off ends within its parameters.
        match pasted.parameter("state") {
            Some(state) if state == *self.state.secret() => {}
            Some(state) if !self.state.secret().starts_with(&state) => {
                return Err(earlier());
            }
            _ => {
                return Err(rejected("a part of it is missing, from `state=` on; copy the complete address"));
            }
        }
        let lacks = |name: &str| pasted.parameter(name).is_none();
        if self.issues_client_id && lacks("error") && lacks("client_id") {
            return Err(rejected("a part of it is missing, from `client_id=` on; copy the complete address"));
        }
        self.parse_redirect(&pasted.query).ok_or_else(earlier)
    }
}

/// The authorization response (RFC 6749 §4.1.2).
pub(crate) enum AuthorizationResponse {
    /// The authorization server returned an error.
    Failed(Failure),
    /// The code to exchange.
    Code(AuthorizedCode),
}

/// The parameters of a redirect with a code.
pub(crate) struct AuthorizedCode {
    pub(crate) code: AuthorizationCode,
    /// The client id that a registration issued (siwc §4). Not a parameter of the Codex client.
    pub(crate) client_id: Option<String>,
    /// `iss` (RFC 9207), which OpenAI does not document.
    pub(crate) issuer: Option<String>,
}

/// Maps an error response (RFC 6749 §4.1.2.1), with the entitlement case of protocol §1.2.
fn authorization_error(error: &str, description: Option<&str>) -> Failure {
    let description = description.unwrap_or_default();
    let detail = redact(description);
    match error {
        "access_denied" if description.contains("missing_codex_entitlement") => Failure::new(
            ErrorCode::MissingEntitlement,
            "the workspace has not enabled Codex for this account",
        ),
        "access_denied" => Failure::new(
            ErrorCode::AccessDenied,
            format!("access was declined on the sign-in page. {detail}").trim(),
        ),
        "unsupported_country_region_territory" => Failure::new(
            ErrorCode::RegionUnsupported,
            format!("the sign-in page does not serve this region. {detail}").trim(),
        ),
        other => Failure::new(
            ErrorCode::UpstreamError,
            format!("the sign-in page returned the error {}. {detail}", redact(other)).trim(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use usher_domain::Endpoints;

    fn request() -> AuthorizationRequest {
        let endpoints = Endpoints::parse(Endpoints::ISSUER, Endpoints::BACKEND).unwrap();
        let provider = OAuthProvider::chatgpt(endpoints);
        let parameters = AuthorizationParameters::of_codex(&provider, RedirectHost::Ip, 1455, false);
        AuthorizationRequest::new(parameters).unwrap()
    }

    fn state(request: &AuthorizationRequest) -> String {
        request.state.secret().clone()
    }

    #[test]
    fn authorization_request_has_protocol_parameters() {
        let request = request();
        let mut pairs: Vec<(String, String)> = request.url.query_pairs().into_owned().collect();
        pairs.sort();
        let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        let expected = [
            "client_id",
            "code_challenge",
            "code_challenge_method",
            "codex_cli_simplified_flow",
            "id_token_add_organizations",
            "originator",
            "redirect_uri",
            "response_type",
            "scope",
            "state",
        ];
        assert_eq!(names, expected);
        let value =
            |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap();
        assert!(request.url.as_str().starts_with("https://auth.openai.com/oauth/authorize?"));
        assert_eq!(value("client_id"), "app_EMoamEEZ73f0CkXaXp7hrann");
        assert_eq!(value("redirect_uri"), "http://127.0.0.1:1455/auth/callback");
        assert_eq!(value("scope"), "openid profile email offline_access");
        assert_eq!((value("code_challenge_method"), value("response_type")), ("S256", "code"));
        assert_eq!((value("originator"), value("codex_cli_simplified_flow")), ("usher", "true"));
        assert_eq!((value("state").len(), value("code_challenge").len()), (43, 43));
        assert_eq!(request.verifier.expose().len(), 86);
    }

    #[test]
    fn redirect_with_wrong_state_is_ignored_before_error_and_code() {
        let request = request();
        for query in ["error=access_denied", "code=c", "code=c&state=", "error=access_denied&state=wrong", ""]
        {
            assert!(request.parse_redirect(query).is_none(), "{query}");
        }
        let twice = format!("code=c&state={0}&state={0}", state(&request));
        assert!(request.parse_redirect(&twice).is_none(), "a state given twice");
    }

    #[test]
    fn redirect_with_error_maps_to_its_error_code() {
        let request = request();
        let refused =
            |query: &str| match request.parse_redirect(&format!("{query}&state={}", state(&request))) {
                Some(AuthorizationResponse::Failed(failure)) => failure,
                _ => panic!("{query} is a refusal"),
            };
        assert_eq!(refused("error=access_denied").code, ErrorCode::AccessDenied);
        let entitlement = refused("error=access_denied&error_description=x+missing_codex_entitlement");
        assert_eq!(entitlement.code, ErrorCode::MissingEntitlement);
        let unknown =
            refused("error=server_error&error_description=try+eyJhbGciOiJub25lIn0.eyJleHAiOjF9.c2ln+later");
        assert_eq!(unknown.code, ErrorCode::UpstreamError);
        assert_eq!(unknown.cause, "the sign-in page returned the error server_error. try [redacted] later");
        assert_eq!(refused("nothing=1").code, ErrorCode::MalformedAnswer);
        for twice in
            ["code=c&code=d", "code=c&client_id=a&client_id=a", "error=e&error=e", "code=c&iss=&iss="]
        {
            assert_eq!(refused(twice).cause, "the redirect from the browser has a parameter twice");
        }
        assert_eq!(refused("code=").code, ErrorCode::MalformedAnswer);
    }

    #[test]
    fn pasted_address_of_other_sign_in_is_rejected() {
        let request = request();
        let state = state(&request);
        let good = [
            format!("\"http://127.0.0.1:1455/auth/callback?code=c&state={state}\""),
            format!("<http://127.0.0.1:1455/auth/callback?code=c&state={state}>,"),
            format!("\u{201c}http://127.0.0.1:1455/auth/callback?code=c&state={state}\u{201d}."),
            format!("\u{1b}[200~http://127.0.0.1:1455/auth/callback?code=c&state={state}\u{1b}[201~"),
            format!("\u{feff}https://127.0.0.1:1455/auth/callback?code=c&amp;state={state}"),
            format!("HTTP://localhost:1455/auth/callback?code=c&state={state}"),
            format!("[::1]:1455/auth/callback?code=c&state={state}"),
            format!("http://127.0.0.1:1455/auth/callback?code=c&st\n ate={state}"),
            format!("'?code=c&state={state}'"),
            format!(" http://127.0.0.1:1455/auth/callback?code=c&state={state}\n"),
            format!("127.0.0.1:1455/auth/callback?code=c&state={state}#_"),
            format!("?code=c&state={state}"),
            format!("code=c&state={state}"),
        ];
        for text in good {
            assert!(matches!(request.parse_pasted(&text), Ok(AuthorizationResponse::Code(_))), "{text}");
        }
        let bad = [
            "",
            "hello",
            "http://127.0.0.1:1455/auth/callback",
            "http://127.0.0.1:1455/auth/callback?code=c&state=other",
            "https://evil.example/?state=1",
            "http://127.0.0.1:1457/auth/callback?code=c&state=other",
            "http://127.0.0.1:1455/auth/callback.evil?code=c&state=other",
        ];
        for text in bad {
            assert_eq!(
                request.parse_pasted(text).err().map(|failure| failure.code),
                Some(ErrorCode::BadUrl),
                "{text}"
            );
        }
    }

    #[test]
    fn pasted_address_is_rejected_for_its_own_reason() {
        let request = request();
        let state = state(&request);
        let whole = format!("http://127.0.0.1:1455/auth/callback?code=abcdef&state={state}");
        for (text, why) in [
            ("http://127.0.0.1:1455/auth/callback".to_owned(), "a part of it is missing"),
            ("http://127.0.0.1:1455/auth/callback?code=abc".to_owned(), "a part of it is missing"),
            ("http://127.0.0.1:1455/auth/callback?code=abcdef&sta".to_owned(), "a part of it is missing"),
            (whole[..whole.len() - 5].to_owned(), "a part of it is missing"),
            (format!("{whole}x"), "from an earlier attempt"),
            (request.url.to_string(), "the address of the sign-in page"),
            (whole.replace("1455", "8080"), "must begin with http://127.0.0.1:1455/auth/callback"),
            ("\u{1b}[200~\u{1b}[201~".to_owned(), "nothing was pasted"),
        ] {
            let failure = request.parse_pasted(&text).err().expect(&text);
            assert!(failure.cause.contains(why), "{text}: {failure}");
            assert!(!failure.cause.contains(&state), "{failure}");
        }
    }
}
