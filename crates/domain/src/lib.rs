//! The domain model of Usher: providers, accounts, secrets, error codes and ports.
//!
//! Pure on purpose: the manifest has no async runtime, no HTTP and no file access, so nothing here can do
//! I/O. Everything from outside is given through [`ports`].

mod account;
mod base_url;
mod endpoints;
mod error;
mod model;
mod oauth_provider;
mod pass;
pub mod ports;
mod preset;
mod provider_id;
mod redact;
mod sanitize;
mod secret;
mod time;
mod usage;
mod wire;

pub use account::{Account, AccountId, Plan};
pub use base_url::{BaseUrl, PlainHttp, append_path, is_loopback};
pub use endpoints::Endpoints;
pub use error::{ErrorCode, ExitStatus, Failure};
pub use model::{Capabilities, Effort, Model, ModelSource, Selection};
pub use oauth_provider::{OAuthProvider, RedirectHost};
pub use pass::{Pass, PassScope};
pub use preset::{PRESETS, Preset};
pub use provider_id::{ProviderId, ProviderSlug};
pub use redact::redact;
pub use sanitize::{
    MAX_NAME_CHARS, is_control_or_format, is_printable_within, sanitize_for_terminal, sanitize_line,
};
pub use secret::{
    AccessToken, ApiKey, AuthorizationCode, CodeVerifier, HeaderSecret, IdToken, PassSecret, RefreshToken,
    Secret, kind,
};
pub use time::UnixTime;
pub use usage::{Credits, LimitReached, Usage, UsageWindow};
pub use wire::Wire;
