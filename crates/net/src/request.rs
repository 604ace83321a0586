//! One request, before it is sent.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Serialize;
use url::Url;
use usher_domain::{HeaderSecret, Secret};
use zeroize::Zeroizing;

/// How long an answer may take when the caller says nothing.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// A request with a whole body. Built by the caller, sent once by the client.
pub struct HttpRequest {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<Bytes>,
    pub(crate) timeout: Duration,
}

impl HttpRequest {
    /// A GET.
    pub fn get(url: Url) -> Self {
        Self::new(Method::GET, url, Vec::new())
    }

    /// A POST of `application/x-www-form-urlencoded` pairs.
    pub fn post_form(url: Url, pairs: &[(&str, &str)]) -> Self {
        let body = serde_urlencoded::to_string(pairs).expect("a list of pairs of text is what a form is");
        Self::new(Method::POST, url, vec![zeroizing_bytes(body.into_bytes())])
            .content_type("application/x-www-form-urlencoded")
    }

    /// A POST of `application/json`.
    pub fn post_json(url: Url, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body)
            .expect("request types are structs of text, numbers and lists, without keys that JSON lacks");
        Self::new(Method::POST, url, vec![zeroizing_bytes(body)]).content_type("application/json")
    }

    /// A POST of what is already encoded as `content_type`, in pieces that are sent as one.
    pub fn post_chunks(url: Url, content_type: &'static str, body: Vec<Bytes>) -> Self {
        Self::new(Method::POST, url, body).content_type(content_type)
    }

    fn new(method: Method, url: Url, body: Vec<Bytes>) -> Self {
        Self { method, url, headers: HeaderMap::new(), body, timeout: DEFAULT_TIMEOUT }
    }

    /// Adds a header. A value that HTTP cannot carry is left out; the far side then says what it misses.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// Adds headers that another program sent, in place of any of the same name.
    #[must_use]
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.headers.extend(headers);
        self
    }

    /// Adds `Authorization: Bearer` (RFC 6750 §2.1), marked so that no debug output shows it.
    #[must_use]
    pub fn bearer<Kind>(self, token: &Secret<Kind>) -> Self {
        let text = Zeroizing::new(format!("Bearer {}", token.expose()));
        self.secret(AUTHORIZATION, &text)
    }

    /// Adds a header that a service wants besides, marked in the same way. A name or value that HTTP cannot carry
    /// is left out; the far side then says what it misses.
    #[must_use]
    pub fn secret_header(self, name: &str, value: &HeaderSecret) -> Self {
        match HeaderName::try_from(name) {
            Ok(name) => self.secret(name, value.expose()),
            Err(_) => self,
        }
    }

    fn secret(mut self, name: HeaderName, text: &str) -> Self {
        if let Ok(mut value) = HeaderValue::from_str(text) {
            value.set_sensitive(true);
            self.headers.insert(name, value);
        }
        self
    }

    /// How long the head of the answer may take, and again its body; for a stream, each piece of it.
    #[must_use]
    pub fn with_timeout(mut self, patience: Duration) -> Self {
        self.timeout = patience;
        self
    }

    fn content_type(mut self, value: &'static str) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(value));
        self
    }
}

/// Handed over with its owner, which wipes it when the client is through with it: bodies of token requests hold
/// secrets.
fn zeroizing_bytes(body: Vec<u8>) -> Bytes {
    Bytes::from_owner(Zeroizing::new(body))
}
