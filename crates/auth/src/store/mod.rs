//! The store: every secret of one home, sealed in one file that only this user can read.
//!
//! Reading needs no lock, because the file is replaced whole. Writing needs the [`HomeLock`]'s guard, so
//! that a change is always made on what is there now.

mod data_key;
mod file;
mod keyring;
pub(crate) mod lock;
mod records;
mod sealed_file;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use usher_domain::ports::Clock;
use usher_domain::{ErrorCode, Failure};

use self::data_key::DataKeys;
use self::lock::{HomeLock, LOCK_TIMEOUT, LockGuard};
use self::sealed_file::{KeySource, SealedFile, SealedFileError, seal};
use crate::platform::atomic_file::remove_temporaries;
use crate::platform::blocking::run_blocking;

pub use self::data_key::{KeyLocation, KeyStorage, StoreConfig};
pub(crate) use self::records::{
    Attempt, Ended, HeaderRecord, KeyRecord, PassRecord, RevocationRecord, SignIn, Vault,
};

const FILE: &str = "secrets.usher";
/// A reader that finds a damaged file waits this long for a writer that may be replacing it.
const SET_ASIDE_LOCK_TIMEOUT: Duration = Duration::from_secs(2);

/// The sealed records of one home.
pub struct Store {
    path: PathBuf,
    lock: HomeLock,
    keys: DataKeys,
    clock: Arc<dyn Clock>,
    /// What was read last, and the sealed bytes it came from. The bytes, because a stamp may be the same for
    /// two files that were written within one tick of the file system's clock.
    last: Mutex<Option<(Vec<u8>, Arc<Vault>)>>,
}

/// Tells one content of the file from another without opening it: every write makes a new file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileVersion {
    modified: Option<SystemTime>,
    length: u64,
    #[cfg(unix)]
    inode: u64,
}

impl Store {
    /// The store of `folder`. Nothing is read or made yet.
    ///
    /// `home_hash` names the keyring's entry, so that two homes never share a key.
    pub fn new(folder: &Path, home_hash: &str, config: StoreConfig, clock: Arc<dyn Clock>) -> Self {
        let keys = DataKeys::new(folder, home_hash, config);
        let lock = HomeLock::new(folder);
        Self { path: folder.join(FILE), lock, keys, clock, last: Mutex::new(None) }
    }

    /// The lock that a change needs.
    pub fn lock(&self) -> &HomeLock {
        &self.lock
    }

    /// What is kept now; empty when nothing was kept yet. May wait for a keyring, so not for async code.
    pub(crate) fn read(&self) -> Result<Arc<Vault>, Failure> {
        let Some(bytes) = file::read(&self.path)? else { return Ok(Arc::default()) };
        if let Some((last, vault)) = &*self.last.lock()
            && *last == bytes
        {
            return Ok(Arc::clone(vault));
        }
        let vault = Arc::new(self.open(&bytes, None)?);
        *self.last.lock() = Some((bytes, Arc::clone(&vault)));
        Ok(vault)
    }

    /// Changes what is kept; when this returns, the change is on the disk.
    pub(crate) fn update<T>(
        &self,
        guard: &LockGuard,
        change: impl FnOnce(&mut Vault) -> T,
    ) -> Result<T, Failure> {
        let bytes = file::read(&self.path)?;
        let (mut vault, source) = match &bytes {
            Some(bytes) => (self.open(bytes, Some(guard))?, Some(self.parse(bytes, Some(guard))?.source)),
            None => (Vault::default(), None),
        };
        let result = change(&mut vault);
        if source.is_none() && vault.is_empty() {
            // Nothing to keep makes no store and no key.
            return Ok(result);
        }
        if let Some(folder) = self.path.parent() {
            file::make_folder(folder)?;
        }
        remove_temporaries(&self.path);
        let (source, key) = match source {
            Some(source) => (source.clone(), self.keys.existing(&source)?),
            None => self.keys.make()?,
        };
        file::replace(&self.path, &seal(&vault.to_bytes(), &source, &key)?)?;
        Ok(result)
    }

