//! The proxy settings of the environment and the system.

use std::ffi::OsString;
use std::fmt;

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;
use usher_domain::is_loopback;

use crate::no_proxy::NoProxy;

/// The environment variables that set a proxy, with the upper case first, as other programs read them.
const HTTPS: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];
const HTTP: [&str; 2] = ["HTTP_PROXY", "http_proxy"];
const ALL: [&str; 2] = ["ALL_PROXY", "all_proxy"];
const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// The proxy settings of the environment and the system, as the HTTP client sees them.
#[derive(Clone)]
pub struct ProxySettings {
    https: Setting,
    http: Setting,
    all: Setting,
    exceptions: NoProxy,
    /// The setting of the system, for what no variable sets.
    system: std::sync::Arc<Matcher>,
}

/// What one variable is set to.
#[derive(Clone, Default)]
enum Setting {
    #[default]
    Unset,
    Proxy(Url),
    Invalid(&'static str, InvalidProxy),
}

/// Why a value is not the address of a proxy. Nothing of the value is repeated, because it may contain a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InvalidProxy {
    /// The user or the password has characters that end them early.
    NotEncoded,
    NotAnAddress,
}

/// A proxy that a request is sent through. Shown without user and password.
pub(crate) struct UsedProxy(Url);

impl ProxySettings {
    /// Reads `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` and, where there is one, the system's setting.
    #[expect(clippy::disallowed_methods, reason = "the system's matcher reads the same variables by itself")]
    pub fn from_system() -> Self {
        Self::from_variables(|name| std::env::var_os(name))
    }

