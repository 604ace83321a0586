//! Which proxy a request would take.

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;
use usher_domain::is_loopback;

/// The proxy settings of the environment and the system, as the HTTP client sees them.
pub struct ProxyInForce {
    matcher: Matcher,
}

impl ProxyInForce {
    /// Reads `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` and, where there is one, the system's setting.
    pub fn from_system() -> Self {
        Self { matcher: Matcher::from_system() }
    }

    /// Host and port of the proxy for `url`, without its user and password; absent when it goes direct.
    pub fn of(&self, url: &Url) -> Option<String> {
        if is_loopback(url) {
            return None;
        }
        let proxy = self.matcher.intercept(&url.as_str().parse().ok()?)?;
        let uri = proxy.uri();
        Some(match (uri.host(), uri.port_u16()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or("unknown").to_owned(),
        })
    }
}
