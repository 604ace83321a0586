//! The vocabulary of Usher: what it signs in to, as whom, with which secrets, and what can go wrong.
//!
//! Pure on purpose: the manifest has no async runtime, no HTTP and no file access, so nothing here can
//! do anything but mean something. Everything outside is given through [`ports`].

mod account;
mod error;
mod model;
pub mod ports;
mod provider;
mod redact;
mod secret;
mod time;
mod usage;

pub use account::{Account, AccountId, Plan};
pub use error::{ErrorCode, Exit, Failure};
pub use model::{Effort, Model, Selection};
pub use provider::{Endpoints, Provider, ProviderId, RedirectHost, is_loopback};
pub use redact::redact;
pub use secret::{AccessToken, AuthorizationCode, CodeVerifier, IdToken, RefreshToken, Secret, kind};
pub use time::UnixTime;
pub use usage::{Credits, LimitReached, Usage, UsageWindow};
