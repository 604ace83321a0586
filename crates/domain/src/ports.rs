//! The interfaces to the outside, which tests replace.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use url::Url;

use crate::{AccessToken, ApiKey, Failure, HeaderSecret, UnixTime};

/// A future behind a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The time of day. An interface, so that a test can choose the moment of an expiry.
pub trait Clock: Send + Sync {
    /// Returns the current time.
    fn now(&self) -> UnixTime;
}

/// A function is a clock: tests give one that stands still.
impl<F: Fn() -> UnixTime + Send + Sync> Clock for F {
    fn now(&self) -> UnixTime {
        self()
    }
}

/// The user's own browser (RFC 8252 §5).
pub trait Browser: Send + Sync {
    /// Opens `url`. A failure does not end a sign-in: the address is shown as well.
    fn open(&self, url: &Url) -> Result<(), Failure>;
}

/// The bearer token of a request.
#[derive(Clone)]
pub enum Bearer {
    /// None: a service of one's own may need none.
    None,
    /// An access token of a sign-in (RFC 6750 §2.1).
    AccessToken(Arc<AccessToken>),
    /// An API key.
    ApiKey(Arc<ApiKey>),
}

impl Bearer {
    /// Returns the token; empty if there is none.
    pub fn expose(&self) -> &str {
        match self {
            Self::None => "",
            Self::AccessToken(token) => token.expose(),
            Self::ApiKey(key) => key.expose(),
        }
    }

    /// Returns whether both are the same secret, or both none.
    pub fn matches(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::AccessToken(one), Self::AccessToken(two)) => one.matches(two),
            (Self::ApiKey(one), Self::ApiKey(two)) => one.matches(two),
            _ => false,
        }
    }
}

/// A header that a service requires besides the bearer token.
#[derive(Clone)]
pub struct ExtraHeader {
    /// The name, in lower case.
    pub name: String,
    /// The value, treated as a secret.
    pub value: Arc<HeaderSecret>,
}

/// The credentials of a request to a provider.
#[derive(Clone)]
pub struct Authorization {
    /// Sent as `Authorization: Bearer`.
    pub bearer: Bearer,
    /// Sent as `ChatGPT-Account-ID`, where the provider has accounts (protocol §8.1).
    pub account_id: Option<String>,
    /// Adds `X-OpenAI-Fedramp: true`.
    pub fedramp: bool,
    /// Additional headers.
    pub headers: Vec<ExtraHeader>,
    /// The address that this credential was issued for; it is never sent to another.
    pub base: Url,
    /// When the bearer token expires, if known.
    pub expires_at: Option<UnixTime>,
}

/// Provides the credentials of requests; its users never see a refresh token.
pub trait TokenSource: Send + Sync {
    /// Returns valid credentials, refreshed first if they are about to expire.
    fn authorization(&self) -> BoxFuture<'_, Result<Authorization, Failure>>;

    /// Returns the credentials to use after the provider responded with 401 to `used`.
    ///
    /// They are newer ones of another process if there are any, else refreshed ones (protocol §3.2). Called at most once
    /// per request.
    fn after_unauthorized<'a>(
        &'a self,
        used: &'a Authorization,
    ) -> BoxFuture<'a, Result<Authorization, Failure>>;
}

/// A line that a program printed, on either of its outputs.
pub type OnOutputLine = Arc<dyn Fn(String) + Send + Sync>;

/// Starts other programs of this computer, such as `codex login`.
pub trait ProcessRunner: Send + Sync {
    /// Runs `program` from the search path with `arguments`, passes on its lines as they arrive, and returns its exit
    /// status.
    ///
    /// Dropping the future ends the program. Fails with
    /// [`ErrorCode::ProgramMissing`](crate::ErrorCode::ProgramMissing) if there is no such program.
    fn run(
        &self,
        program: &str,
        arguments: &[&str],
        on_line: OnOutputLine,
    ) -> BoxFuture<'_, Result<i32, Failure>>;

    /// Waits until programs that are being ended have exited, with their child processes.
    fn wait_idle(&self) -> BoxFuture<'_, ()>;
}
