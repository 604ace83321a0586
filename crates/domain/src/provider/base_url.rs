//! Base addresses: those that a credential may be sent to, and the paths below them.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use url::{Host, Url};

use crate::{ErrorCode, Failure, is_control_or_format, redact};

/// Where plain `http://` is accepted (contract §1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainHttp {
    /// On a loopback address only.
    LoopbackOnly,
    /// Also where the user has marked the service as one of their local network.
    LocalNetwork,
}

/// The address of a service that speaks the OpenAI API, as the user entered it.
///
/// People copy it with `/v1` and without, with a slash at the end, or with the complete path of one call. Such an
/// ending is removed; paths are appended to [`BaseUrl::root`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(into = "String", try_from = "StoredBaseUrl")]
#[ts(type = "string")]
pub struct BaseUrl(Url);

/// Paths of single calls that people copy along with the address.
const CALLS: [&str; 4] = ["/chat/completions", "/completions", "/responses", "/models"];

/// The same where a version stands before them; without one they may be the place of the whole service.
const CALLS_OF_VERSION: [&str; 4] = ["chat", "embeddings", "messages", "engines"];

impl BaseUrl {
    /// Parses an entered address; the error is [`ErrorCode::BadUrl`] with the reason.
    pub fn parse(text: &str, plain_http: PlainHttp) -> Result<Self, Failure> {
        let mut url = base_url(text.trim(), plain_http)?;
        let whole = url.path().to_owned();
        let path = without_calls(&whole);
        if let Some(why) = mistyped_path(whole.trim_end_matches('/')).or_else(|| mistyped_path(path)) {
            return Err(Failure::new(ErrorCode::BadUrl, format!("{why} ({})", shown(text.trim()))));
        }
        url.set_path(path);
        Ok(Self(url))
    }

    /// Returns the address that paths are appended to.
    ///
    /// It is the address itself if it names a version of the API, or if the server has none (`unversioned`); else
    /// `/v1` below it.
    pub fn root(&self, unversioned: bool) -> Url {
        if unversioned || self.has_version_segment() { self.0.clone() } else { append_path(&self.0, "/v1") }
    }

    /// Returns whether a segment of the path is a version, such as `v1` or `v1beta`.
    pub fn has_version_segment(&self) -> bool {
        self.0.path().split('/').any(is_version)
    }

    /// Returns the address.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Returns whether requests would be sent unencrypted to another computer.
    pub fn is_plain_http(&self) -> bool {
        self.0.scheme() == "http" && !is_loopback(&self.0)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl From<BaseUrl> for String {
    fn from(base: BaseUrl) -> Self {
        base.to_string()
    }
}

/// Deserializes an address that was accepted before. Where it is used, plain http is checked again.
#[derive(Deserialize)]
struct StoredBaseUrl(String);

impl TryFrom<StoredBaseUrl> for BaseUrl {
    type Error = Failure;

    fn try_from(stored: StoredBaseUrl) -> Result<Self, Failure> {
        Self::parse(&stored.0, PlainHttp::LocalNetwork)
    }
}

/// Parses a base address: https, or http as far as `plain_http` allows; without user, query or fragment.
pub(crate) fn base_url(text: &str, plain_http: PlainHttp) -> Result<Url, Failure> {
    let bad = |why: &str| Failure::new(ErrorCode::BadUrl, format!("{why} ({})", shown(text)));
    let url = Url::parse(text).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => bad("the address must begin with https://"),
        url::ParseError::InvalidIpv6Address if text.contains('%') => {
            bad("an address cannot name a network interface; use the host's name or another of its addresses")
        }
        other => bad(&other.to_string()),
    })?;
    if let Some(why) = misread(text, &url) {
        return Err(bad(why));
    }
    match (url.scheme(), plain_http) {
        ("http", _) if is_loopback(&url) => {}
        ("http", PlainHttp::LoopbackOnly) => {
            return Err(bad(PLAIN_HTTP));
        }
        ("http", PlainHttp::LocalNetwork) if is_public(&url) => {
            return Err(bad("plain http is never allowed for an address on the internet"));
        }
        ("https", _) | ("http", PlainHttp::LocalNetwork) => {}
        _ => return Err(bad("the address must begin with https://")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("an address must not contain a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        let cut = if url.query().is_some() { '?' } else { '#' };
        return Err(bad(&format!(
            "leave out the {cut} and what follows: a base address has no query and no fragment"
        )));
    }
    Ok(url)
}

/// Returns why `url` may differ from what the user meant by `text`.
///
/// The parser follows the standard for browsers (WHATWG URL §4.4), which repairs input: it uses the first part of a path
/// as a host, reads backslashes as slashes and drops line ends and tabs. A key must not be sent to a host that comes
/// from such a repair.
fn misread(text: &str, url: &Url) -> Option<&'static str> {
    if text.chars().any(|one| one == '\\' || one.is_whitespace() || is_control_or_format(one)) {
        return Some("an address has no backslashes, spaces or line breaks");
    }
    let host_on = text.split_once("://").map(|(_, rest)| rest);
    if host_on.is_none_or(|rest| rest.is_empty() || rest.starts_with('/')) {
        return Some("the host name is missing after https://");
    }
    match url.host() {
        Some(Host::Domain(name)) if name.contains('*') => Some("a host name cannot contain *"),
        Some(Host::Ipv4(address)) if address.is_unspecified() => Some(EVERYWHERE),
        Some(Host::Ipv6(address)) if address.is_unspecified() => Some(EVERYWHERE),
        _ if url.port() == Some(0) => Some("port 0 cannot be used"),
        _ => None,
    }
}

const PLAIN_HTTP: &str =
    "plain http is only allowed for this computer, or for a service that is marked as in your local network";

/// Returns why no server can have the path.
fn mistyped_path(path: &str) -> Option<&'static str> {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let is_capital =
        |segment: &&str| segment.strip_prefix('V').is_some_and(|digits| digits.parse::<u8>().is_ok());
    if segments.contains(&"") {
        return Some("the path has two slashes in a row; leave one out");
    }
    if segments.windows(2).any(|pair| pair[0] == pair[1] && is_version(pair[0])) {
        return Some("the path has the version twice, such as /v1/v1; leave one out");
    }
    if segments.iter().any(is_capital) {
        return Some(
            "the version in the path is written with a capital V; services write it small, such as /v1",
        );
    }
    path.ends_with([',', ';']).then_some("the address ends in a comma or semicolon; leave it out")
}

