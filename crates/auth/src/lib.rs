//! Sign-in, refresh, revocation and the sealed store.
//!
//! One sign-in from start to end: [`SignInFlow::run`] takes a loopback port, builds an authorization
//! request with a fresh PKCE pair and state, reports the page to open, waits for the one redirect that
//! carries the right state, exchanges its code once, reads from the tokens who it is, and writes them into
//! the [`Store`] under the [`HomeLock`]. From then on a [`RefreshingTokenSource`] hands out access tokens
//! and is the only thing that ever spends the refresh token, until [`Revocation::disconnect`] erases the
//! sign-in and tells OpenAI.
//!
//! The refresh token never leaves this crate.

mod access_token;
mod accounts;
mod authorization;
mod blocking;
mod completion;
mod device;
mod elsewhere;
mod identity;
mod keyring;
mod keys;
mod lock;
mod loopback;
mod passes;
mod refusal;
mod renewal;
mod revocation;
mod sign_in;
mod standing;
mod store;
mod token_endpoint;
mod token_source;

pub use access_token::AccessTokens;
pub use accounts::Accounts;
pub use elsewhere::{
    Advice, CodexCli, CodexLink, CodexOther, CodexSignIn, CodexState, Found, FoundSignIn, Places, Program,
    Trouble, find,
};
pub use keys::{KeyStanding, KeyTokens, SavedKeys, ends_in};
pub use lock::{Guard, HomeLock};
pub use loopback::{BusyPort, holder};
pub use passes::{KnownPasses, Passes};
pub use revocation::{Owed, Revocation, Told};
pub use sign_in::{Pasted, Progress, SignInFlow, Way};
pub use standing::{Standing, Standings};
pub use store::{KeyPlace, Stamp, Store, StoreMode, Wanted};
pub use token_source::{LockPatience, RefreshingTokenSource};
