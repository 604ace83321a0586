//! What a user manages in the store: accounts, access tokens, API keys, passes and the password of the proxy.

mod access_tokens;
mod accounts;
mod api_keys;
mod passes;
mod proxy_passwords;
mod run_locks;
mod summary;

pub use access_tokens::AccessTokens;
pub use accounts::Accounts;
pub use api_keys::{ApiKeys, KeySummary, KeyTokenSource, key_suffix};
pub use passes::{KnownPasses, Passes, RunPass};
pub use proxy_passwords::ProxyPasswords;
pub use summary::{SignInSummary, VaultSummary};
