//! The data key in the keyring of the operating system.

use std::time::Duration;

use keyring_core::Error;
use usher_domain::{ErrorCode, Failure};
use zeroize::Zeroizing;

use super::sealed_file::{KEY_BYTES, Key};
use super::unreadable::{Removable, Unreadable};
use crate::platform::keyring::{KEYRING_TIMEOUT, KeyringError, with_entry};
use crate::platform::random::new_id;

const SERVICE: &str = "app.usher.Usher";

/// The entry of one home: its name contains a hash of the home, so two homes never share one.
#[derive(Clone)]
pub(super) struct StoreKeyring {
    user: String,
    timeout: Duration,
}

impl StoreKeyring {
    pub(super) fn new(home_hash: &str) -> Self {
        Self { user: format!("store-key-{home_hash}"), timeout: KEYRING_TIMEOUT }
    }

    /// Returns the same entry with another timeout, for a user who types a password into the system's dialog.
    pub(super) fn with_timeout(&self, timeout: Duration) -> Self {
        Self { user: self.user.clone(), timeout }
    }

    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Checks that the keyring can be used by writing, reading and deleting an entry: opening alone succeeds on a
    /// keyring that was never unlocked.
    pub(super) fn probe(&self) -> Result<(), KeyringError> {
        // Random, so that concurrent probes do not delete each other's entry.
        let id = new_id().map_err(|failure| KeyringError::Locked(failure.cause))?;
        let user = format!("{}-probe-{id}", self.user);
        with_entry(SERVICE, &user, self.timeout, |entry| {
            entry.set_secret(b"probe")?;
            let read = entry.get_secret();
            entry.delete_credential()?;
            if read? == b"probe" { Ok(()) } else { Err(Error::NoEntry) }
        })
    }

    pub(super) fn read(&self) -> Result<Key, KeyringError> {
        // Wiped also when the caller has timed out.
        let secret =
            with_entry(SERVICE, &self.user, self.timeout, |entry| entry.get_secret().map(Zeroizing::new))?;
        let bytes: [u8; KEY_BYTES] = secret.as_slice().try_into().map_err(|_| KeyringError::Foreign)?;
        Ok(Zeroizing::new(bytes))
    }

    pub(super) fn write(&self, key: &Key) -> Result<(), KeyringError> {
        let key = key.clone();
        with_entry(SERVICE, &self.user, self.timeout, move |entry| entry.set_secret(key.as_slice()))
    }
}

impl From<KeyringError> for Failure {
    fn from(error: KeyringError) -> Self {
        Unreadable::from(error).into()
    }
}

impl From<KeyringError> for Unreadable {
    fn from(error: KeyringError) -> Self {
        match error {
            KeyringError::Locked(why) => Failure::new(
                ErrorCode::StoreLocked,
                format!("the keyring is locked or does not answer: {why}"),
            )
            .into(),
            KeyringError::Absent(why) => Failure::new(
                ErrorCode::StoreUnavailable,
                format!(
                    "there is no keyring to use: {why}. Start one, or set USHER_SECRETS=file for a new store"
                ),
            )
            .into(),
            KeyringError::NoEntry => {
                let why = "the keyring holds no key for this store: it was made with another keyring";
                Self::key_lost(why, Removable::Records)
            }
            KeyringError::Foreign => {
                Self::key_lost("the keyring's entry for this store is not a key", Removable::Records)
            }
        }
    }
}
