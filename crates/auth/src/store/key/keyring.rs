//! The data key in the keyring of the operating system.

use std::time::Duration;

use keyring_core::Error;
use usher_domain::{ErrorCode, Failure};
use zeroize::Zeroizing;

use crate::platform::keyring::{KEYRING_TIMEOUT, KeyringError, with_entry};
use crate::platform::random::new_id;
use crate::store::sealed_file::{KEY_BYTES, Key, SealedFile};
use crate::store::unreadable::{Removable, Unreadable};

const SERVICE: &str = "app.usher.Usher";

/// The entries of one home.
pub(in crate::store) struct HomeKeyring {
    own: StoreKeyring,
    /// Entries of the same home under other spellings of its path, which older versions made.
    older: Vec<StoreKeyring>,
}

impl HomeKeyring {
    pub(in crate::store) fn new(home_hash: &str) -> Self {
        Self { own: StoreKeyring::new(home_hash), older: Vec::new() }
    }

    pub(in crate::store) fn with_older_hashes(self, hashes: &[String]) -> Self {
        Self { older: hashes.iter().map(|hash| StoreKeyring::new(hash)).collect(), ..self }
    }

    /// Checks that the keyring can be used.
    pub(in crate::store) fn probe(&self) -> Result<(), KeyringError> {
        self.own.probe()
    }

    /// Checks that the keyring can be used, and waits while the user unlocks it.
    pub(in crate::store) fn probe_within(&self, timeout: Duration) -> Result<(), KeyringError> {
        self.own.with_timeout(timeout).probe()
    }

    /// Returns the key of `sealed`: the first that opens it, else that of this spelling.
    pub(in crate::store) fn read(&self, sealed: &SealedFile) -> Result<Key, KeyringError> {
        self.read_within(sealed, self.own.timeout)
    }

    /// Returns the key of `sealed`, and waits while the user unlocks the keyring.
    pub(in crate::store) fn read_within(
        &self,
        sealed: &SealedFile,
        timeout: Duration,
    ) -> Result<Key, KeyringError> {
        let own = self.own.with_timeout(timeout).read();
        if matches!(&own, Err(KeyringError::Locked(_) | KeyringError::Absent(_)))
            || own.as_ref().is_ok_and(|key| sealed.open(key).is_ok())
        {
            return own;
        }
        let mut older = self.older.iter().filter_map(|older| older.with_timeout(timeout).read().ok());
        older.find(|key| sealed.open(key).is_ok()).map_or(own, Ok)
    }

    /// Copies a key that was found under an older spelling of the home's path to this one, so that every spelling of
    /// it finds the key. A key that is there already stays.
    pub(in crate::store) fn adopt(&self, key: &Key) {
        if !self.older.is_empty()
            && matches!(self.own.read(), Err(KeyringError::NoEntry))
            && let Err(error) = self.own.write(key)
        {
            // It is found under the older spelling as before.
            tracing::info!(?error, "the key was not copied to the home's own name");
        }
    }

    /// Returns the key for a store that is to be sealed with a key of the keyring: the one that is there, because it may
    /// be the only one that opens a file that was set aside; else `new`, once it is saved.
    pub(in crate::store) fn key_for_new(&self, new: Key) -> Result<Key, KeyringError> {
        match self.own.read() {
            Err(KeyringError::NoEntry | KeyringError::Foreign) => {
                self.own.write(&new)?;
                Ok(new)
            }
            existing => existing,
        }
    }

    /// Returns the key that is there.
    pub(in crate::store) fn read_own(&self) -> Result<Key, KeyringError> {
        self.own.read()
    }

    /// Deletes the key that no store uses any more; `key` if it is known to be there.
    ///
    /// An entry under an older spelling is deleted only if it has the same key: it could be that of another folder.
    pub(in crate::store) fn delete(&self, key: Option<&Key>) -> Result<(), KeyringError> {
        let own = match self.own.read() {
            Ok(own) => Some(own),
            Err(KeyringError::NoEntry | KeyringError::Foreign) => None,
            // Without a keyring there is no key in it.
            Err(KeyringError::Absent(_)) if key.is_none() => None,
            Err(error) => return Err(error),
        };
        let Some(key) = key.or(own.as_ref()) else { return Ok(()) };
        for older in &self.older {
            if older.read().is_ok_and(|found| found == *key) {
                older.delete(key)?;
            }
        }
        // The home's own last: while it is there, the command finds the others again.
        own.map_or(Ok(()), |own| self.own.delete(&own))
    }
}

/// The entry of one home: its name contains a hash of the home, so two homes never share one.
struct StoreKeyring {
    user: String,
    timeout: Duration,
}

impl StoreKeyring {
    fn new(home_hash: &str) -> Self {
        Self { user: format!("store-key-{home_hash}"), timeout: KEYRING_TIMEOUT }
    }

    /// Returns the same entry with another timeout, for a user who types a password into the system's dialog.
    fn with_timeout(&self, timeout: Duration) -> Self {
        Self { user: self.user.clone(), timeout }
    }

    /// Checks that the keyring can be used by writing, reading and deleting an entry: opening alone succeeds on a
    /// keyring that was never unlocked.
    fn probe(&self) -> Result<(), KeyringError> {
        // Random, so that concurrent probes do not delete each other's entry.
        let id = new_id().map_err(|failure| KeyringError::Locked(failure.cause))?;
        let user = format!("{}-probe-{id}", self.user);
        with_entry(SERVICE, &user, self.timeout, |entry, _| {
            entry.set_secret(b"probe")?;
            let read = entry.get_secret();
            entry.delete_credential()?;
            if read? == b"probe" { Ok(()) } else { Err(Error::NoEntry) }
        })
    }

    fn read(&self) -> Result<Key, KeyringError> {
        // Wiped also when the caller has timed out.
        let secret =
            with_entry(SERVICE, &self.user, self.timeout, |entry, _| entry.get_secret().map(Zeroizing::new))?;
        let bytes: [u8; KEY_BYTES] = secret.as_slice().try_into().map_err(|_| KeyringError::Foreign)?;
        Ok(Zeroizing::new(bytes))
    }

    /// Saves the key, in a keyring that was probed: one that is written only after the caller has timed out could replace
    /// another that is in use by then, so what may wait for the user comes first.
    fn write(&self, key: &Key) -> Result<(), KeyringError> {
        let key = key.clone();
        with_entry(SERVICE, &self.user, self.timeout, move |entry, abandoned| {
            let found = entry.get_secret().map(Zeroizing::new);
            if !matches!(found, Ok(_) | Err(Error::NoEntry)) {
                return found.map(drop);
            }
            abandoned.check()?;
            entry.set_secret(key.as_slice())
        })
    }

    /// Deletes the entry if it has this key, and looks that it is gone. As with [`write`](Self::write), what may wait
    /// for the user comes first.
    fn delete(&self, key: &Key) -> Result<(), KeyringError> {
        let key = key.clone();
        with_entry(SERVICE, &self.user, self.timeout, move |entry, abandoned| {
            let found = Zeroizing::new(entry.get_secret()?);
            if found.as_slice() != key.as_slice() {
                return Ok(());
            }
            abandoned.check()?;
            entry.delete_credential()?;
            match entry.get_secret().map(Zeroizing::new) {
                Err(Error::NoEntry) => Ok(()),
                Ok(_) => Err(Error::NoStorageAccess("the entry is still there".into())),
                Err(error) => Err(error),
            }
        })
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
