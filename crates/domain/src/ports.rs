//! What the core is given from outside, so that tests can give it something else.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use url::Url;

use crate::{AccessToken, Endpoints, Failure, UnixTime};

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

/// What a request to the backend carries.
#[derive(Clone)]
pub struct Authorization {
    /// Sent as `Authorization: Bearer`.
    pub bearer: Arc<AccessToken>,
    /// Sent as `ChatGPT-Account-ID` (protocol §8.1).
    pub account_id: String,
    /// Adds `X-OpenAI-Fedramp: true`.
    pub fedramp: bool,
    /// Where this token was made for; it goes nowhere else.
    pub endpoints: Endpoints,
    /// `exp` of the token, where it can be read.
    pub expires_at: Option<UnixTime>,
}

/// Hands out access tokens; whoever holds one never sees a refresh token.
pub trait TokenSource: Send + Sync {
    /// A token that is good now, renewed first if it is about to expire.
    fn authorization(&self) -> BoxFuture<'_, Result<Authorization, Failure>>;

    /// What to use after the backend answered 401 to `used`: a newer token of another process if there
    /// is one, else a renewed one (protocol §3.2). Asked at most once for a request.
    fn after_unauthorized<'a>(
        &'a self,
        used: &'a AccessToken,
    ) -> BoxFuture<'a, Result<Authorization, Failure>>;
}
