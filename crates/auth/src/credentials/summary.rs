//! The sign-ins and keys of a store without their secrets, for other crates.

use std::sync::Arc;

use usher_domain::{Account, AccountId, Endpoints, Failure, PlanUse, ProviderId, UnixTime};

use super::api_keys::KeySummary;
use crate::store::Store;
use crate::tokens::revocation::PendingRevocation;

/// A sign-in without its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInSummary {
    /// The account that is signed in.
    pub account: Account,
    /// Where it was made; its tokens are sent nowhere else.
    pub endpoints: Endpoints,
    /// Whether the plan may be used; `None` where that is no consent of its own.
    pub plan_use: Option<PlanUse>,
    /// When the access token expires. It is refreshed automatically if `renews`.
    pub expires_at: Option<UnixTime>,
    /// When the tokens were last refreshed.
    pub refreshed_at: UnixTime,
    /// Whether it has a refresh token; a pasted access token has none (protocol §5.1).
    pub renews: bool,
    /// Why the server ended it, if it did.
    pub ended: Option<Failure>,
    /// The names that the person hides from screens, and that still say which account is meant. Empty while they are shown.
    pub hidden_names: Vec<String>,
}

/// All sign-ins and keys of a home.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VaultSummary {
    /// The sign-ins, one for each account.
    pub sign_ins: Vec<SignInSummary>,
    /// The account in use.
    pub active: Option<AccountId>,
    /// The pending revocations.
    pub pending_revocations: Vec<PendingRevocation>,
    /// The saved keys, without their secrets.
    pub keys: Vec<KeySummary>,
}

impl VaultSummary {
    /// Reads the summary of `store`.
    ///
    /// May wait for a keyring, so it must not be called from async code.
    pub fn read(store: &Arc<Store>) -> Result<Self, Failure> {
        let vault = store.read()?;
        let sign_ins = vault.sign_ins.iter().map(|one| SignInSummary {
            account: one.account.clone(),
            endpoints: one.endpoints.clone(),
            plan_use: one.plan_use(),
            expires_at: one.expires_at,
            refreshed_at: one.refreshed_at,
            renews: one.refresh.is_some(),
            ended: one.ended.as_ref().map(|ended| Failure::new(ended.code, ended.cause.clone())),
            hidden_names: Vec::new(),
        });
        let pending_revocations = vault.pending.iter().map(PendingRevocation::from).collect();
        let keys = vault.keys.iter().map(KeySummary::from).collect();
        Ok(Self { sign_ins: sign_ins.collect(), active: vault.active.clone(), pending_revocations, keys })
    }

    /// Returns the sign-in in use.
    pub fn active(&self) -> Option<&SignInSummary> {
        let id = self.active.as_ref()?;
        self.sign_ins.iter().find(|one| one.account.id() == *id)
    }

    /// Returns the saved key of `provider`.
    pub fn key_for(&self, provider: &ProviderId) -> Option<&KeySummary> {
        self.keys.iter().find(|one| one.provider == *provider)
    }
}