/// Returns the path without the calls at its end.
///
/// Each is removed until there is none: the stored address must parse to itself.
fn without_calls(path: &str) -> &str {
    let mut path = path.trim_end_matches('/');
    while let Some(shorter) = without_call(path) {
        path = shorter;
    }
    path
}

/// Returns the path without the call at its end, if it ends in one.
fn without_call(path: &str) -> Option<&str> {
    CALLS.iter().find_map(|call| path.strip_suffix(call)).or_else(|| {
        let (versioned, call) = path.rsplit_once('/')?;
        let last = versioned.rsplit('/').next().unwrap_or_default();
        (is_version(last) && CALLS_OF_VERSION.contains(&call)).then_some(versioned)
    })
}

/// Returns whether a segment is a version, such as `v1` or `v1beta`.
fn is_version(segment: &str) -> bool {
    let digits = segment.strip_prefix('v').unwrap_or_default();
    digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.chars().all(|one| one.is_ascii_alphanumeric())
}

/// The message for an address that servers print when they listen on all of theirs.
const EVERYWHERE: &str =
    "servers listen on this address but cannot be reached at it; use 127.0.0.1 if it runs on this computer";

/// Returns the entered text for a message, without what people put into addresses by mistake, such as a password.
fn shown(text: &str) -> String {
    match Url::parse(text) {
        Ok(url) if url.has_host() => {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), redact(url.path()))
        }
        // It did not parse, so its parts are unknown.
        _ => {
            let host_on = text.rsplit('@').next().unwrap_or_default();
            redact(host_on.split(['?', '#']).next().unwrap_or_default())
        }
    }
}

/// Returns whether `url` names this computer by a loopback address or as `localhost`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

/// Returns whether the host is an address that cannot be in a local network (RFC 1918, RFC 3927, RFC 4193,
/// RFC 4291 §2.5.6, RFC 6598).
///
/// A host name may resolve to anything, so there the user decides.
fn is_public(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => {
            let [first, second, ..] = address.octets();
            let shared = first == 100 && (64..128).contains(&second);
            !(address.is_private() || address.is_link_local() || address.is_loopback() || shared)
        }
        Some(Host::Ipv6(address)) => !(address.is_unique_local() || address.is_unicast_link_local()),
        Some(Host::Domain(_)) | None => false,
    }
}

