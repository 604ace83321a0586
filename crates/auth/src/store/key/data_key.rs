//! The key that opens the store, and where a new one is saved.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use parking_lot::Mutex;
use usher_domain::{ErrorCode, Failure, Passphrase};
use zeroize::Zeroizing;

use super::keyring::HomeKeyring;
use super::passphrase::{self, BadParameters};
use crate::platform::keyring::KeyringError;
use crate::platform::random::random;
use crate::store::file::{self, MAX_KEY_FILE_BYTES};
use crate::store::sealed_file::{KEY_BYTES, Key, KeySource, SealedFile};
use crate::store::unreadable::{Removable, Unreadable};

const KEY_FILE: &str = "secrets.key";

const BAD_PARAMETERS: &str =
    "the header of secrets.usher has parameters that Usher never writes; nothing was moved or changed";

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
    pub(in crate::store) fn of(source: &KeySource) -> Self {
        match source {
            KeySource::Keyring => Self::Keyring,
            KeySource::Passphrase { .. } => Self::Passphrase,
            KeySource::KeyFile => Self::KeyFile,
        }
    }
}

pub(in crate::store) struct DataKeys {
    config: StoreConfig,
    keyring: HomeKeyring,
    key_file: PathBuf,
    /// The key that was used last, so that the keyring is called, or the key derived from the passphrase, only once.
    cached: Mutex<Option<(KeySource, Key)>>,
}

impl DataKeys {
    pub(in crate::store) fn new(folder: &Path, home_hash: &str, config: StoreConfig) -> Self {
        Self {
            config,
            keyring: HomeKeyring::new(home_hash),
            key_file: folder.join(KEY_FILE),
            cached: Mutex::new(None),
        }
    }

    pub(in crate::store) fn with_older_hashes(self, hashes: &[String]) -> Self {
        Self { keyring: self.keyring.with_older_hashes(hashes), ..self }
    }

    /// Returns the key of an existing store.
    pub(in crate::store) fn existing(&self, sealed: &SealedFile) -> Result<Key, Unreadable> {
        let source = &sealed.source;
        if let Some((cached, key)) = &*self.cached.lock()
            && cached == source
        {
            return Ok(key.clone());
        }
        self.check_storage(source)?;
        let key = match source {
            KeySource::Keyring => self.keyring.read(sealed)?,
            KeySource::Passphrase { .. } => {
                let Some(passphrase) = &self.config.passphrase else { return Err(needs_passphrase().into()) };
                derive_key(source, passphrase)?
            }
            KeySource::KeyFile => read_key_file(&self.key_file)?,
        };
        self.use_key(source, &key);
        Ok(key)
    }

    /// Copies a key that was found under an older spelling of the home's path to this one, so that every spelling of
    /// it finds the key. A key that is there already stays.
    pub(in crate::store) fn adopt(&self, source: &KeySource, key: &Key) {
        if *source == KeySource::Keyring {
            self.keyring.adopt(key);
        }
    }

    /// Fails if [`create`](Self::create) would.
    pub(in crate::store) fn check_new(&self) -> Result<(), Failure> {
        match (self.location_for_new()?, &self.config.passphrase) {
            (KeyLocation::Passphrase, Some(passphrase)) => passphrase::check_new(passphrase),
            _ => Ok(()),
        }
    }

    /// Creates a key for a new store, and saves it before it is used.
    pub(in crate::store) fn create(&self) -> Result<(KeySource, Key), Failure> {
        let location = self.location_for_new()?;
        if self.config.storage == KeyStorage::Auto && location != KeyLocation::Keyring {
            // Logged when it happens, not each time that somebody asks where a key would be saved.
            tracing::warn!("no keyring; the key will lie in a file");
        }
        let (source, key) = match location {
            KeyLocation::Keyring => (KeySource::Keyring, self.new_keyring_key()?),
            KeyLocation::Passphrase => {
                let passphrase = self.config.passphrase.as_ref().ok_or_else(needs_passphrase)?;
                passphrase::new_key(passphrase)?
            }
            KeyLocation::KeyFile => (KeySource::KeyFile, self.new_file_key()?),
        };
        self.use_key(&source, &key);
        Ok((source, key))
    }

    /// Returns where the key of a new store is saved, if that is known without the keyring.
    pub(in crate::store) fn location_without_keyring(&self) -> Option<KeyLocation> {
        (self.config.storage == KeyStorage::File).then(|| self.location_in_file())
    }

    fn location_in_file(&self) -> KeyLocation {
        if self.config.passphrase.is_some() { KeyLocation::Passphrase } else { KeyLocation::KeyFile }
    }

