//! Sign-in, token refresh, revocation and the encrypted store.
//!
//! One sign-in from start to end: [`SignInFlow::run`] binds a loopback port, builds an authorization
//! request with a new PKCE pair and state, reports the page to open, waits for the one redirect with the
//! right state, exchanges its code once, reads the account from the tokens, and writes them into
//! the [`Store`] under the [`HomeLock`]. From then on a [`RefreshingTokenSource`] hands out access tokens
//! and is the only code that ever uses the refresh token, until [`Revocation::disconnect`] deletes the
//! sign-in and revokes it at OpenAI.
//!
//! The refresh token never leaves this crate.

mod access_token;
mod accounts;
mod api_keys;
mod atomic_file;
mod authorization;
mod blocking;
mod device;
mod external;
mod identity;
mod keyring;
mod lock;
mod loopback;
mod oauth_error;
mod passes;
mod random;
mod refresh;
mod revocation;
mod sign_in;
mod store;
mod summary;
mod token_endpoint;
mod token_exchange;
mod token_source;

pub use access_token::AccessTokens;
pub use accounts::Accounts;
pub use api_keys::{ApiKeys, KeySummary, KeyTokenSource, key_suffix};
pub use atomic_file::replace_file;
pub use blocking::run_blocking;
pub use external::{
    Advice, CodexCli, CodexOtherMode, CodexSignIn, CodexState, CodexTokenSource, Discovery, ExternalPaths,
    ExternalProgram, ExternalReadError, ExternalSignIn, discover,
};
pub use lock::{HomeLock, LockGuard};
pub use loopback::{BusyPort, port_holder};
pub use passes::{KnownPasses, Passes};
pub use refresh::LockTimeouts;
pub use revocation::{PendingRevocation, Revocation, RevocationStatus};
pub use sign_in::{FlowKind, PastedRedirect, SignInFlow, SignInProgress};
pub use store::{FileVersion, KeyLocation, KeyStorage, Store, StoreConfig};
pub use summary::{SignInSummary, VaultSummary};
pub use token_source::RefreshingTokenSource;
