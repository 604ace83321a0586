//! What the core is given from outside, so that tests can give it something else.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use url::Url;

use crate::{AccessToken, ApiKey, Failure, HeaderSecret, UnixTime};

/// A future behind a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The time of day. Given rather than read, so that a test can stand at the edge of an expiry.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> UnixTime;
}

/// The person's own browser (RFC 8252 §5).
pub trait Browser: Send + Sync {
    /// Shows `url`. Not being able to is no end of a sign-in: the address is shown as well.
    fn open(&self, url: &Url) -> Result<(), Failure>;
}

/// What proves who a request is for.
#[derive(Clone)]
pub enum Bearer {
    /// Nothing: a service of one's own may need none.
    None,
    /// An access token of a sign-in (RFC 6750 §2.1).
    AccessToken(Arc<AccessToken>),
    /// An API key.
    ApiKey(Arc<ApiKey>),
}

impl Bearer {
    /// The text itself; empty when there is none.
    pub fn expose(&self) -> &str {
        match self {
            Self::None => "",
            Self::AccessToken(token) => token.expose(),
            Self::ApiKey(key) => key.expose(),
        }
    }

    /// Whether both are the same secret, or both none.
    pub fn matches(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::AccessToken(one), Self::AccessToken(two)) => one.matches(two),
            (Self::ApiKey(one), Self::ApiKey(two)) => one.matches(two),
            _ => false,
        }
    }
}

/// A header that a service wants besides the bearer.
#[derive(Clone)]
pub struct ExtraHeader {
    /// In lower case.
    pub name: String,
    /// Treated as a secret, whatever it is.
    pub value: Arc<HeaderSecret>,
}

/// What a request to a provider carries.
#[derive(Clone)]
pub struct Authorization {
    /// Sent as `Authorization: Bearer`.
    pub bearer: Bearer,
    /// Sent as `ChatGPT-Account-ID`, where the provider has accounts (protocol §8.1).
    pub account_id: Option<String>,
    /// Adds `X-OpenAI-Fedramp: true`.
    pub fedramp: bool,
    /// Sent as they are.
    pub headers: Vec<ExtraHeader>,
    /// The address that this credential was made for; it goes nowhere else.
    pub base: Url,
    /// When the bearer ends, where that can be read.
    pub expires_at: Option<UnixTime>,
}

/// Hands out what requests carry; whoever holds one never sees a refresh token.
pub trait TokenSource: Send + Sync {
    /// What is good now, renewed first if it is about to expire.
    fn authorization(&self) -> BoxFuture<'_, Result<Authorization, Failure>>;

    /// What to use after the provider answered 401 to `used`: something newer of another process if there
    /// is any, else a renewed token (protocol §3.2). Asked at most once for a request.
    fn after_unauthorized<'a>(
        &'a self,
        used: &'a Authorization,
    ) -> BoxFuture<'a, Result<Authorization, Failure>>;
}

/// A line that a program printed, on either of its outputs.
pub type OnOutputLine = Arc<dyn Fn(String) + Send + Sync>;

/// Starts other programs of this computer, such as `codex login`.
pub trait ProcessRunner: Send + Sync {
    /// Runs `program`, found by the search path, with `arguments`, and tells its lines as they come. Gives its exit
    /// status; dropping the future ends the program. Fails with
    /// [`ErrorCode::ProgramMissing`](crate::ErrorCode::ProgramMissing) when there is none of that name.
    fn run(
        &self,
        program: &str,
        arguments: &[&str],
        on_line: OnOutputLine,
    ) -> BoxFuture<'_, Result<i32, Failure>>;

    /// Waits until programs that are just being ended are gone, with what they have started.
    fn wait_idle(&self) -> BoxFuture<'_, ()>;
}
