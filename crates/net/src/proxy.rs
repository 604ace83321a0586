//! The proxy settings of the system.

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;
use usher_domain::is_loopback;

/// The environment variables that set a proxy.
const VARIABLES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// Returns whether the matcher accepts `value`; an empty value means no proxy.
fn is_proxy_url(value: &str) -> bool {
    let anywhere = "https://usher.invalid/".parse().expect("an address");
    value.is_empty() || Matcher::builder().all(value).build().intercept(&anywhere).is_some()
}

/// The proxy settings of the environment and the system, as the HTTP client sees them.
pub struct ProxySettings {
    matcher: Matcher,
}

impl ProxySettings {
    /// Reads `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` and, where there is one, the system's setting.
    pub fn from_system() -> Self {
        Self { matcher: Matcher::from_system() }
    }

    /// Returns the variables that are set to something other than a proxy address.
    ///
    /// They are ignored, and requests are sent directly.
    #[expect(clippy::disallowed_methods, reason = "the matcher reads the same variables by itself")]
    pub fn invalid_variables() -> Vec<&'static str> {
        let is_set = |name: &&&str| std::env::var(name).is_ok_and(|value| !is_proxy_url(&value));
        VARIABLES.iter().filter(is_set).copied().collect()
    }

    /// Returns host and port of the proxy for `url`, without user and password; `None` for a direct connection.
    pub fn proxy_for(&self, url: &Url) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::is_proxy_url;

    #[test]
    fn proxy_url_invalid_is_recognized() {
        for proxy in ["", "proxy.example:3128", "http://ada:sesame@proxy.example:3128", "http://[::1]:1"] {
            assert!(is_proxy_url(proxy), "{proxy}");
        }
        for other in ["::bad::", "http://", "ftp://proxy.example"] {
            assert!(!is_proxy_url(other), "{other}");
        }
    }
}
