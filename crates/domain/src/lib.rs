//! The domain model of Usher: providers, accounts, secrets, error codes and ports.
//!
//! Pure on purpose: the manifest has no async runtime, no HTTP and no file access, so nothing here can do
//! I/O. Everything from outside is given through [`ports`].

mod account;
mod error;
mod link;
mod model;
mod pass;
pub mod ports;
mod provider;
mod role;
mod secret;
mod text;
mod time;
mod usage;

pub use account::{Account, AccountId, Plan, PlanUse, SignInRoute};
pub use error::{ErrorCode, ExitStatus, Failure};
pub use link::{DeepLink, LINK_PREFIX, LinkPanel, ProposedService};
pub use model::{Capabilities, Effort, Model, ModelSource, Selection};
pub use pass::{Pass, PassRun, PassScope};
pub use provider::base_url::{BaseUrl, PlainHttp, append_path, is_loopback};
pub use provider::endpoints::Endpoints;
pub use provider::oauth_provider::{OAuthProvider, RedirectHost};
pub use provider::preset::{PRESETS, Preset};
pub use provider::provider_id::{ProviderId, ProviderSlug};
pub use provider::wire::Wire;
pub use role::{Role, RoleChoice, Roles, Tier};
pub use secret::{
    AccessToken, ApiKey, AuthorizationCode, CodeVerifier, HeaderSecret, IdToken, PassSecret, Passphrase,
    ProxyPassword, RefreshToken, Secret, kind,
};
pub use text::page_text::page_text;
pub use text::redact::{has_known_secret, redact};
pub use text::sanitize::{
    MAX_NAME_CHARS, is_control_or_format, is_printable_within, sanitize_for_terminal, sanitize_line,
};
pub use time::UnixTime;
pub use usage::{
    Credits, HIGH_PERCENT, LimitReached, ResetCredits, SpendLimit, SpendLimitScope, Usage, UsageWindow,
};