/// Returns `base` with `path`, which begins with a slash, appended.
pub fn append_path(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let prefix = base.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{prefix}{path}"));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_url_in_each_copied_form_is_accepted() {
        let rows = [
            ("https://api.groq.com/openai/v1", "https://api.groq.com/openai/v1"),
            ("https://api.groq.com/openai/v1/", "https://api.groq.com/openai/v1"),
            ("  https://api.groq.com/openai/v1/chat/completions ", "https://api.groq.com/openai/v1"),
            ("https://api.groq.com/openai/v1/responses", "https://api.groq.com/openai/v1"),
            ("http://localhost:11434", "http://localhost:11434/v1"),
            ("http://127.0.0.1:11434/", "http://127.0.0.1:11434/v1"),
            ("https://x.example/v1beta/openai", "https://x.example/v1beta/openai"),
            ("https://x.example/vault", "https://x.example/vault/v1"),
            ("https://x.example/models", "https://x.example/v1"),
            ("https://x.example/v1/chat", "https://x.example/v1"),
            ("https://x.example/v1/embeddings/", "https://x.example/v1"),
            ("https://x.example/v1/chat/models", "https://x.example/v1"),
            ("https://x.example/v1/chat/completions/../models", "https://x.example/v1"),
            ("https://x.example/v1/engines/chat/completions", "https://x.example/v1"),
            ("https://x.example/chat", "https://x.example/chat/v1"),
        ];
        for (typed, root) in rows {
            let base = BaseUrl::parse(typed, PlainHttp::LoopbackOnly).unwrap();
            assert_eq!(base.root(false).as_str().trim_end_matches('/'), root, "{typed}");
        }
        let base = BaseUrl::parse("https://x.example/api", PlainHttp::LoopbackOnly).unwrap();
        assert_eq!(base.root(true).as_str(), "https://x.example/api");
    }

    #[test]
    fn base_url_rejected_gives_reason_without_password() {
        for typed in
            ["https://ada:sesame@x.example/v1", "http://ada:sesame@10.0.0.1/v1", "ftp://ada:sesame@x"]
        {
            let refused = BaseUrl::parse(typed, PlainHttp::LoopbackOnly).unwrap_err();
            assert_eq!(refused.code, ErrorCode::BadUrl);
            assert!(!refused.cause.contains("sesame"), "{refused}");
        }
        let bare = BaseUrl::parse("api.groq.com/openai/v1", PlainHttp::LoopbackOnly).unwrap_err();
        assert!(bare.cause.contains("must begin with https://"), "{bare}");
    }

    #[test]
    fn base_url_mistyped_says_what_to_leave_out() {
        let rows = [
            ("https://x.example/v1/v1", "version twice"),
            ("https://x.example/v1/v1/chat/completions", "version twice"),
            ("https://x.example//v1", "two slashes"),
            ("https://x.example/openai//v1/", "two slashes"),
            ("https://x.example/V1", "capital V"),
            ("https://x.example/v1,", "comma"),
            ("https://x.example/v1;/models", "comma"),
            ("https://x.example/openai?api-version=2024-10-21", "leave out the ?"),
            ("https://x.example/v1#top", "leave out the #"),
            ("http://[fe80::1%25eth0]:8000/v1", "network interface"),
            ("http://192.168.1.5:8000/v1", "local network"),
        ];
        for (typed, words) in rows {
            let refused = BaseUrl::parse(typed, PlainHttp::LoopbackOnly).unwrap_err();
            assert_eq!(refused.code, ErrorCode::BadUrl, "{typed}");
            assert!(refused.cause.contains(words), "{refused}");
        }
        assert!(BaseUrl::parse("https://x.example/v1/api/v1", PlainHttp::LoopbackOnly).is_ok());
    }

    #[test]
    fn base_url_ambiguous_is_rejected() {
        for typed in [
            "https:///v1",
            "https:x.example",
            "https:/x.example/v1",
            "https:\\\\x.example",
            "https://x.example\\v1",
            "https://x.\texample/v1",
            "https://x.example/v 1",
            "https://x.example:0",
            "https://*.example.com/v1",
        ] {
            let refused = BaseUrl::parse(typed, PlainHttp::LocalNetwork).unwrap_err();
            assert_eq!(refused.code, ErrorCode::BadUrl, "{typed}");
        }
        for typed in ["http://0.0.0.0:8000", "http://[::]:8000/v1"] {
            for plain in [PlainHttp::LoopbackOnly, PlainHttp::LocalNetwork] {
                let refused = BaseUrl::parse(typed, plain).unwrap_err();
                assert!(refused.cause.contains("use 127.0.0.1"), "{refused}");
            }
        }
    }

    #[test]
    fn base_url_plain_http_follows_setting() {
        let local =
            ["http://192.168.1.5:8000", "http://gpu.lan:8000", "http://[fd00::1]:8000", "http://100.64.0.9"];
        for typed in local {
            assert!(BaseUrl::parse(typed, PlainHttp::LoopbackOnly).is_err(), "{typed}");
            assert!(BaseUrl::parse(typed, PlainHttp::LocalNetwork).unwrap().is_plain_http(), "{typed}");
        }
        for typed in ["http://8.8.8.8/v1", "http://[2606:4700::1]/v1"] {
            assert!(BaseUrl::parse(typed, PlainHttp::LocalNetwork).is_err(), "{typed}");
        }
        assert!(!BaseUrl::parse("http://localhost:1", PlainHttp::LocalNetwork).unwrap().is_plain_http());
    }
}
