//! Moves the key of the store: to the keyring, to a passphrase, or to a file beside the records.
//!
//! The new key is saved and read back before the sealed file is replaced by one that it opens, and the old key is removed
//! after that. Whatever ends the process between two of these steps, one of both keys opens the file that is there; what
//! is left over is removed when the move is asked for again.

use usher_domain::{ErrorCode, Failure, Passphrase};

use super::data_key::{DataKeys, KeyLocation, read_key_file};
use super::passphrase::new_key;
use crate::store::file;
use crate::store::lock::LockGuard;
use crate::store::opener::OpenedStore;
use crate::store::records::vault::Vault;
use crate::store::sealed_file::{Key, KeySource, SealedFile, seal, sealed_len};
use crate::store::unreadable::{Removable, Unreadable};
use crate::store::{KeyStorage, Store};

/// Where the key of the store is to be.
pub enum KeyTarget {
    /// In the keyring.
    Keyring,
    /// Derived from this passphrase, which is not saved.
    Passphrase(Passphrase),
    /// In a file beside the records.
    KeyFile,
}

/// What a move of the key did.
#[derive(Debug)]
pub struct KeyMove {
    /// Where the key was; `None` if there was no store, which is an empty one now.
    pub from: Option<KeyLocation>,
    /// Whether the store has another key now. It keeps the one that is where it was wanted.
    pub is_moved: bool,
    /// Keys that the store does not use any more and that could not be removed.
    pub left_over: Vec<LeftOverKey>,
}

/// A key that no store uses any more, and why it could not be removed.
#[derive(Debug)]
pub struct LeftOverKey {
    /// Where it is.
    pub location: KeyLocation,
    /// Why it is still there.
    pub failure: Failure,
}

/// A key that was saved for a move.
pub(in crate::store) struct NewKey {
    source: KeySource,
    key: Key,
}

impl KeyTarget {
    /// Returns the place without the passphrase.
    pub fn location(&self) -> KeyLocation {
        match self {
            Self::Keyring => KeyLocation::Keyring,
            Self::Passphrase(_) => KeyLocation::Passphrase,
            Self::KeyFile => KeyLocation::KeyFile,
        }
    }
}

impl Store {
    /// Moves the key, or gives the store another passphrase. Also removes keys that an interrupted move left.
    ///
    /// Fails without a change when the store cannot be opened, the new key not be saved, or the file not be written. May
    /// wait for a keyring, so it must not be called from async code.
    pub fn move_key(&self, _guard: &LockGuard, target: &KeyTarget) -> Result<KeyMove, Failure> {
        self.keys.check_target(target.location())?;
        let (bytes, opened) = self.open_current()?.unzip();
        self.remove_unfinished();
        let old =
            opened.as_ref().map(|opened| NewKey { source: opened.source.clone(), key: opened.key.clone() });
        let from = old.as_ref().map(|old| KeyLocation::of(&old.source));
        let is_moved = from != Some(target.location()) || from == Some(KeyLocation::Passphrase);
        if is_moved {
            self.reseal(bytes.as_deref(), opened, target)?;
        }
        // A key without a store may open a file that the person has put away.
        let left_over = old.map_or_else(Vec::new, |old| self.keys.remove_unused(target.location(), &old));
        Ok(KeyMove { from, is_moved, left_over })
    }

    /// Seals the records with a key of `target`, and takes that back if it fails.
    fn reseal(
        &self,
        bytes: Option<&[u8]>,
        opened: Option<OpenedStore>,
        target: &KeyTarget,
    ) -> Result<(), Failure> {
        if let Some(folder) = self.path.parent() {
            file::make_folder(folder)?;
        }
        let had_key = self.keys.has_key(target.location());
        let new = self.keys.save_new(target)?;
        let mut vault = opened.map_or_else(Vault::default, |opened| opened.vault);
        if let Err(failure) = self.replace_sealed(&mut vault, &new) {
            // Only where the file is the old one for certain: a failure may come after the replacement.
            let is_unchanged =
                file::read(&self.path, self.limits.most).is_ok_and(|now| now.as_deref() == bytes);
            if is_unchanged && !had_key {
                self.keys.withdraw(&new);
            }
            return Err(failure);
        }
        self.keys.use_key(&new.source, &new.key);
        *self.last.lock() = None;
        Ok(())
    }

