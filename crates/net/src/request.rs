//! A request before it is sent.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Serialize;
use url::Url;
use usher_domain::{HeaderSecret, Secret};
use zeroize::Zeroizing;

/// The time limit of a response, unless the caller sets another.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// A request with its complete body. The client sends it once.
pub struct HttpRequest {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<Bytes>,
    pub(crate) timeout: Duration,
}

impl HttpRequest {
    /// Returns a GET request.
    pub fn get(url: Url) -> Self {
        Self::new(Method::GET, url, Vec::new())
    }

    /// Returns a POST request with `application/x-www-form-urlencoded` pairs.
    pub fn post_form(url: Url, pairs: &[(&str, &str)]) -> Self {
        let body = serde_urlencoded::to_string(pairs).expect("a list of pairs of text is what a form is");
        Self::new(Method::POST, url, vec![zeroizing_bytes(body.into_bytes())])
            .content_type("application/x-www-form-urlencoded")
    }

    /// Returns a POST request with `application/json`.
    pub fn post_json(url: Url, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body)
            .expect("request types are structs of text, numbers and lists, without keys that JSON lacks");
        Self::new(Method::POST, url, vec![zeroizing_bytes(body)]).content_type("application/json")
    }

    /// Returns a POST request with chunks that are encoded as `content_type` and sent as one body.
    pub fn post_chunks(url: Url, content_type: &'static str, body: Vec<Bytes>) -> Self {
        Self::new(Method::POST, url, body).content_type(content_type)
    }

    fn new(method: Method, url: Url, body: Vec<Bytes>) -> Self {
        Self { method, url, headers: HeaderMap::new(), body, timeout: DEFAULT_TIMEOUT }
    }

    /// Adds a header.
    ///
    /// A value that HTTP cannot carry is left out; the server then reports what is missing.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// Adds headers that another program sent; they replace those of the same name.
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

    /// Adds another header with a secret, marked in the same way.
    ///
    /// A name or value that HTTP cannot carry is left out; the server then reports what is missing.
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

    /// Sets the time limit of the response's head, and again of its body; in a stream, of each chunk.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    fn content_type(mut self, value: &'static str) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(value));
        self
    }
}

/// Returns bytes that are wiped when the client drops them: bodies of token requests contain secrets.
fn zeroizing_bytes(body: Vec<u8>) -> Bytes {
    Bytes::from_owner(Zeroizing::new(body))
}
