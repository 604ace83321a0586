//! Sign in with `ChatGPT`, where the plan pays for Usher's own requests (siwc).
//!
//! [`PlanSignInFlow`] signs in: it registers Usher in the person's account, or returns with a registration, verifies the
//! ID token and saves the tokens.

mod identity;
pub(crate) mod refresh;
mod refresh_gate;
mod registrations;
mod sign_in;
pub(crate) mod token_endpoint;

pub use self::identity::id_token::{ExpectedIdentity, IdTokenError, IdTokenVerifier, VerifiedIdentity};
pub use self::refresh_gate::earliest_refresh::EarliestRefresh;
pub use self::refresh_gate::refresh_window::{Now, Readiness, RefreshWindow, TokenTimes};
pub use self::registrations::client_id::{DYNAMIC_CLIENT_ID, IssuedClientId};
pub use self::registrations::file::RegistrationFile;
pub use self::registrations::host_id::HostId;
pub use self::registrations::record::Registration;
pub use self::sign_in::{PlanIdentity, PlanSignInFlow, PlanSignInKind, PlanSignInRequest};
pub use self::token_endpoint::{IssuedPlanTokens, PlanTokenEndpoint};
