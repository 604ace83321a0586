//! A client of the sandbox whose requests are valid, so that each test changes one thing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use url::Url;
use usher_sandbox::browser::Browser;
use usher_sandbox::{ACCOUNTS, Options, Sandbox, TokenSet};

pub(crate) const CLIENT_ID: &str = "app_EMoamEEZ73f0CkXaXp7hrann";

/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Registered, and nothing listens there during these tests: the browser stops at this URL.
pub(crate) const REDIRECT: &str = "http://127.0.0.1:1455/auth/callback";

pub(crate) struct Rig {
    pub(crate) sandbox: Sandbox,
    pub(crate) browser: Browser,
    pub(crate) http: Client,
}

impl Rig {
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let sandbox = Sandbox::start(options).await.expect("a free port");
        // First, because it installs the TLS provider that every client here needs.
        let browser = Browser::new();
        let http = Client::builder().no_proxy().build().expect("a plain HTTP client");
        Self { sandbox, browser, http }
    }

    /// Returns an authorize URL with `changes`: a value replaces the default, `None` removes the parameter.
    pub(crate) fn authorize_url(&self, changes: &[(&str, Option<&str>)]) -> String {
        let usual = [
            ("response_type", "code"),
            ("client_id", CLIENT_ID),
            ("redirect_uri", REDIRECT),
            ("scope", "openid profile email offline_access"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("state", "the-state"),
            ("id_token_add_organizations", "true"),
            ("codex_cli_simplified_flow", "true"),
            ("originator", "usher"),
        ];
        url_with(&self.at("/oauth/authorize"), &usual, changes)
    }

    /// Signs `account` in and returns the code.
    pub(crate) async fn code(&self, account: &str) -> String {
        let landing = self.browser.approve(&self.authorize_url(&[("prompt", Some("login"))]), account).await;
        landing.query("code").unwrap_or_else(|| panic!("no code at {}", landing.url))
    }

    /// Exchanges a code with `changes` as in [`Rig::authorize_url`].
    pub(crate) async fn exchange(&self, code: &str, changes: &[(&str, &str)]) -> Response {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT_ID),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        for (name, value) in changes {
            form.retain(|(usual, _)| usual != name);
            form.push((name, value));
        }
        self.http.post(self.at("/oauth/token")).form(&form).send().await.expect("a response")
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> Response {
        self.refresh_request(refresh_token).send().await.expect("a response")
    }

    pub(crate) fn refresh_request(&self, refresh_token: &str) -> RequestBuilder {
        self.http.post(self.at("/oauth/token")).json(&json!({
            "client_id": CLIENT_ID,
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "refresh_reason": "proactive_expiry",
        }))
    }

    pub(crate) async fn usage(&self, access_token: &str, account: &str) -> Response {
        let request = self.http.get(format!("{}/wham/usage", self.sandbox.chatgpt()));
        signed(request, access_token, account).send().await.expect("a response")
    }

    pub(crate) async fn models(&self, access_token: &str, account: &str, query: &str) -> Response {
        let request = self.http.get(format!("{}/codex/models{query}", self.sandbox.chatgpt()));
        signed(request, access_token, account).send().await.expect("a response")
    }

    /// Makes a model request as `ada`, with a body made from [`model_request`].
    pub(crate) fn respond(&self, tokens: &TokenSet, body: &Value) -> RequestBuilder {
        let request = self.http.post(format!("{}/codex/responses", self.sandbox.chatgpt())).json(body);
        signed(request, &tokens.access_token, "ada")
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.issuer())
    }

    pub(crate) async fn control(&self, path: &str, body: &Value) -> Response {
        self.http.post(self.at(&format!("/control/{path}"))).json(body).send().await.expect("a response")
    }
}

/// Returns a URL with the `usual` parameters but for `changes`: a value replaces one, `None` removes it.
pub(crate) fn url_with(address: &str, usual: &[(&str, &str)], changes: &[(&str, Option<&str>)]) -> String {
    let mut url = Url::parse(address).expect("a URL");
    let change = |name: &str| changes.iter().find(|(changed, _)| *changed == name).map(|(_, value)| *value);
    for (name, value) in usual {
        if let Some(value) = change(name).unwrap_or(Some(*value)) {
            url.query_pairs_mut().append_pair(name, value);
        }
    }
    for (name, value) in changes {
        if let Some(value) = value.filter(|_| !usual.iter().any(|(usual, _)| usual == name)) {
            url.query_pairs_mut().append_pair(name, value);
        }
    }
    url.into()
}

/// Adds the two headers that every request to the backend needs.
pub(crate) fn signed(request: RequestBuilder, access_token: &str, account: &str) -> RequestBuilder {
    request.bearer_auth(access_token).header("ChatGPT-Account-ID", account_id(account))
}

/// Returns the account id of the first workspace of `account`.
pub(crate) fn account_id(account: &str) -> &'static str {
    let account = ACCOUNTS.iter().find(|known| known.key == account).expect("an account");
    account.workspaces[0].account_id
}

/// Returns the body of a valid model request.
pub(crate) fn model_request(text: &str) -> Value {
    json!({
        "model": "gpt-6.2-sol",
        "instructions": "Answer in one word.",
        "input": [{ "type": "message", "role": "user", "content": [{ "type": "input_text", "text": text }] }],
        "store": false,
        "stream": true,
    })
}

/// Returns the claims of a JWT, without verification.
pub(crate) fn claims(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
}

/// Returns status and JSON body.
pub(crate) async fn read(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

/// Returns the `data` of each event of a stream, and fails unless it ended properly.
pub(crate) async fn events(response: Response) -> Vec<Value> {
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let text = response.text().await.expect("a complete stream");
    text.lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap_or_else(|_| data.into()))
        .collect()
}