    /// Returns where the key of a new store is saved. Probes the keyring if it may be used.
    pub(in crate::store) fn location_for_new(&self) -> Result<KeyLocation, Failure> {
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

    /// Drops the cached key after it did not open the store: another process may have created a new one.
    pub(in crate::store) fn clear_cache(&self) {
        *self.cached.lock() = None;
    }

    /// Reads the key from the keyring, and waits while the user unlocks it.
    pub(in crate::store) fn unlock(&self, sealed: &SealedFile, timeout: Duration) -> Result<(), Failure> {
        if sealed.source == KeySource::Keyring {
            let key = self.keyring.read_within(sealed, timeout).map_err(Unreadable::from)?;
            self.use_key(&sealed.source, &key);
            return Ok(());
        }
        Ok(self.existing(sealed).map(|_| ())?)
    }

    /// Takes the passphrase of the store, for as long as this process runs.
    pub(in crate::store) fn unlock_with(
        &self,
        sealed: &SealedFile,
        passphrase: &Passphrase,
    ) -> Result<(), Failure> {
        if !matches!(sealed.source, KeySource::Passphrase { .. }) {
            return Ok(());
        }
        let key = derive_key(&sealed.source, passphrase.expose())?;
        if sealed.open(&key).is_err() {
            return Err(Failure::new(ErrorCode::PassphraseNeeded, "this is not the passphrase of the store"));
        }
        self.use_key(&sealed.source, &key);
        Ok(())
    }

    /// Uses this key for `source` from now on.
    pub(in crate::store) fn use_key(&self, source: &KeySource, key: &Key) {
        *self.cached.lock() = Some((source.clone(), key.clone()));
    }

    /// Describes the key of `source`, for a store that it does not open.
    pub(in crate::store) fn describe(&self, source: &KeySource) -> String {
        match source {
            KeySource::KeyFile => format!("the key in {}", self.key_file.display()),
            KeySource::Keyring => "the key in the keyring".into(),
            KeySource::Passphrase { .. } => "the passphrase".into(),
        }
    }

    /// Returns whether the key file holds another key than this process has, or none. Only for a process that has one.
    pub(in crate::store) fn differs_from_file(&self) -> bool {
        match &*self.cached.lock() {
            Some((KeySource::KeyFile, key)) => read_key_file(&self.key_file).ok().as_ref() != Some(key),
            _ => false,
        }
    }

    /// Writes the key that this process has to the key file.
    pub(in crate::store) fn write_back(&self) -> Result<(), Failure> {
        match &*self.cached.lock() {
            Some((KeySource::KeyFile, key)) => self.write_key_file(key),
            _ => Ok(()),
        }
    }

    pub(in crate::store) fn key_file(&self) -> &Path {
        &self.key_file
    }

    pub(in crate::store) fn keyring(&self) -> &HomeKeyring {
        &self.keyring
    }

    /// Returns what `USHER_SECRETS` requests.
    pub(in crate::store) fn storage(&self) -> KeyStorage {
        self.config.storage
    }

    /// Probes the keyring before there is a store, and waits while the user unlocks it.
    pub(in crate::store) fn unlock_for_new(&self, timeout: Duration) -> Result<(), Failure> {
        match self.config.storage {
            KeyStorage::File => Ok(()),
            _ => self.keyring.probe_within(timeout).map_err(Failure::from),
        }
    }

    /// Fails if `USHER_SECRETS` requests another kind than the existing store, which stays the only one.
    fn check_storage(&self, source: &KeySource) -> Result<(), Failure> {
        let refused = |is: &str, requested: &str| {
            let cause = format!(
                "this store is encrypted with {is}, but USHER_SECRETS={requested} requests another kind; unset USHER_SECRETS"
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

    /// Returns the key in a keyring that was probed. An existing one is used again, because it may be the only one that
    /// opens a file that was set aside.
    pub(in crate::store) fn new_keyring_key(&self) -> Result<Key, Failure> {
        Ok(self.keyring.key_for_new(Zeroizing::new(random()?))?)
    }

    /// Returns the key file's key. An existing one is used again, so that a crash between the two writes of a first
    /// sign-in leaves no file that cannot be opened.
    pub(in crate::store) fn new_file_key(&self) -> Result<Key, Failure> {
        if file::read(&self.key_file, MAX_KEY_FILE_BYTES)?.is_some() {
            return Ok(read_key_file(&self.key_file)?);
        }
        let key = Zeroizing::new(random()?);
        self.write_key_file(&key)?;
        Ok(key)
    }

    fn write_key_file(&self, key: &Key) -> Result<(), Failure> {
        let text = Zeroizing::new(BASE64.encode(key.as_slice()));
        file::replace(&self.key_file, text.as_bytes())
    }
}

pub(in crate::store) fn derive_key(source: &KeySource, passphrase: &str) -> Result<Key, Unreadable> {
    passphrase::key_of(source, passphrase).map_err(|BadParameters| Unreadable {
        failure: Failure::new(ErrorCode::StoreCorrupt, BAD_PARAMETERS),
        removable: Removable::Records,
    })
}

fn needs_passphrase() -> Failure {
    Failure::new(ErrorCode::PassphraseNeeded, "the store needs its passphrase in USHER_PASSPHRASE")
}

pub(in crate::store) fn read_key_file(path: &Path) -> Result<Key, Unreadable> {
    let lost = |why: &str, removable| {
        Unreadable::key_lost(&format!("the key file {} {why}", path.display()), removable)
    };
    let text = file::read(path, MAX_KEY_FILE_BYTES)?;
    let text = Zeroizing::new(text.ok_or_else(|| lost("is missing", Removable::Records))?);
    let bytes = Zeroizing::new(BASE64.decode(text.trim_ascii()).unwrap_or_default());
    let key: [u8; KEY_BYTES] = bytes
        .as_slice()
        .try_into()
        .map_err(|_| lost("is damaged: it does not hold a key", Removable::RecordsAndKey))?;
    Ok(Zeroizing::new(key))
}
