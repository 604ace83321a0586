//! The proxy settings of the environment, the person and the system, in this order.

use std::ffi::OsString;
use std::fmt;

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;
use usher_domain::is_loopback;

use crate::no_proxy::NoProxy;
use crate::proxy_choice::{InvalidProxy, ProxyChoice, ProxyPreference, parse_proxy};

/// The environment variables that set a proxy, with the upper case first, as other programs read them.
const HTTPS: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];
const HTTP: [&str; 2] = ["HTTP_PROXY", "http_proxy"];
const ALL: [&str; 2] = ["ALL_PROXY", "all_proxy"];
const EXCEPTIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// The proxy settings of the environment, the person and the system, as the HTTP client sees them.
///
/// A variable wins over what the person chose, and that over the system's setting.
#[derive(Clone)]
pub struct ProxySettings {
    https: Setting,
    http: Setting,
    all: Setting,
    exceptions: NoProxy,
    /// The names of the variables that are set.
    variables: Vec<&'static str>,
    /// What the person chose, for what no variable sets.
    chosen: ProxyChoice,
    /// The setting of the system, for what neither sets.
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

/// A proxy that a request is sent through. Shown without user and password.
pub(crate) struct UsedProxy(Url);

impl ProxySettings {
    /// Reads `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` and, where there is one, the system's setting.
    ///
    /// `preference` holds where no variable says otherwise.
    #[expect(clippy::disallowed_methods, reason = "the system's matcher reads the same variables by itself")]
    pub fn from_system(preference: &ProxyPreference) -> Self {
        Self::from_variables(|name| std::env::var_os(name), preference)
    }

    fn from_variables(get: impl Fn(&str) -> Option<OsString>, preference: &ProxyPreference) -> Self {
        let first = |names: [&'static str; 2]| names.into_iter().find_map(|name| Some((name, get(name)?)));
        // In a CGI program `HTTP_PROXY` is a header of the request.
        let is_cgi = get("REQUEST_METHOD").is_some();
        let setting = |names| first(names).filter(|_| !is_cgi).map_or(Setting::Unset, Setting::parse);
        let exceptions = first(EXCEPTIONS).map(|(_, value)| value.to_string_lossy().into_owned());
        let is_set = |names| first(names).filter(|(_, value)| !value.is_empty()).map(|(name, _)| name);
        let of_proxies = [HTTPS, HTTP, ALL].into_iter().filter(|_| !is_cgi).filter_map(is_set);
        Self {
            https: setting(HTTPS),
            http: setting(HTTP),
            all: setting(ALL),
            exceptions: NoProxy::parse(&exceptions.unwrap_or_else(|| preference.exceptions.clone())),
            variables: of_proxies.chain(is_set(EXCEPTIONS)).collect(),
            chosen: preference.proxy.clone(),
            system: Matcher::from_system().into(),
        }
    }

    /// Returns the variables that are set to something other than a proxy address, each with what to do if that is known.
    ///
    /// They are ignored, and requests are sent directly.
    pub fn invalid_variables(&self) -> Vec<String> {
        let invalid = [&self.https, &self.http, &self.all].into_iter().filter_map(Setting::invalid);
        invalid
            .map(|(name, why)| match why {
                InvalidProxy::NotEncoded => format!("{name} ({})", InvalidProxy::ENCODE),
                InvalidProxy::NotAnAddress | InvalidProxy::HasPassword => name.to_owned(),
            })
            .collect()
    }

    /// Returns the names of the variables that win over what the person chose.
    pub fn variables(&self) -> &[&'static str] {
        &self.variables
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
            (Setting::Unset, Setting::Unset) => match &self.chosen {
                ProxyChoice::Address { address, password } => Some(address.with(password.as_deref())),
                ProxyChoice::Direct => None,
                ProxyChoice::System => {
                    let proxy = self.system.intercept(&url.as_str().parse().ok()?)?;
                    Url::parse(&proxy.uri().to_string()).ok()
                }
            },
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
            InvalidProxy::NotAnAddress | InvalidProxy::HasPassword => {
                format!("{name} was not used: it is not the address of a proxy")
            }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use usher_domain::ProxyPassword;

    use super::*;
    use crate::proxy_choice::ProxyAddress;

    fn settings(pairs: &[(&str, &str)]) -> ProxySettings {
        with_preference(pairs, &ProxyPreference::default())
    }

    fn with_preference(pairs: &[(&str, &str)], preference: &ProxyPreference) -> ProxySettings {
        ProxySettings::from_variables(
            |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()),
            preference,
        )
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

    #[test]
    fn variables_win_over_the_choice_and_that_over_the_system() {
        let address = ProxyAddress::parse("http://ada@chosen:1").unwrap();
        let password = Some(Arc::new(ProxyPassword::new("ses@me")));
        let preference = ProxyPreference {
            proxy: ProxyChoice::Address { address, password },
            exceptions: "direct.example".into(),
        };
        let (one, other) = (url("https://x.example/"), url("https://direct.example/"));
        let chosen = with_preference(&[], &preference);
        assert_eq!(chosen.proxy_for(&one).as_deref(), Some("chosen:1"));
        assert_eq!(chosen.address_for(&one).unwrap().as_str(), "http://ada:ses%40me@chosen:1/");
        assert_eq!(chosen.proxy_for(&other), None);
        assert_eq!(chosen.proxy_for(&url("http://127.0.0.1:1/")), None, "loopback");
        assert!(chosen.variables().is_empty());
        let variable =
            with_preference(&[("HTTPS_PROXY", "variable:2"), ("NO_PROXY", "x.example")], &preference);
        assert_eq!(variable.proxy_for(&one), None, "NO_PROXY");
        assert_eq!(variable.proxy_for(&other).as_deref(), Some("variable:2"));
        assert_eq!(variable.variables(), ["HTTPS_PROXY", "NO_PROXY"]);
        let direct = ProxyPreference { proxy: ProxyChoice::Direct, ..ProxyPreference::default() };
        assert_eq!(with_preference(&[], &direct).proxy_for(&one), None);
        assert_eq!(
            with_preference(&[("ALL_PROXY", "variable:2")], &direct).proxy_for(&one).as_deref(),
            Some("variable:2")
        );
    }
}
