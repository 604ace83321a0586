//! The tokens of a sign-in: handing them out, refreshing them, revoking them.

mod account_snapshot;
pub(crate) mod claims;
pub(crate) mod endpoint;
pub(crate) mod oauth_error;
pub(crate) mod refresh;
pub(crate) mod refresh_terms;
pub(crate) mod revocation;
mod routes;
mod source;

pub use refresh::LockTimeouts;
pub use revocation::{PendingRevocation, Revocation, RevocationStatus};
pub use source::{REFRESH_RETRY_SECONDS, RefreshingTokenSource};
