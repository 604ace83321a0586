//! Why a request got no answer.

use std::error::Error;
use std::fmt;

use usher_domain::{ErrorCode, Failure};

/// Whether the far side can have seen the request. A refresh token may be sent again only after
/// [`Dispatch::Never`]: after that, the token may already be spent (protocol §3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dispatch {
    /// It failed before a byte of the request was sent.
    Never,
    /// It was sent, or may have been.
    Possible,
}

/// A request without a usable answer.
#[derive(Debug)]
pub struct NetError {
    /// Code and cause for people.
    pub failure: Failure,
    /// Whether the far side can have seen it.
    pub dispatch: Dispatch,
}

impl NetError {
    /// A refusal of our own, before anything was sent.
    pub(crate) fn refused(failure: Failure) -> Self {
        Self { failure, dispatch: Dispatch::Never }
    }

    /// Nothing came back in time.
    pub(crate) fn silent(host: &str) -> Self {
        let failure = Failure::new(ErrorCode::Timeout, format!("{host} did not answer in time"));
        Self { failure, dispatch: Dispatch::Possible }
    }

    /// Sorts what the client reports, by type and never by its text.
    pub(crate) fn from_client(error: &reqwest::Error, host: &str, proxy: Option<&str>) -> Self {
        let dispatch =
            if error.is_connect() || error.is_builder() { Dispatch::Never } else { Dispatch::Possible };
        Self { failure: failure(error, host, proxy, dispatch), dispatch }
    }
}

impl fmt::Display for NetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failure.fmt(f)
    }
}

impl Error for NetError {}

impl From<NetError> for Failure {
    fn from(error: NetError) -> Self {
        error.failure
    }
}

fn failure(error: &reqwest::Error, host: &str, proxy: Option<&str>, dispatch: Dispatch) -> Failure {
    if let Some(tls) = find::<rustls::Error>(error) {
        return Failure::new(ErrorCode::Tls, format!("the connection to {host} is not trusted: {tls}"));
    }
    if let (Dispatch::Never, Some(proxy)) = (dispatch, proxy) {
        let why = innermost(error);
        return Failure::new(ErrorCode::Proxy, format!("the proxy {proxy} gave no way to {host}: {why}"));
    }
    if let Some(unresolved) = find::<Unresolved>(error) {
        return Failure::new(ErrorCode::Dns, unresolved.to_string());
    }
    if error.is_timeout() && dispatch == Dispatch::Possible {
        return Failure::new(ErrorCode::Timeout, format!("{host} did not answer in time"));
    }
    let doing = if dispatch == Dispatch::Never { "could not be reached" } else { "broke the connection" };
    Failure::new(ErrorCode::Offline, format!("{host} {doing}: {}", innermost(error)))
}

/// The first cause of type `T`. Errors inside an [`std::io::Error`] are looked at too: its `source`
/// skips the error that it wraps.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(current) = next {
        if let Some(found) = current.downcast_ref::<T>() {
            return Some(found);
        }
        let wrapped = current.downcast_ref::<std::io::Error>().and_then(|io| io.get_ref());
        if let Some(found) = wrapped.and_then(|inner| find::<T>(inner)) {
            return Some(found);
        }
        next = current.source();
    }
    None
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    usher_domain::redact(&last.to_string())
}

/// The name of a host has no address.
#[derive(Debug)]
pub(crate) struct Unresolved {
    pub(crate) host: String,
    pub(crate) why: std::io::Error,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name {} cannot be resolved: {}", self.host, self.why)
    }
}

impl Error for Unresolved {}
