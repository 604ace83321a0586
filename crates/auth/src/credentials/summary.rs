//! What others may know of a sign-in: everything but its tokens.

use std::sync::Arc;

use usher_domain::{Account, AccountId, Endpoints, Failure, ProviderId, UnixTime};

use super::api_keys::KeySummary;
use crate::store::Store;
use crate::tokens::revocation::PendingRevocation;

/// How one sign-in stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInSummary {
    /// Who.
    pub account: Account,
    /// Where it was made; its tokens go nowhere else.
    pub endpoints: Endpoints,
    /// When the access token ends; it renews by itself.
    pub expires_at: Option<UnixTime>,
    /// When the tokens were last renewed.
    pub refreshed_at: UnixTime,
    /// Whether it renews by itself; an access token that was pasted does not (protocol §5.1).
    pub renews: bool,
    /// Why it is over, once the server has said so.
    pub ended: Option<Failure>,
}

/// All sign-ins and keys of a home.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VaultSummary {
    /// One per identity.
    pub sign_ins: Vec<SignInSummary>,
    /// The identity in use.
    pub active: Option<AccountId>,
    /// Revocations that are owed.
    pub pending_revocations: Vec<PendingRevocation>,
    /// Keys, without themselves.
    pub keys: Vec<KeySummary>,
}

impl VaultSummary {
    /// Reads them. May wait for a keyring, so not for async code.
    pub fn read(store: &Arc<Store>) -> Result<Self, Failure> {
        let vault = store.read()?;
        let sign_ins = vault.sign_ins.iter().map(|one| SignInSummary {
            account: one.account.clone(),
            endpoints: one.endpoints.clone(),
            expires_at: one.expires_at,
            refreshed_at: one.refreshed_at,
            renews: one.refresh.is_some(),
            ended: one.ended.as_ref().map(|ended| Failure::new(ended.code, ended.cause.clone())),
        });
        let pending_revocations = vault.pending.iter().map(PendingRevocation::from).collect();
        let keys = vault.keys.iter().map(KeySummary::from).collect();
        Ok(Self { sign_ins: sign_ins.collect(), active: vault.active.clone(), pending_revocations, keys })
    }

    /// The sign-in in use.
    pub fn active(&self) -> Option<&SignInSummary> {
        let id = self.active.as_ref()?;
        self.sign_ins.iter().find(|one| one.account.id() == *id)
    }

    /// What was saved for `provider`.
    pub fn key_for(&self, provider: &ProviderId) -> Option<&KeySummary> {
        self.keys.iter().find(|one| one.provider == *provider)
    }
}