    fn replace_sealed(&self, vault: &mut Vault, new: &NewKey) -> Result<(), Failure> {
        self.count_write(vault);
        let records = vault.to_bytes();
        file::check_size(sealed_len(records.len()), 0, self.limits.most)?;
        let sealed = seal(&records, vault.format(), &new.source, &new.key)?;
        let opens = SealedFile::parse(&sealed)
            .ok()
            .filter(|parsed| parsed.source == new.source)
            .and_then(|parsed| parsed.open(&new.key).ok())
            .is_some_and(|clear| *clear == *records);
        if !opens {
            return Err(Failure::new(ErrorCode::Internal, "the sealed records could not be opened again"));
        }
        file::replace(&self.path, &sealed)?;
        if file::read(&self.path, self.limits.most)?.as_ref() != Some(&sealed) {
            let cause = format!("{} was not read back as it was written", self.path.display());
            return Err(Failure::new(ErrorCode::StoreUnavailable, cause));
        }
        self.revision.write(vault.revision);
        Ok(())
    }
}

impl DataKeys {
    /// Fails if `USHER_SECRETS` would refuse the store afterwards.
    fn check_target(&self, target: KeyLocation) -> Result<(), Failure> {
        let requested = match (self.storage(), target) {
            (KeyStorage::File, KeyLocation::Keyring) => "file",
            (KeyStorage::Keyring, KeyLocation::Passphrase | KeyLocation::KeyFile) => "keyring",
            _ => return Ok(()),
        };
        let cause = format!(
            "USHER_SECRETS={requested} is set, and would refuse the store afterwards; unset it first. Nothing was changed"
        );
        Err(Failure::new(ErrorCode::BadUsage, cause))
    }

    /// Saves a key at `target`, and reads it back.
    fn save_new(&self, target: &KeyTarget) -> Result<NewKey, Failure> {
        let (source, key, found) = match target {
            KeyTarget::Keyring => {
                self.keyring().probe()?;
                let key = self.new_keyring_key()?;
                (KeySource::Keyring, key, Some(self.keyring().read_own()?))
            }
            KeyTarget::Passphrase(passphrase) => {
                let (source, key) = new_key(passphrase.expose())?;
                (source, key, None)
            }
            KeyTarget::KeyFile => {
                let key = self.new_file_key().map_err(|failure| self.not_a_key(failure))?;
                (KeySource::KeyFile, key, Some(read_key_file(self.key_file())?))
            }
        };
        if found.is_some_and(|found| found != key) {
            let cause = "the new key was not read back as it was saved; nothing was changed";
            return Err(Failure::new(ErrorCode::StoreUnavailable, cause));
        }
        Ok(NewKey { source, key })
    }

    /// Returns why the key file cannot be used, where something else lies there. The store is not lost with that one.
    fn not_a_key(&self, failure: Failure) -> Failure {
        if read_key_file(self.key_file()).is_err_and(|found| found.removable == Removable::RecordsAndKey) {
            let cause = format!(
                "{} holds no key; move it away, then try again. Nothing was changed",
                self.key_file().display()
            );
            return Failure::new(ErrorCode::StoreUnavailable, cause);
        }
        failure
    }

    /// Returns whether a key lies at `location` already, which a move that fails must leave there.
    fn has_key(&self, location: KeyLocation) -> bool {
        match location {
            KeyLocation::Keyring => self.keyring().read_own().is_ok(),
            KeyLocation::Passphrase => false,
            KeyLocation::KeyFile => self.key_file().symlink_metadata().is_ok(),
        }
    }

    /// Removes a key that was saved and is not used.
    fn withdraw(&self, new: &NewKey) {
        let removed = match new.source {
            KeySource::Keyring => self.keyring().delete(Some(&new.key)).map_err(Failure::from),
            KeySource::Passphrase { .. } => Ok(()),
            KeySource::KeyFile => self.remove_key_file(),
        };
        if let Err(failure) = removed {
            // The next move uses it, or removes it.
            tracing::info!(%failure, "a key that was saved for a move is left over");
        }
    }

    /// Removes the keys that are not at `used`, where the store's key is now. `old` is the key before the move.
    fn remove_unused(&self, used: KeyLocation, old: &NewKey) -> Vec<LeftOverKey> {
        let mut left_over = Vec::new();
        if used != KeyLocation::Keyring {
            let key = (old.source == KeySource::Keyring).then_some(&old.key);
            if let Err(error) = self.keyring().delete(key) {
                let failure = Failure::from(Unreadable::from(error));
                left_over.push(LeftOverKey { location: KeyLocation::Keyring, failure });
            }
        }
        if used != KeyLocation::KeyFile
            && let Err(failure) = self.remove_key_file()
        {
            left_over.push(LeftOverKey { location: KeyLocation::KeyFile, failure });
        }
        left_over
    }

    fn remove_key_file(&self) -> Result<(), Failure> {
        match std::fs::remove_file(self.key_file()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                let cause = format!("could not remove {}: {error}", self.key_file().display());
                Err(Failure::new(ErrorCode::StoreUnavailable, cause).with_source(error))
            }
            _ => Ok(()),
        }
    }
}
