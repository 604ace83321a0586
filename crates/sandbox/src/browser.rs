//! A person at the sign-in page, for tests: stores cookies, follows redirects, submits forms.

use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use url::Url;

/// The pages of both sign-ins (protocol §1, siwc §3).
const LOGIN_PAGES: [&str; 2] = ["/sandbox/login", "/sandbox/plan/login"];
const CONSENT_PAGES: [&str; 2] = ["/sandbox/consent", "/sandbox/plan/consent"];

/// A browser with its own cookie jar. A second sign-in in the same one finds the session of the first.
pub struct Browser {
    client: Client,
}

/// Where a sign-in ended.
#[derive(Debug)]
pub struct Page {
    /// The last URL: the client's callback, or a page of the sandbox.
    pub url: Url,
    /// The status; `None` when nothing listened there.
    pub status: Option<u16>,
    /// The text.
    pub body: String,
}

impl Page {
    /// Returns a query parameter of the last URL, such as `code` or `error`.
    pub fn query(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

impl Default for Browser {
    fn default() -> Self {
        Self::new()
    }
}

impl Browser {
    /// Makes a browser without a session.
    ///
    /// # Panics
    /// When the HTTP client can't be built.
    pub fn new() -> Self {
        // The workspace's reqwest needs a TLS provider even for plain HTTP; another one may be installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().cookie_store(true).no_proxy().redirect(Policy::none()).build();
        Self { client: client.expect("a plain HTTP client") }
    }

    /// Opens an authorize URL and allows, as `account`, in its first workspace.
    pub async fn approve(&self, url: &str, account: &str) -> Page {
        self.decide(url, account, "allow", None).await
    }

    /// Opens an authorize URL and allows, as `account`, in the workspace with this account id.
    pub async fn approve_in(&self, url: &str, account: &str, account_id: &str) -> Page {
        self.decide(url, account, "allow", Some(account_id)).await
    }

    /// Opens an authorize URL of Sign in with `ChatGPT` and allows the sign-in without the plan, as `account`.
    pub async fn approve_without_plan(&self, url: &str, account: &str) -> Page {
        self.decide(url, account, "sign_in_only", None).await
    }

    /// Opens an authorize URL and denies, as `account`.
    pub async fn deny(&self, url: &str, account: &str) -> Page {
        self.decide(url, account, "deny", None).await
    }

    /// Enters a device code at `issuer` and allows, as `account`.
    pub async fn enter_device_code(&self, issuer: &str, code: &str, account: &str) -> Page {
        let page = self.post(&format!("{issuer}/codex/device"), &[("user_code", code)]).await;
        self.complete(page, account, "allow", None).await
    }

    /// Opens a URL and follows redirects.
    pub async fn open(&self, url: &str) -> Page {
        let url = Url::parse(url).expect("a URL");
        let sent = self.client.get(url.clone()).send().await;
        self.follow(url, sent).await
    }

    async fn decide(&self, url: &str, account: &str, decision: &str, workspace: Option<&str>) -> Page {
        let page = self.open(url).await;
        self.complete(page, account, decision, workspace).await
    }

    /// Completes a sign-in from its login or consent page; any other page is the end already.
    async fn complete(&self, mut page: Page, account: &str, decision: &str, workspace: Option<&str>) -> Page {
        if LOGIN_PAGES.contains(&page.url.path()) {
            page = self.submit(&page, &[("account", account)]).await;
        }
        if CONSENT_PAGES.contains(&page.url.path()) {
            let mut fields = vec![("decision", decision)];
            fields.extend(workspace.map(|id| ("workspace", id)));
            page = self.submit(&page, &fields).await;
        }
        page
    }

    async fn submit(&self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let request = page.query("request").expect("a page of a sign-in names its request");
        let mut form = vec![("request", request.as_str())];
        form.extend_from_slice(fields);
        let action = page.url.join(page.url.path()).expect("a page's own path");
        self.post(action.as_str(), &form).await
    }

    async fn post(&self, url: &str, form: &[(&str, &str)]) -> Page {
        let sent = self.client.post(url).form(form).send().await;
        self.follow(Url::parse(url).expect("a URL"), sent).await
    }

    async fn follow(&self, mut url: Url, mut sent: reqwest::Result<Response>) -> Page {
        loop {
            let Ok(response) = sent else {
                // Nothing listens at the callback: the test needs its URL only.
                return Page { url, status: None, body: String::new() };
            };
            let location = response.headers().get("location").and_then(|value| value.to_str().ok());
            let Some(location) = location.filter(|_| response.status().is_redirection()) else {
                let status = Some(response.status().as_u16());
                return Page { url, status, body: response.text().await.unwrap_or_default() };
            };
            url = url.join(location).expect("a redirect to a URL");
            sent = self.client.get(url.clone()).send().await;
        }
    }
}
