//! Sign-in, token refresh, revocation and the encrypted store.
//!
//! One sign-in from start to end: [`SignInFlow::run`] binds a loopback port, builds an authorization
//! request with a new PKCE pair and state, reports the page to open, waits for the redirect with the
//! right state, exchanges its code once, reads the account from the tokens, and writes them into
//! the [`Store`] under the [`HomeLock`]. From then on a [`RefreshingTokenSource`] hands out access tokens
//! and is the only code that ever uses the refresh token, until [`Revocation::disconnect`] deletes the
//! sign-in and revokes it at OpenAI.
//!
//! [`Transfers`] move sign-ins to another computer, in a file that is sealed with a passphrase.
//!
//! The refresh token never leaves this crate but in that file.

mod credentials;
mod external;
mod plan_usage;
mod platform;
mod sign_in;
mod store;
mod tokens;
mod transfer;

pub use credentials::{
    AccessTokens, Accounts, ApiKeys, KeySummary, KeyTokenSource, KnownPasses, Passes, ProxyPasswords,
    RunPass, SignInSummary, VaultSummary, key_suffix,
};
pub use external::{
    Advice, CodexCli, CodexOtherMode, CodexSignIn, CodexState, CodexTokenSource, Discovery, ExternalPaths,
    ExternalProgram, ExternalReadError, ExternalSignIn, discover,
};
pub use plan_usage::{
    DYNAMIC_CLIENT_ID, EarliestRefresh, ExpectedIdentity, HostId, IdTokenError, IdTokenVerifier,
    IssuedClientId, IssuedPlanTokens, Now, PlanIdentity, PlanSignInFlow, PlanSignInKind, PlanSignInRequest,
    PlanTokenEndpoint, Readiness, RefreshWindow, Registration, RegistrationFile, TokenTimes,
    VerifiedIdentity,
};
pub use platform::atomic_file::{replace_file, replace_locked_file};
pub use platform::blocking::run_blocking;
pub use platform::machine::machine_id;
pub use platform::private_file::{
    make_private, make_private_folder, open_private, open_private_to_write, open_to_others,
};
pub use sign_in::{
    BusyPort, FlowKind, LaunchPages, OtherAccountDecision, PastedRedirect, RequestedIdentity, SignInFlow,
    SignInInput, SignInProgress, SignInRequest, port_holder,
};
pub use store::lock::{HomeLock, LOCK_TIMEOUT, LockGuard};
pub use store::{
    FileVersion, KeyLocation, KeyMove, KeyStorage, KeyTarget, LeftOverKey, MIN_PASSPHRASE_CHARS, Scopes,
    Store, StoreConfig, UnreadableStore,
};
pub use tokens::{
    LockTimeouts, PendingRevocation, REFRESH_RETRY_SECONDS, RefreshingTokenSource, Revocation,
    RevocationStatus,
};
pub use transfer::{
    InterruptedTransfer, Received, Sent, StaysBecause, TransferContents, TransferRequest, Transfers,
};
