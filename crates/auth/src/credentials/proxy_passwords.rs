//! The password of the proxy, saved for one address and one user.

use std::sync::Arc;

use usher_domain::{Failure, ProxyPassword};

use crate::store::{ProxyRecord, Store};

/// Saves and deletes the password of the proxy.
pub struct ProxyPasswords {
    store: Arc<Store>,
}

impl ProxyPasswords {
    /// Creates the proxy passwords of `store`.
    pub fn new(store: Arc<Store>) -> Self {
        Self { store }
    }

    /// Returns the password for the proxy at `address`, which names its user; `None` where none was saved for it.
    ///
    /// May wait for a keyring, so it must not be called from async code.
    pub fn password_for(&self, address: &str) -> Result<Option<Arc<ProxyPassword>>, Failure> {
        let vault = self.store.read()?;
        let record = vault.proxy.as_ref().filter(|record| record.address == address);
        Ok(record.map(|record| Arc::clone(&record.password)))
    }

    /// Saves the password for the proxy at `address`, and replaces an earlier one.
    pub async fn save(&self, address: String, password: ProxyPassword) -> Result<(), Failure> {
        let record = ProxyRecord { address, password: Arc::new(password) };
        self.store.change(move |vault| vault.proxy = Some(record)).await
    }

    /// Deletes the password unless it is for the proxy at `address`.
    pub async fn forget_all_but(&self, address: Option<String>) -> Result<(), Failure> {
        self.store
            .change(move |vault| {
                vault.proxy.take_if(|record| Some(&record.address) != address.as_ref());
            })
            .await
    }
}
