//! What others may know of a sign-in: everything but its tokens.

use std::sync::Arc;

use usher_domain::{Account, AccountId, Endpoints, Failure, ProviderId, UnixTime};

use crate::keys::KeyStanding;
use crate::revocation::Owed;
use crate::store::Store;

/// How one sign-in stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
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
pub struct Standings {
    /// One per identity.
    pub all: Vec<Standing>,
    /// The identity in use.
    pub active: Option<AccountId>,
    /// Revocations that are owed.
    pub owed: Vec<Owed>,
    /// Keys, without themselves.
    pub keys: Vec<KeyStanding>,
}

impl Standings {
    /// Reads them. May wait for a keyring, so not for async code.
    pub fn read(store: &Arc<Store>) -> Result<Self, Failure> {
        let vault = store.read()?;
        let all = vault.sign_ins.iter().map(|one| Standing {
            account: one.account.clone(),
            endpoints: one.endpoints.clone(),
            expires_at: one.expires_at,
            refreshed_at: one.refreshed_at,
            renews: one.refresh.is_some(),
            ended: one.ended.as_ref().map(|ended| Failure::new(ended.code, ended.cause.clone())),
        });
        let owed = vault.pending.iter().map(Owed::from).collect();
        let keys = vault.keys.iter().map(KeyStanding::from).collect();
        Ok(Self { all: all.collect(), active: vault.active.clone(), owed, keys })
    }

    /// The sign-in in use.
    pub fn active(&self) -> Option<&Standing> {
        let id = self.active.as_ref()?;
        self.all.iter().find(|one| one.account.id() == *id)
    }

    /// What was saved for `provider`.
    pub fn key_of(&self, provider: &ProviderId) -> Option<&KeyStanding> {
        self.keys.iter().find(|one| one.provider == *provider)
    }
}
