//! Whose models and choices: an account's, or those of a provider without accounts.

use usher_domain::{AccountId, ProviderId};

/// What a model list, a choice and a usage belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ModelScope {
    /// One of several accounts.
    Account(AccountId),
    /// A provider that has none.
    Provider(ProviderId),
}

impl ModelScope {
    /// The key in `state.db`. No account is called like a provider: what is before its colon is a user's id.
    pub(crate) fn key(&self) -> AccountId {
        match self {
            Self::Account(id) => id.clone(),
            Self::Provider(id) => AccountId(id.to_string()),
        }
    }

    /// The table in `config.toml`: its group and its name there.
    pub(crate) fn table(&self) -> (&'static str, String) {
        match self {
            Self::Account(id) => ("accounts", id.0.clone()),
            Self::Provider(id) => ("providers", id.to_string()),
        }
    }
}
