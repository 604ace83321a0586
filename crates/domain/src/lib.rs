//! The vocabulary of Usher: what it signs in to, as whom, with which secrets, and what can go wrong.
//!
//! Pure on purpose: the manifest has no async runtime, no HTTP and no file access, so nothing here can
//! do anything but mean something. Everything outside is given through [`ports`].

mod account;
mod base_url;
mod endpoints;
mod error;
mod model;
mod pass;
pub mod ports;
mod preset;
mod provider;
mod provider_id;
mod redact;
mod secret;
mod shown;
mod time;
mod usage;

pub use account::{Account, AccountId, Plan};
pub use base_url::{BaseUrl, PlainHttp, below, is_loopback};
pub use endpoints::Endpoints;
pub use error::{ErrorCode, Exit, Failure};
pub use model::{Capabilities, Effort, Model, ModelSource, Selection};
pub use pass::{Pass, PassScope};
pub use preset::{PRESETS, Preset};
pub use provider::{Provider, RedirectHost, Wire};
pub use provider_id::{EndpointName, ProviderId};
pub use redact::redact;
pub use secret::{
    AccessToken, ApiKey, AuthorizationCode, CodeVerifier, HeaderSecret, IdToken, PassSecret, RefreshToken,
    Secret, kind,
};
pub use shown::{LONGEST_NAME, harmless, is_obeyed, is_shown_whole, shown};
pub use time::UnixTime;
pub use usage::{Credits, LimitReached, Usage, UsageWindow};
