//! Requests that got no usable response.

use std::error::Error;
use std::fmt;

use usher_domain::{ErrorCode, Failure};

use crate::proxy::UsedProxy;

/// Whether the server can have received the request.
///
/// A refresh token may be sent again only after [`Delivery::NotSent`]: otherwise the token may already be used
/// up (protocol §3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It failed before a byte of the request was sent.
    NotSent,
    /// It was sent, or may have been.
    MaybeSent,
}

/// A request that got no usable response.
#[derive(Debug)]
pub struct NetError {
    /// Code and cause for people.
    pub failure: Failure,
    /// Whether the server can have received it.
    pub delivery: Delivery,
}

impl NetError {
    /// Creates the error of a request that Usher did not send.
    pub(crate) fn before_sending(failure: Failure) -> Self {
        Self { failure, delivery: Delivery::NotSent }
    }

    /// Creates the error of a response that did not come in time.
    pub(crate) fn timed_out(host: &str) -> Self {
        let failure = Failure::new(ErrorCode::Timeout, format!("{host} did not answer in time"));
        Self { failure, delivery: Delivery::MaybeSent }
    }

    /// Classifies an error of the HTTP client, by type and never by its text.
    ///
    /// The error becomes the source of the failure, without its URL: a URL can hold a code or a key. `ignored` says why a
    /// proxy of the environment was not used.
    pub(crate) fn from_client(
        error: reqwest::Error,
        host: &str,
        proxy: Option<&UsedProxy>,
        ignored: Option<String>,
    ) -> Self {
        let delivery =
            if error.is_connect() || error.is_builder() { Delivery::NotSent } else { Delivery::MaybeSent };
        let mut failure = failure(&error, host, proxy, delivery);
        if let (Delivery::NotSent, Some(ignored)) = (delivery, ignored) {
            // Where a proxy is needed, a direct connection fails in any way.
            failure = Failure::new(ErrorCode::Proxy, format!("{}; {ignored}", failure.cause));
        }
        Self { failure: failure.with_source(error.without_url()), delivery }
    }
}

impl fmt::Display for NetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failure.fmt(f)
    }
}

impl Error for NetError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.failure.source()
    }
}

impl From<NetError> for Failure {
    fn from(error: NetError) -> Self {
        error.failure
    }
}

fn failure(error: &reqwest::Error, host: &str, proxy: Option<&UsedProxy>, delivery: Delivery) -> Failure {
    let proxy = proxy.filter(|_| delivery == Delivery::NotSent);
    if let Some(tls) = find_source::<rustls::Error>(error) {
        return tls_failure(tls, host, proxy);
    }
    let unresolved = find_source::<DnsError>(error);
    // A SOCKS proxy may leave it to this computer to find the address of the host.
    if let Some(unresolved) = unresolved.filter(|unresolved| proxy.is_none() || unresolved.host == host) {
        return Failure::new(ErrorCode::Dns, unresolved.to_string());
    }
    if let Some(proxy) = proxy {
        let why = root_cause(error);
        return Failure::new(ErrorCode::Proxy, format!("the proxy {proxy} did not connect to {host}: {why}"));
    }
    if error.is_timeout() && delivery == Delivery::MaybeSent {
        return Failure::new(ErrorCode::Timeout, format!("{host} did not answer in time"));
    }
    let doing = if delivery == Delivery::NotSent { "could not be reached" } else { "broke the connection" };
    Failure::new(ErrorCode::Offline, format!("{host} {doing}: {}", root_cause(error)))
}

/// Describes a failed handshake, which with an HTTPS proxy may have been the one with the proxy.
fn tls_failure(tls: &rustls::Error, host: &str, proxy: Option<&UsedProxy>) -> Failure {
    let is_other_protocol = matches!(tls, rustls::Error::InvalidMessage(_));
    match proxy.filter(|proxy| proxy.uses_tls()) {
        Some(proxy) if is_other_protocol => Failure::new(
            ErrorCode::Proxy,
            format!(
                "the proxy {proxy} does not use TLS ({tls}); set its address with http:// instead of https://"
            ),
        ),
        Some(proxy) => Failure::new(
            ErrorCode::Tls,
            format!("the connection to {host} through the proxy {proxy} is not trusted: {tls}"),
        ),
        None if is_other_protocol => {
            Failure::new(ErrorCode::Tls, format!("{host} does not use TLS on this port: {tls}"))
        }
        None => Failure::new(ErrorCode::Tls, format!("the connection to {host} is not trusted: {tls}")),
    }
}

/// Returns the first source of type `T`.
///
/// Errors inside an [`std::io::Error`] are searched too: its `source` skips the error that it wraps.
fn find_source<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(current) = next {
        if let Some(found) = current.downcast_ref::<T>() {
            return Some(found);
        }
        let wrapped = current.downcast_ref::<std::io::Error>().and_then(|io| io.get_ref());
        if let Some(found) = wrapped.and_then(|inner| find_source::<T>(inner)) {
            return Some(found);
        }
        next = current.source();
    }
    None
}

pub(crate) fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    usher_domain::redact(&last.to_string())
}

/// The name of a host has no address.
#[derive(Debug)]
pub(crate) struct DnsError {
    pub(crate) host: String,
    pub(crate) source: std::io::Error,
}

impl fmt::Display for DnsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name {} cannot be resolved: {}", self.host, self.source)
    }
}

impl Error for DnsError {}