    /// Makes a change off the async threads, once no other process is writing.
    pub(crate) async fn change<T: Send + 'static>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut Vault) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let guard = self.lock.acquire(LOCK_TIMEOUT).await?;
        let store = Arc::clone(self);
        run_blocking(move || store.update(&guard, change)).await
    }

    /// Whether what is kept can be opened, so that a change could be made. A damaged file is set aside by
    /// this, and one whose key is lost will be by the sign-in.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let Some(bytes) = file::read(&self.path)? else { return self.keys.location_for_new().map(|_| ()) };
        match self.open(&bytes, None) {
            Err(failure) if failure.code == ErrorCode::StoreCorrupt => Ok(()),
            Err(failure) if failure.code == ErrorCode::StoreLocked => Err(failure),
            Err(failure) if !self.keys.is_lost(&self.parse(&bytes, None)?.source) => Err(failure),
            _ => Ok(()),
        }
    }

    /// Sets a store aside that was sealed with a key this computer does not have. Only a new sign-in may
    /// do this: it is the person's word that the old one is to be left behind.
    pub(crate) fn set_aside_if_foreign(&self, guard: &LockGuard) -> Result<(), Failure> {
        let Some(bytes) = file::read(&self.path)? else { return Ok(()) };
        let source = self.parse(&bytes, Some(guard))?.source;
        if self.keys.is_lost(&source) {
            file::set_aside(&self.path, self.clock.now().0)?;
        }
        Ok(())
    }

    /// Tells whether the file has changed since another stamp was taken; cheap enough to ask often.
    pub fn file_version(&self) -> Option<FileVersion> {
        let data = std::fs::metadata(&self.path).ok()?;
        Some(FileVersion {
            modified: data.modified().ok(),
            length: data.len(),
            #[cfg(unix)]
            inode: std::os::unix::fs::MetadataExt::ino(&data),
        })
    }

    /// Where the key is, or would be put by the first sign-in.
    pub fn key_location(&self) -> Result<KeyLocation, Failure> {
        match file::read(&self.path)? {
            Some(bytes) => Ok(KeyLocation::of(&self.parse(&bytes, None)?.source)),
            None => self.keys.location_for_new(),
        }
    }

    /// The same without asking a keyring: nothing while there is no store and a keyring is to be tried.
    pub fn known_key_location(&self) -> Option<KeyLocation> {
        match file::read(&self.path) {
            Ok(Some(bytes)) => SealedFile::parse(&bytes).ok().map(|sealed| KeyLocation::of(&sealed.source)),
            Ok(None) => self.keys.location_without_keyring(),
            Err(_) => None,
        }
    }

    /// Name of the newest file that was set aside as damaged, if there is one.
    pub fn newest_damaged_file(&self) -> Option<String> {
        file::newest_set_aside(&self.path)
    }

    /// Asks the keyring for the key and gives the person `timeout` to unlock it.
    pub fn unlock(&self, timeout: Duration) -> Result<(), Failure> {
        let Some(bytes) = file::read(&self.path)? else { return self.keys.unlock_for_new(timeout) };
        self.keys.unlock(&self.parse(&bytes, None)?.source, timeout)
    }

    fn open(&self, bytes: &[u8], guard: Option<&LockGuard>) -> Result<Vault, Failure> {
        let sealed = self.parse(bytes, guard)?;
        if let Some(vault) = self.unseal(&sealed)? {
            return Ok(vault);
        }
        if matches!(sealed.source, KeySource::Passphrase { .. }) {
            return Err(Failure::new(
                ErrorCode::StoreLocked,
                "USHER_PASSPHRASE is not the passphrase of this store",
            ));
        }
        self.keys.forget();
        self.unseal(&sealed)?.ok_or_else(|| self.corrupt(bytes, guard))
    }

    /// The records; nothing when the key is not the one. What our key opens is whole and ours, so records
    /// that cannot be read were written by another version, and are no reason to set the file aside.
    fn unseal(&self, sealed: &SealedFile) -> Result<Option<Vault>, Failure> {
        let key = self.keys.existing(&sealed.source)?;
        let Ok(clear) = sealed.open(&key) else { return Ok(None) };
        Vault::from_bytes(&clear).map(Some).ok_or_else(|| {
            let cause = "the store holds records of another version of Usher; nothing was changed";
            Failure::new(ErrorCode::StoreUnavailable, cause)
        })
    }

    fn parse(&self, bytes: &[u8], guard: Option<&LockGuard>) -> Result<SealedFile, Failure> {
        SealedFile::parse(bytes).map_err(|why| match why {
            SealedFileError::Corrupt => self.corrupt(bytes, guard),
            SealedFileError::Newer(version) => Failure::new(
                ErrorCode::StoreUnavailable,
                format!("the store was written by a newer Usher (format {version}); nothing was changed"),
            ),
        })
    }

    /// Sets the damaged file aside, unless another process has replaced it since `seen` was read.
    fn corrupt(&self, seen: &[u8], guard: Option<&LockGuard>) -> Failure {
        let own = if guard.is_none() {
            self.lock.acquire_blocking(SET_ASIDE_LOCK_TIMEOUT).map(Some)
        } else {
            Ok(None)
        };
        let cause = match (own, file::read(&self.path)) {
            (Ok(_held), Ok(Some(now))) if now == seen => {
                match file::set_aside(&self.path, self.clock.now().0) {
                    Ok(kept) => {
                        format!("the store was damaged or is not Usher's; it was kept as {}", kept.display())
                    }
                    Err(failure) => format!(
                        "the store is damaged or is not Usher's, and was left in place: {}",
                        failure.cause
                    ),
                }
            }
            (Err(failure), _) => {
                format!("the store is damaged or is not Usher's, and was left in place: {}", failure.cause)
            }
            (_, Ok(None)) => {
                let kept = self.newest_damaged_file().unwrap_or_default();
                format!("the store was damaged or is not Usher's; another process kept it as {kept}")
            }
            _ => "the store was damaged and has been replaced since".to_owned(),
        };
        Failure::new(ErrorCode::StoreCorrupt, cause)
    }
}

#[cfg(test)]
mod tests {
    use usher_domain::UnixTime;

    use super::*;

    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> UnixTime {
            UnixTime(43_200)
        }
    }

    /// What our own key opens is whole, so it must not be set aside only because a field is new.
    #[test]
    fn store_with_records_of_other_version_is_not_changed() {
        let home = tempfile::tempdir().unwrap();
        let config = StoreConfig { storage: KeyStorage::File, passphrase: None };
        let store = Store::new(home.path(), "home", config, Arc::new(Noon));
        let (source, key) = store.keys.make().unwrap();
        let file = seal(br#"{"sign_ins":[{"kind":"of 2030"}]}"#, &source, &key).unwrap();
        std::fs::write(&store.path, &file).unwrap();
        let failure = store.read().err().unwrap();
        assert_eq!(failure.code, ErrorCode::StoreUnavailable);
        let guard = store.lock.acquire_blocking(Duration::ZERO).unwrap();
        assert!(store.update(&guard, |vault| vault.sign_ins.clear()).is_err());
        assert_eq!(std::fs::read(&store.path).unwrap(), file);
        assert_eq!(store.newest_damaged_file(), None);
    }
}
