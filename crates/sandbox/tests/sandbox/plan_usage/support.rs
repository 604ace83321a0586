//! A client whose requests are valid, so that each test changes one thing.

use reqwest::Response;
use serde_json::{Value, json};
use usher_sandbox::PlanUsageSettings;
use usher_sandbox::browser::Page;

use crate::support::{CHALLENGE, Rig, VERIFIER, read, url_with};

pub(crate) const HOST_ID: &str = "urn:uuid:0c84b5f0-6a3f-4f7d-9f0e-7d3a1b2c4d5e";
pub(crate) const NONCE: &str = "n-0S6_WzA2Mj-n-0S6_WzA2Mj-n-0S6_WzA2Mj-n-0S";
pub(crate) const RESOURCE: &str = "https://api.openai.com/v1";
pub(crate) const SCOPE: &str =
    "openid profile email offline_access resource.invoke chatgpt.tokens.use.direct";
pub(crate) const PLAN_SCOPE: &str = "chatgpt.tokens.use.direct";

/// Nothing listens there during these tests: the browser stops at this URL.
pub(crate) const REDIRECT: &str = "http://127.0.0.1:41777/auth/callback";

/// What every authorization request has.
const COMMON: [(&str, &str); 9] = [
    ("ext_agent_host_id", HOST_ID),
    ("response_type", "code"),
    ("redirect_uri", REDIRECT),
    ("scope", SCOPE),
    ("resource", RESOURCE),
    ("state", "the-state"),
    ("nonce", NONCE),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

/// A signed-in app.
pub(crate) struct SignIn {
    pub(crate) client_id: String,
    pub(crate) tokens: Value,
}

impl SignIn {
    pub(crate) fn text(&self, name: &str) -> &str {
        self.tokens[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.tokens))
    }

    pub(crate) fn access_token(&self) -> &str {
        self.text("access_token")
    }

    pub(crate) fn refresh_token(&self) -> &str {
        self.text("refresh_token")
    }

    pub(crate) fn id_token(&self) -> &str {
        self.text("id_token")
    }
}

impl Rig {
    /// Returns the URL of a registration, with changes as in [`url_with`].
    pub(crate) fn registration_url(&self, changes: &[(&str, Option<&str>)]) -> String {
        let mut usual = vec![("client_id", "dynamic_agent_client"), ("agent_name_hint", "Usher")];
        usual.extend(COMMON);
        url_with(&self.at("/api/accounts/authorize"), &usual, changes)
    }

    /// Returns the URL of a returning sign-in, with changes as in [`url_with`].
    pub(crate) fn returning_url(&self, client_id: &str, changes: &[(&str, Option<&str>)]) -> String {
        let mut usual = vec![("client_id", client_id)];
        usual.extend(COMMON);
        url_with(&self.at("/api/accounts/authorize"), &usual, changes)
    }

    /// Registers and signs `account` in, with its plan.
    pub(crate) async fn plan_sign_in(&self, account: &str) -> SignIn {
        self.finish_plan_sign_in(&self.browser.approve(&self.registration_url(&[]), account).await).await
    }

    /// Exchanges the code of a callback.
    pub(crate) async fn finish_plan_sign_in(&self, landing: &Page) -> SignIn {
        let client_id =
            landing.query("client_id").unwrap_or_else(|| panic!("no client id at {}", landing.url));
        let code = landing.query("code").expect("a code");
        let (status, tokens) = read(self.plan_exchange(&client_id, &code, &[]).await).await;
        assert_eq!(status, 200, "{tokens}");
        SignIn { client_id, tokens }
    }

    /// Exchanges a code with `changes`: `None` removes a field.
    pub(crate) async fn plan_exchange(
        &self,
        client_id: &str,
        code: &str,
        changes: &[(&str, Option<&str>)],
    ) -> Response {
        let usual = [
            ("grant_type", "authorization_code"),
            ("client_id", client_id),
            ("code", code),
            ("code_verifier", VERIFIER),
            ("redirect_uri", REDIRECT),
            ("resource", RESOURCE),
        ];
        self.plan_form("/api/accounts/oauth/token", &usual, changes).await
    }

    pub(crate) async fn plan_refresh(
        &self,
        client_id: &str,
        refresh_token: &str,
        changes: &[(&str, Option<&str>)],
    ) -> Response {
        let usual = [
            ("grant_type", "refresh_token"),
            ("client_id", client_id),
            ("refresh_token", refresh_token),
            ("resource", RESOURCE),
        ];
        self.plan_form("/api/accounts/oauth/token", &usual, changes).await
    }

    /// Posts a form with `changes` as in [`url_with`].
    pub(crate) async fn plan_form(
        &self,
        path: &str,
        usual: &[(&str, &str)],
        changes: &[(&str, Option<&str>)],
    ) -> Response {
        let encoded = url_with("http://form.invalid/", usual, changes);
        let body = encoded.split_once('?').map_or("", |(_, query)| query).to_owned();
        let request = self.http.post(self.at(path)).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.send().await.expect("a response")
    }

    pub(crate) async fn plan_models(&self, access_token: &str, query: &str) -> Response {
        let request = self.http.get(format!("{}/models{query}", self.sandbox.platform()));
        request.bearer_auth(access_token).send().await.expect("a response")
    }

    pub(crate) async fn plan_respond(&self, access_token: &str, body: &Value) -> Response {
        let request = self.http.post(format!("{}/responses", self.sandbox.platform())).json(body);
        request.bearer_auth(access_token).send().await.expect("a response")
    }

    pub(crate) fn change_plan_settings(&self, change: impl FnOnce(&mut PlanUsageSettings)) {
        self.sandbox.change_settings(|settings| change(&mut settings.plan_usage));
    }
}

/// Returns the body of a valid model request.
pub(crate) fn plan_request(text: &str) -> Value {
    json!({
        "model": "gpt-6.1-sol",
        "input": [{ "role": "user", "content": [{ "type": "input_text", "text": text }] }],
        "store": false,
        "stream": true,
    })
}

/// Returns the body of a valid model request with one more field.
pub(crate) fn plan_request_with(name: &str, value: &Value) -> Value {
    let mut body = plan_request("hello");
    body[name] = value.clone();
    body
}
