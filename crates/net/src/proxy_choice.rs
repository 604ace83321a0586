//! What the person chose for the way to remote hosts.

use std::fmt;
use std::sync::Arc;

use url::Url;
use usher_domain::ProxyPassword;

const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// What the person chose: it holds where no variable of the environment says otherwise.
#[derive(Clone, Default)]
pub struct ProxyPreference {
    /// The proxy.
    pub proxy: ProxyChoice,
    /// The hosts that are reached without it, written like `NO_PROXY`.
    pub exceptions: String,
}

/// Which proxy requests go through.
#[derive(Clone, Default)]
pub enum ProxyChoice {
    /// That of the system, if it has one.
    #[default]
    System,
    /// None.
    Direct,
    /// The one at an address.
    Address {
        /// Where it is.
        address: ProxyAddress,
        /// For a proxy that asks for one.
        password: Option<Arc<ProxyPassword>>,
    },
}

/// The address of a proxy, with a user if it needs one and never with a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyAddress(Url);

/// Why a value is not the address of a proxy. Nothing of the value is repeated, because it may contain a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidProxy {
    /// The user or the password has characters that end them early.
    NotEncoded,
    /// It has a password, which is kept with the sign-ins.
    HasPassword,
    /// It is something else.
    NotAnAddress,
}

impl ProxyAddress {
    /// Parses an address; one without a scheme is an HTTP proxy. Refuses one with a password.
    pub fn parse(text: &str) -> Result<Self, InvalidProxy> {
        let url = parse_proxy(text)?;
        if url.password().is_some() { Err(InvalidProxy::HasPassword) } else { Ok(Self(url)) }
    }

    /// Returns whether it names a user, who may have a password.
    pub fn has_user(&self) -> bool {
        !self.0.username().is_empty()
    }

    /// Returns the address with `password`.
    pub(crate) fn with(&self, password: Option<&ProxyPassword>) -> Url {
        let mut url = self.0.clone();
        // Fails for an address without a host, which is none.
        let _ = url.set_password(password.map(ProxyPassword::expose));
        url
    }
}

/// Written as it is saved: with its scheme and its user.
impl fmt::Display for ProxyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl ProxyPreference {
    /// Returns whether both lead to the same proxies.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.exceptions == other.exceptions && self.proxy.is_same(&other.proxy)
    }
}

impl ProxyChoice {
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::System, Self::System) | (Self::Direct, Self::Direct) => true,
            (Self::Address { address, password }, Self::Address { address: theirs, password: their }) => {
                address == theirs
                    && match (password, their) {
                        (Some(one), Some(other)) => one.matches(other),
                        (None, None) => true,
                        _ => false,
                    }
            }
            _ => false,
        }
    }
}

impl InvalidProxy {
    /// What to do about [`InvalidProxy::NotEncoded`].
    pub const ENCODE: &'static str =
        "percent-encode the special characters of its user and password, such as %40 for @";
}

/// Parses the address of a proxy; one without a scheme is an HTTP proxy.
///
/// Stricter than the HTTP client, which would take a part of a password that is not encoded for the host.
pub(crate) fn parse_proxy(value: &str) -> Result<Url, InvalidProxy> {
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

    #[test]
    fn address_is_written_as_it_is_saved() {
        for (text, saved, has_user) in [
            ("proxy.example:3128", "http://proxy.example:3128", false),
            ("http://ada@proxy.example:3128/", "http://ada@proxy.example:3128", true),
            ("socks5h://127.0.0.1:1080", "socks5h://127.0.0.1:1080", false),
        ] {
            let address = ProxyAddress::parse(text).unwrap();
            assert_eq!((address.to_string().as_str(), address.has_user()), (saved, has_user));
        }
    }

    #[test]
    fn address_with_a_password_is_refused() {
        for (text, why) in [
            ("http://ada:sesame@proxy.example", InvalidProxy::HasPassword),
            ("http://ada:ses@me@proxy.example", InvalidProxy::NotEncoded),
            ("ftp://proxy.example", InvalidProxy::NotAnAddress),
        ] {
            assert_eq!(ProxyAddress::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn preference_differs_by_its_password() {
        let with = |password: &str| ProxyPreference {
            proxy: ProxyChoice::Address {
                address: ProxyAddress::parse("http://ada@x:1").unwrap(),
                password: Some(Arc::new(ProxyPassword::new(password))),
            },
            exceptions: String::new(),
        };
        assert!(with("a").is_same(&with("a")));
        assert!(!with("a").is_same(&with("b")));
        assert!(!with("a").is_same(&ProxyPreference::default()));
    }
}
