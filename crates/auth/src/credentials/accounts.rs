//! Several accounts under one provider: which is in use, in which order, by which name.

use std::sync::Arc;

use usher_domain::{AccountId, ErrorCode, Failure};

use crate::store::{Store, Vault};

/// Changes what is kept of accounts besides their tokens.
pub struct Accounts {
    store: Arc<Store>,
}

impl Accounts {
    /// Those that `store` keeps.
    pub fn new(store: Arc<Store>) -> Self {
        Self { store }
    }

    /// Makes `account` the one in use. The others stay as they are.
    pub async fn make_active(&self, account: AccountId) -> Result<(), Failure> {
        self.update(account, |vault, at| vault.active = Some(vault.sign_ins[at].account.id())).await
    }

    /// Gives `account` the person's own name for it, or takes it away.
    pub async fn rename(&self, account: AccountId, label: Option<String>) -> Result<(), Failure> {
        self.update(account, move |vault, at| vault.sign_ins[at].account.label = label).await
    }

    /// Moves `account` by one place, towards the beginning or the end; at the end of the list it stays.
    pub async fn shift(&self, account: AccountId, towards_beginning: bool) -> Result<(), Failure> {
        self.update(account, move |vault, at| {
            let other = if towards_beginning { at.checked_sub(1) } else { Some(at + 1) };
            if let Some(other) = other.filter(|other| *other < vault.sign_ins.len()) {
                vault.sign_ins.swap(at, other);
            }
        })
        .await
    }

    async fn update(
        &self,
        account: AccountId,
        change: impl FnOnce(&mut Vault, usize) + Send + 'static,
    ) -> Result<(), Failure> {
        let changed = self.store.change(move |vault| {
            let at = vault.sign_ins.iter().position(|one| one.account.id() == account)?;
            change(vault, at);
            Some(())
        });
        changed.await?.ok_or_else(|| Failure::new(ErrorCode::BadUsage, "this account is no longer signed in"))
    }
}
