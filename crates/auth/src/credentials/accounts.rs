//! The accounts of a provider: which one is in use, their order, and their names.

use std::sync::Arc;

use usher_domain::{AccountId, ErrorCode, Failure};

use crate::store::{Store, Vault};

/// Changes the accounts in the store, but not their tokens.
pub struct Accounts {
    store: Arc<Store>,
}

impl Accounts {
    /// Creates the accounts of `store`.
    pub fn new(store: Arc<Store>) -> Self {
        Self { store }
    }

    /// Makes `account` the one in use.
    pub async fn make_active(&self, account: AccountId) -> Result<(), Failure> {
        self.update(account, |vault, index| vault.active = Some(vault.sign_ins[index].account.id())).await
    }

    /// Sets or removes the user's own name for `account`.
    pub async fn rename(&self, account: AccountId, label: Option<String>) -> Result<(), Failure> {
        self.update(account, move |vault, index| vault.rename(index, label)).await
    }

    /// Moves `account` by one place towards the beginning or the end of the list.
    ///
    /// At the first or last place it stays where it is.
    pub async fn shift(&self, account: AccountId, towards_beginning: bool) -> Result<(), Failure> {
        self.update(account, move |vault, index| {
            let other = if towards_beginning { index.checked_sub(1) } else { Some(index + 1) };
            if let Some(other) = other.filter(|other| *other < vault.sign_ins.len()) {
                vault.sign_ins.swap(index, other);
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
            let index = vault.sign_ins.iter().position(|sign_in| sign_in.account.id() == account)?;
            change(vault, index);
            Some(())
        });
        changed.await?.ok_or_else(|| Failure::new(ErrorCode::BadUsage, "this account is no longer signed in"))
    }
}