    fn from_variables(get: impl Fn(&str) -> Option<OsString>) -> Self {
        let first = |names: [&'static str; 2]| names.into_iter().find_map(|name| Some((name, get(name)?)));
        // In a CGI program `HTTP_PROXY` is a header of the request.
        let is_cgi = get("REQUEST_METHOD").is_some();
        let setting = |names| first(names).filter(|_| !is_cgi).map_or(Setting::Unset, Setting::parse);
        let exceptions = first(["NO_PROXY", "no_proxy"]);
        Self {
            https: setting(HTTPS),
            http: setting(HTTP),
            all: setting(ALL),
            exceptions: NoProxy::parse(
                &exceptions.map(|(_, value)| value).unwrap_or_default().to_string_lossy(),
            ),
            system: Matcher::from_system().into(),
        }
    }

    /// Returns the variables that are set to something other than a proxy address, each with what to do if that is known.
    ///
    /// They are ignored, and requests are sent directly.
    pub fn invalid_variables() -> Vec<String> {
        let settings = Self::from_system();
        let invalid =
            [&settings.https, &settings.http, &settings.all].into_iter().filter_map(Setting::invalid);
        invalid
            .map(|(name, why)| match why {
                InvalidProxy::NotEncoded => format!("{name} ({})", InvalidProxy::ENCODE),
                InvalidProxy::NotAnAddress => name.to_owned(),
            })
            .collect()
    }

    /// Returns the proxy for `url`, without user and password; `None` for a direct connection.
    pub fn proxy_for(&self, url: &Url) -> Option<String> {
        self.used_for(url).map(|proxy| proxy.to_string())
    }

    pub(crate) fn used_for(&self, url: &Url) -> Option<UsedProxy> {
        self.address_for(url).map(UsedProxy)
    }

    /// Returns the address of the proxy for `url`, with user and password.
    pub(crate) fn address_for(&self, url: &Url) -> Option<Url> {
        if is_loopback(url) || self.exceptions.contains(url) {
            return None;
        }
        match (self.for_scheme(url), &self.all) {
            (Setting::Proxy(proxy), _) | (_, Setting::Proxy(proxy)) => Some(proxy.clone()),
            (Setting::Unset, Setting::Unset) => {
                let proxy = self.system.intercept(&url.as_str().parse().ok()?)?;
                Url::parse(&proxy.uri().to_string()).ok()
            }
            _ => None,
        }
    }

    /// Returns why a request for `url` goes through no proxy although a variable is set for it.
    pub(crate) fn ignored_for(&self, url: &Url) -> Option<String> {
        if self.exceptions.contains(url) || is_loopback(url) {
            return None;
        }
        let (name, why) = self.for_scheme(url).invalid().or(self.all.invalid())?;
        Some(match why {
            InvalidProxy::NotEncoded => format!("{name} was not used: {}", InvalidProxy::ENCODE),
            InvalidProxy::NotAnAddress => format!("{name} was not used: it is not the address of a proxy"),
        })
    }

    fn for_scheme(&self, url: &Url) -> &Setting {
        if url.scheme() == "https" { &self.https } else { &self.http }
    }
}

impl Setting {
    fn parse((name, value): (&'static str, OsString)) -> Self {
        match value.into_string() {
            Ok(value) if value.is_empty() => Self::Unset,
            Ok(value) => parse_proxy(&value).map_or_else(|why| Self::Invalid(name, why), Self::Proxy),
            Err(_) => Self::Invalid(name, InvalidProxy::NotAnAddress),
        }
    }

    fn invalid(&self) -> Option<(&'static str, InvalidProxy)> {
        match self {
            Self::Invalid(name, why) => Some((name, *why)),
            _ => None,
        }
    }
}

impl InvalidProxy {
    const ENCODE: &'static str =
        "percent-encode the special characters of its user and password, such as %40 for @";
}

impl UsedProxy {
    /// Returns whether the connection to the proxy itself uses TLS.
    pub(crate) fn uses_tls(&self) -> bool {
        self.0.scheme() == "https"
    }
}

impl fmt::Display for UsedProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.scheme() != "http" {
            write!(f, "{}://", self.0.scheme())?;
        }
        f.write_str(self.0.host_str().unwrap_or("unknown"))?;
        self.0.port().map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// Parses the address of a proxy; one without a scheme is an HTTP proxy.
///
/// Stricter than the HTTP client, which would take a part of a password that is not encoded for the host.
fn parse_proxy(value: &str) -> Result<Url, InvalidProxy> {
    let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let is_plain = |one: char| one.is_ascii_graphic() && !matches!(one, '"' | '\'' | '<' | '>' | '\\' | '`');
    if user.contains('@')
        || rest[authority.len()..].contains('@')
        || (!user.is_empty() && !user.chars().all(is_plain))
    {
        return Err(InvalidProxy::NotEncoded);
    }
    let scheme = scheme.to_ascii_lowercase();
    if !SCHEMES.contains(&scheme.as_str()) || !is_host_and_port(host) {
        return Err(InvalidProxy::NotAnAddress);
    }
    let url = Url::parse(&format!("{scheme}://{authority}")).map_err(|_| InvalidProxy::NotAnAddress)?;
    url.has_host().then_some(url).ok_or(InvalidProxy::NotAnAddress)
}

fn is_host_and_port(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (text, "0"),
    };
    let is_name = |one: char| one.is_ascii_alphanumeric() || matches!(one, '.' | '-' | '_');
    let is_address = |one: char| one.is_ascii_hexdigit() || matches!(one, ':' | '.');
    let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.chars().all(is_address),
        None => host.chars().all(is_name),
    };
    is_host && !host.is_empty() && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> ProxySettings {
        ProxySettings::from_variables(|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into())
        })
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn proxy_addresses_are_parsed_and_shown_without_password() {
        let rows = [
            ("proxy.example:3128", "proxy.example:3128"),
            ("http://ada:sesame@proxy.example:3128", "proxy.example:3128"),
            ("http://ada:s%40same%23w@proxy.example:3128/", "proxy.example:3128"),
            ("http://[::1]:1", "[::1]:1"),
            ("HTTPS://proxy.example:3128", "https://proxy.example:3128"),
            ("socks5h://ada:sesame@127.0.0.1:1080", "socks5h://127.0.0.1:1080"),
            ("socks4://proxy_1", "socks4://proxy_1"),
        ];
        for (value, shown) in rows {
            let proxies = settings(&[("ALL_PROXY", value)]);
            assert_eq!(proxies.proxy_for(&url("https://openai.example/")).as_deref(), Some(shown), "{value}");
            assert_eq!(proxies.ignored_for(&url("https://openai.example/")), None, "{value}");
        }
    }

    #[test]
    fn password_that_is_not_encoded_is_never_taken_for_a_host() {
        for value in [
            "http://ada:p@sesame#w@proxy.example:3128",
            "http://ada:sesame#w@proxy.example:3128",
            "http://ada:ses/ame@proxy.example",
            "http://ada:ses?ame@proxy.example",
            "http://ada:p@sesame@proxy.example",
            "ada:p@sesame@proxy.example:3128",
            "socks5://ada:p@sesame#@proxy.example:3128",
            "http://corp\\ada:sesame@proxy.example:3128",
            "http://ada:ses ame@proxy.example:3128",
            "http://ada:s\u{e9}same@proxy.example:3128",
        ] {
            let proxies = settings(&[("HTTPS_PROXY", value)]);
            assert_eq!(proxies.proxy_for(&url("https://openai.example/")), None, "{value}");
            let why = proxies.ignored_for(&url("https://openai.example/")).expect(value);
            assert!(why.contains("HTTPS_PROXY") && why.contains("percent-encode"), "{why}");
            assert!(!why.contains("same"), "{why}");
        }
    }

    #[test]
    fn value_that_is_no_address_is_named() {
        for value in [
            "::bad::",
            "http://",
            "ftp://proxy.example",
            "\"http://proxy.example:3128\"",
            "'proxy.example:3128'",
            " http://proxy.example:3128",
            "http://proxy.example:3128 ",
            "http://proxy.example:99999",
            "http://ada:sesame",
        ] {
            let proxies = settings(&[("https_proxy", value)]);
            assert_eq!(proxies.proxy_for(&url("https://openai.example/")), None, "{value}");
            let why = proxies.ignored_for(&url("https://openai.example/")).expect(value);
            assert!(why.starts_with("https_proxy was not used"), "{why}");
            assert!(proxies.ignored_for(&url("http://openai.example/")).is_none(), "for HTTPS only");
        }
    }

    #[test]
    fn proxy_for_the_scheme_wins_over_the_one_for_all() {
        let proxies = settings(&[("ALL_PROXY", "socks5://all:1"), ("HTTPS_PROXY", "https-only:2")]);
        assert_eq!(proxies.proxy_for(&url("https://x.example/")).as_deref(), Some("https-only:2"));
        assert_eq!(proxies.proxy_for(&url("http://x.example/")).as_deref(), Some("socks5://all:1"));
        assert_eq!(proxies.proxy_for(&url("https://127.0.0.1/")), None, "loopback");
        let proxies = settings(&[("HTTP_PROXY", "x:1"), ("REQUEST_METHOD", "GET")]);
        assert_eq!(proxies.proxy_for(&url("http://x.example/")), None, "in a CGI program");
    }
}
