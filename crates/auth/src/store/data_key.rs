//! The key that opens the store, and where a new one is saved.

use std::path::{Path, PathBuf};
use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use parking_lot::Mutex;
use usher_domain::{ErrorCode, Failure};
use zeroize::Zeroizing;

use super::file::{self, MAX_KEY_FILE_BYTES};
use super::keyring::StoreKeyring;
use super::sealed_file::{KEY_BYTES, Key, KeySource};
use crate::platform::keyring::KeyringError;
use crate::platform::random::random;

/// RFC 9106 §4, second recommended option: 64 MiB, three passes, four lanes.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
const SALT_BYTES: usize = 16;
const KEY_FILE: &str = "secrets.key";

/// The user's configuration of the store (`USHER_SECRETS`, `USHER_PASSPHRASE`).
pub struct StoreConfig {
    /// Where the key of a new store is saved.
    pub storage: KeyStorage,
    /// The passphrase of an encrypted store, or for a new one.
    pub passphrase: Option<Zeroizing<String>>,
}

/// The values of `USHER_SECRETS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyStorage {
    /// The keyring, and nothing else.
    Keyring,
    /// A file, and no keyring.
    File,
    /// The keyring if there is one, else a file, with a warning. Never falls back from a keyring that is only locked,
    /// nor once a store exists.
    Auto,
}

/// Where the key of the store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyLocation {
    /// In the keyring.
    Keyring,
    /// Derived from a passphrase, which is not saved.
    Passphrase,
    /// In a file beside the records.
    KeyFile,
}

impl KeyLocation {
    pub(super) fn of(source: &KeySource) -> Self {
        match source {
            KeySource::Keyring => Self::Keyring,
            KeySource::Passphrase { .. } => Self::Passphrase,
            KeySource::KeyFile => Self::KeyFile,
        }
    }
}

pub(super) struct DataKeys {
    config: StoreConfig,
    keyring: StoreKeyring,
    key_file: PathBuf,
    /// The key that was used last, so that the keyring is called, or the key derived from the passphrase, only once.
    cached: Mutex<Option<(KeySource, Key)>>,
}

impl DataKeys {
    pub(super) fn new(folder: &Path, home_hash: &str, config: StoreConfig) -> Self {
        let keyring = StoreKeyring::new(home_hash);
        Self { config, keyring, key_file: folder.join(KEY_FILE), cached: Mutex::new(None) }
    }

    /// Returns the key of an existing store.
    pub(super) fn existing(&self, source: &KeySource) -> Result<Key, Failure> {
        if let Some((cached, key)) = &*self.cached.lock()
            && cached == source
        {
            return Ok(key.clone());
        }
        self.check_storage(source)?;
        let key = match source {
            KeySource::Keyring => self.keyring.read()?,
            KeySource::Passphrase { salt, memory, passes, lanes } => {
                self.derive_key(salt, *memory, *passes, *lanes)?
            }
            KeySource::KeyFile => read_key_file(&self.key_file)?,
        };
        *self.cached.lock() = Some((source.clone(), key.clone()));
        Ok(key)
    }

    /// Creates a key for a new store, and saves it before it is used.
    pub(super) fn create(&self) -> Result<(KeySource, Key), Failure> {
        let key: Key = Zeroizing::new(random()?);
        let location = self.location_for_new()?;
        if self.config.storage == KeyStorage::Auto && location != KeyLocation::Keyring {
            // Logged when it happens, not each time that somebody asks where a key would be saved.
            tracing::warn!("no keyring; the key will lie in a file");
        }
        let (source, key) = match location {
            KeyLocation::Keyring => (KeySource::Keyring, self.keyring_key_for_new(key)?),
            KeyLocation::Passphrase => {
                let salt = BASE64.encode(random::<SALT_BYTES>()?);
                let key = self.derive_key(&salt, MEMORY_KIB, PASSES, LANES)?;
                (KeySource::Passphrase { salt, memory: MEMORY_KIB, passes: PASSES, lanes: LANES }, key)
            }
            KeyLocation::KeyFile => (KeySource::KeyFile, self.key_file_for_new(key)?),
        };
        *self.cached.lock() = Some((source.clone(), key.clone()));
        Ok((source, key))
    }

    /// Returns where the key of a new store is saved, if that is known without the keyring.
    pub(super) fn location_without_keyring(&self) -> Option<KeyLocation> {
        (self.config.storage == KeyStorage::File).then(|| self.location_in_file())
    }

    fn location_in_file(&self) -> KeyLocation {
        if self.config.passphrase.is_some() { KeyLocation::Passphrase } else { KeyLocation::KeyFile }
    }

    /// Returns where the key of a new store is saved. Probes the keyring if it may be used.
    pub(super) fn location_for_new(&self) -> Result<KeyLocation, Failure> {
        let in_file = self.location_in_file();
        match self.config.storage {
            KeyStorage::File => Ok(in_file),
            KeyStorage::Keyring => self.keyring.probe().map(|()| KeyLocation::Keyring).map_err(Failure::from),
            KeyStorage::Auto => match self.keyring.probe() {
                Ok(()) => Ok(KeyLocation::Keyring),
                Err(KeyringError::Absent(why)) => {
                    tracing::info!(why, "no keyring");
                    Ok(in_file)
                }
                Err(other) => Err(other.into()),
            },
        }
    }

    /// Returns whether the key of `source` is lost, as opposed to locked.
    pub(super) fn is_lost(&self, source: &KeySource) -> bool {
        match source {
            KeySource::Keyring => {
                matches!(self.keyring.read(), Err(KeyringError::NoEntry | KeyringError::Foreign))
            }
            KeySource::KeyFile => matches!(file::read(&self.key_file, MAX_KEY_FILE_BYTES), Ok(None)),
            KeySource::Passphrase { .. } => false,
        }
    }

    /// Drops the cached key after it did not open the store: another process may have created a new one.
    pub(super) fn clear_cache(&self) {
        *self.cached.lock() = None;
    }

    /// Reads the key from the keyring, and waits while the user unlocks it.
    pub(super) fn unlock(&self, source: &KeySource, timeout: Duration) -> Result<(), Failure> {
        if *source == KeySource::Keyring {
            let key = self.keyring.with_timeout(timeout).read()?;
            *self.cached.lock() = Some((source.clone(), key));
            return Ok(());
        }
        self.existing(source).map(|_| ())
    }

    /// Probes the keyring before there is a store, and waits while the user unlocks it.
    pub(super) fn unlock_for_new(&self, timeout: Duration) -> Result<(), Failure> {
        match self.config.storage {
            KeyStorage::File => Ok(()),
            _ => self.keyring.with_timeout(timeout).probe().map_err(Failure::from),
        }
    }

    /// Fails if `USHER_SECRETS` requests another kind than the existing store, which stays the only one.
    fn check_storage(&self, source: &KeySource) -> Result<(), Failure> {
        let refused = |is: &str, requested: &str| {
            let cause = format!(
                "this store is encrypted with {is}, but USHER_SECRETS={requested} requests another kind"
            );
            Err(Failure::new(ErrorCode::StoreUnavailable, cause))
        };
        match (self.config.storage, source) {
            (KeyStorage::File, KeySource::Keyring) => refused("a key in the keyring", "file"),
            (KeyStorage::Keyring, KeySource::KeyFile) => refused("a key file", "keyring"),
            (KeyStorage::Keyring, KeySource::Passphrase { .. }) => refused("a passphrase", "keyring"),
            _ => Ok(()),
        }
    }

    fn derive_key(&self, salt: &str, memory: u32, passes: u32, lanes: u32) -> Result<Key, Failure> {
        let Some(passphrase) = &self.config.passphrase else {
            return Err(Failure::new(
                ErrorCode::StoreLocked,
                "the store needs its passphrase in USHER_PASSPHRASE",
            ));
        };
        let damaged = |_| Failure::new(ErrorCode::StoreCorrupt, "the store's header has invalid parameters");
        let salt = BASE64.decode(salt).map_err(|_| damaged(argon2::Error::SaltTooShort))?;
        let params = Params::new(memory, passes, lanes, Some(KEY_BYTES)).map_err(damaged)?;
        let mut key: Key = Zeroizing::new([0; KEY_BYTES]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), &salt, key.as_mut_slice())
            .map_err(damaged)?;
        Ok(key)
    }

    /// Returns the keyring's key. An existing one is used again, because it may be the only one that opens a file that
    /// was set aside.
    fn keyring_key_for_new(&self, key: Key) -> Result<Key, Failure> {
        match self.keyring.read() {
            Ok(existing) => Ok(existing),
            Err(KeyringError::NoEntry | KeyringError::Foreign) => {
                self.keyring.write(&key)?;
                Ok(key)
            }
            Err(other) => Err(other.into()),
        }
    }

    /// Returns the key file's key. An existing one is used again, so that a crash between the two writes of a first
    /// sign-in leaves no file that cannot be opened.
    fn key_file_for_new(&self, key: Key) -> Result<Key, Failure> {
        if file::read(&self.key_file, MAX_KEY_FILE_BYTES)?.is_some() {
            return read_key_file(&self.key_file);
        }
        let text = Zeroizing::new(BASE64.encode(key.as_slice()));
        file::replace(&self.key_file, text.as_bytes())?;
        Ok(key)
    }
}

fn read_key_file(path: &Path) -> Result<Key, Failure> {
    let missing = || {
        let cause = format!("the key file {} is missing", path.display());
        Failure::new(ErrorCode::StoreUnavailable, cause)
    };
    let text = Zeroizing::new(file::read(path, MAX_KEY_FILE_BYTES)?.ok_or_else(missing)?);
    let bytes = Zeroizing::new(BASE64.decode(text.trim_ascii()).unwrap_or_default());
    let key: [u8; KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| {
        let cause = format!("the key file {} does not hold a key", path.display());
        Failure::new(ErrorCode::StoreUnavailable, cause)
    })?;
    Ok(Zeroizing::new(key))
}
