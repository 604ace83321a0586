//! The store: every secret of one home, encrypted in one file that only this user can read.
//!
//! Reading needs no lock, because the file is replaced atomically. Writing needs the [`HomeLock`]'s guard, so that a
//! change is always applied to the current content.

pub(crate) mod file;
pub(crate) mod key;
pub(crate) mod lock;
mod opener;
mod records;
mod revision;
mod sealed_file;
mod unreadable;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use usher_domain::ports::Clock;
use usher_domain::{AccountId, ErrorCode, Failure, Passphrase};

use self::file::SizeLimits;
use self::key::data_key::DataKeys;
use self::lock::{HomeLock, LOCK_TIMEOUT, LockGuard};
use self::opener::{OpenedStore, Opener};
use self::revision::RevisionFile;
use self::sealed_file::{KeySource, SealedFile, seal, sealed_len};
use crate::platform::atomic_file::{Room, remove_rooms, remove_temporaries};
use crate::platform::blocking::run_blocking;
use crate::platform::private_file::open_to_others;

use self::unreadable::{Removable, Unreadable};

pub use self::file::FileVersion;
pub use self::key::data_key::{KeyLocation, KeyStorage, StoreConfig};
pub use self::key::move_key::{KeyMove, KeyTarget, LeftOverKey};
pub use self::key::passphrase::MIN_PASSPHRASE_CHARS;
pub use self::records::plan_grant::Scopes;
pub(crate) use self::records::plan_grant::{PlanGrant, UnverifiedTokens};
pub(crate) use self::records::transfer_records::{Arriving, Leaving, TransferMark};
#[cfg(test)]
pub(crate) use self::records::vault::tests::sign_in;
pub(crate) use self::records::vault::{
    Attempt, Ended, HeaderRecord, KeyRecord, PassRecord, ProxyRecord, RevocationRecord, SignIn, Vault,
};
pub use self::unreadable::UnreadableStore;

const FILE: &str = "secrets.usher";

/// How often a reader tries again while the key is moved. Each try needs another complete move beside it.
const MAX_MOVES_WHILE_READING: usize = 8;

/// Room for the new tokens of one sign-in: two of the largest that are taken at a sign-in, encoded.
const ROOM_BYTES: usize = 96 * 1024;

/// The encrypted records of one home.
pub struct Store {
    path: PathBuf,
    lock: HomeLock,
    keys: DataKeys,
    clock: Arc<dyn Clock>,
    limits: SizeLimits,
    revision: RevisionFile,
    /// The records as last read, with the sealed bytes they came from. The bytes rather than a [`FileVersion`], which
    /// can be equal for two files that were written within one tick of the file system's clock.
    last: Mutex<Option<(Vec<u8>, Arc<Vault>)>>,
}

impl Store {
    /// Creates the store of `folder`. Nothing is read or written yet.
    ///
    /// `home_hash` is part of the name of the keyring entry, so that two homes never share a key.
    pub fn new(folder: &Path, home_hash: &str, config: StoreConfig, clock: Arc<dyn Clock>) -> Self {
        let keys = DataKeys::new(folder, home_hash, config);
        let lock = HomeLock::new(folder);
        Self {
            path: folder.join(FILE),
            lock,
            keys,
            clock,
            limits: SizeLimits::default(),
            revision: RevisionFile::new(folder),
            last: Mutex::new(None),
        }
    }

    /// Also finds keys in the keyring that older versions saved under these hashes of the same home.
    #[must_use]
    pub fn with_older_hashes(self, hashes: &[String]) -> Self {
        Self { keys: self.keys.with_older_hashes(hashes), ..self }
    }

    /// Returns where the sealed file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the lock that a change needs.
    pub fn lock(&self) -> &HomeLock {
        &self.lock
    }

    /// Reads the records; empty when there is no file yet. May wait for a keyring, so it must not be called from async code.
    pub(crate) fn read(&self) -> Result<Arc<Vault>, Failure> {
        let Some(bytes) = file::read(&self.path, self.limits.most)? else { return Ok(Arc::default()) };
        if let Some((last, vault)) = &*self.last.lock()
            && *last == bytes
        {
            return Ok(Arc::clone(vault));
        }
        let Some((bytes, opened)) = self.open_current()? else { return Ok(Arc::default()) };
        let vault = Arc::new(opened.vault);
        *self.last.lock() = Some((bytes, Arc::clone(&vault)));
        Ok(vault)
    }

    /// Opens the file of this moment. A reader has no lock: the key of the file that it has read may be moved before it
    /// reads that, and then there is another file.
    fn open_current(&self) -> Result<Option<(Vec<u8>, OpenedStore)>, Unreadable> {
        let mut current = file::read(&self.path, self.limits.most)?;
        for _ in 0..MAX_MOVES_WHILE_READING {
            let Some(bytes) = current else { return Ok(None) };
            match self.opener().open(&bytes) {
                Ok(opened) => return Ok(Some((bytes, opened))),
                Err(failure) => {
                    current = file::read(&self.path, self.limits.most)?;
                    if current.as_ref() == Some(&bytes) {
                        return Err(failure);
                    }
                }
            }
        }
        let cause = "the store was changed again and again while it was read";
        Err(Failure::new(ErrorCode::StoreUnavailable, cause).into())
    }

    /// Changes the records; when this returns, the change is on disk. Fails without a change when they would not fit.
    pub(crate) fn update<T>(
        &self,
        guard: &LockGuard,
        change: impl FnOnce(&mut Vault) -> T,
    ) -> Result<T, Failure> {
        self.update_within(self.limits.filled, guard, None, change)
    }

    /// Changes the records in `room`, so that a full disk does not prevent it.
    pub(crate) fn update_in_room<T>(
        &self,
        guard: &LockGuard,
        room: Room,
        change: impl FnOnce(&mut Vault) -> T,
    ) -> Result<T, Failure> {
        self.update_within(self.limits.most, guard, Some(room), change)
    }

    /// Makes room on the disk for the new tokens of a refresh, before it is sent.
    ///
    /// OpenAI ends the old refresh token with the response, so the new one must not be lost to a full disk.
    pub(crate) fn make_room(&self, _guard: &LockGuard) -> Result<Room, Failure> {
        remove_rooms(&self.path);
        let now = std::fs::metadata(&self.path).map_or(0, |data| data.len());
        let size = usize::try_from(now).unwrap_or(usize::MAX).saturating_add(ROOM_BYTES);
        file::check_size(size, 0, self.limits.most)?;
        file::make_room(&self.path, size)
    }

    /// Changes a sign-in that is in the store, in `room` if there is one. Its tokens may fill the store further than new
    /// records may.
    pub(crate) fn update_sign_in<T>(
        &self,
        guard: &LockGuard,
        account: &AccountId,
        room: Option<Room>,
        change: impl FnOnce(&mut SignIn) -> T,
    ) -> Result<Option<T>, Failure> {
        self.update_within(self.limits.most, guard, room, |vault| vault.sign_in_mut(account).map(change))
    }

    fn update_within<T>(
        &self,
        most: usize,
        _guard: &LockGuard,
        room: Option<Room>,
        change: impl FnOnce(&mut Vault) -> T,
    ) -> Result<T, Failure> {
        let bytes = file::read(&self.path, self.limits.most)?;
        let (mut vault, existing) = match &bytes {
            Some(bytes) => {
                let OpenedStore { vault, source, key } = self.opener().open(bytes)?;
                (vault, Some((source, key)))
            }
            None => (Vault::default(), None),
        };
        let before = vault.to_bytes().len();
        self.count_write(&mut vault);
        let result = change(&mut vault);
        if existing.is_none() && vault.is_empty() {
            // Without records neither a store nor a key is created.
            return Ok(result);
        }
        let records = vault.to_bytes();
        // Before a new key is created: nothing is left behind by a refusal.
        file::check_size(sealed_len(records.len()), sealed_len(before), most)?;
        if let Some(folder) = self.path.parent() {
            file::make_folder(folder)?;
        }
        self.remove_unfinished();
        let (source, key) = match existing {
            Some((source, key)) => {
                self.keys.adopt(&source, &key);
                (source, key)
            }
            None => self.keys.create()?,
        };
        let sealed = seal(&records, vault.format(), &source, &key)?;
        let in_room = room.map(|room| room.replace(&sealed));
        if let Some(Err(error)) = &in_room {
            tracing::warn!(%error, "the room that was made could not be used");
        }
        if !matches!(in_room, Some(Ok(()))) {
            file::replace(&self.path, &sealed)?;
        }
        self.revision.write(vault.revision);
        Ok(result)
    }

    /// Removes what a killed process left of a write of the records or of their key. The caller holds the lock.
    fn remove_unfinished(&self) {
        remove_temporaries(&self.path);
        remove_temporaries(self.keys.key_file());
    }

    /// Counts a write, and notes whether an older copy of the file was put back before it.
    fn count_write(&self, vault: &mut Vault) {
        let seen = self.revision.read();
        vault.replayed |= vault.revision < seen;
        vault.revision = vault.revision.max(seen).saturating_add(1);
    }

    /// Acquires the lock and changes the records, off the async threads.
    pub(crate) async fn change<T: Send + 'static>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut Vault) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let guard = self.lock.acquire(LOCK_TIMEOUT).await?;
        let store = Arc::clone(self);
        run_blocking(move || store.update(&guard, change)).await
    }

    /// Checks that a sign-in could be saved: that the store can be opened, or a new one made.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match self.open_current()? {
            Some((bytes, _)) => {
                file::check_size(bytes.len() + ROOM_BYTES, 0, self.limits.filled)?;
            }
            None => self.keys.check_new()?,
        }
        if let Some(folder) = self.path.parent() {
            file::make_folder(folder)?;
        }
        file::make_room(&self.path, ROOM_BYTES).map(drop)
    }

    /// Returns whether an older copy of the file was put back: accounts that were disconnected may be in it again.
    ///
    /// May wait for a keyring, so it must not be called from async code.
    pub fn is_older_copy(&self) -> Result<bool, Failure> {
        // Before the file: a writer replaces the file first.
        let seen = self.revision.read();
        if !self.path.exists() {
            return Ok(false);
        }
        let vault = self.read()?;
        Ok(vault.replayed || vault.revision < seen)
    }

    /// Accepts an older copy, after the person has looked at what is in it.
    pub fn accept_older_copy(&self, guard: &LockGuard) -> Result<(), Failure> {
        self.update(guard, |vault| vault.replayed = false)
    }

    /// Returns the key file if it no longer holds the key that this process has and that opens the store: it was changed
    /// or removed meanwhile, and no other process can open the store.
    ///
    /// May wait for a keyring, so it must not be called from async code.
    pub fn lost_key_file(&self) -> Result<Option<PathBuf>, Failure> {
        let Some((bytes, opened)) = self.open_current()? else { return Ok(None) };
        let is_lost = opened.source == KeySource::KeyFile
            && self.keys.differs_from_file()
            // Not moved meanwhile.
            && file::read(&self.path, self.limits.most)?.as_ref() == Some(&bytes);
        Ok(is_lost.then(|| self.keys.key_file().to_owned()))
    }

    /// Writes the key file again if [`Self::lost_key_file`] finds it lost. What lies there is kept under another name.
    pub fn write_key_back(&self, _guard: &LockGuard) -> Result<Option<PathBuf>, Failure> {
        let Some(path) = self.lost_key_file()? else { return Ok(None) };
        let is_there = path.symlink_metadata().is_ok();
        let kept = is_there.then(|| file::set_aside(&path, self.clock.now().0)).transpose()?;
        self.keys.write_back()?;
        Ok(kept)
    }

    /// Returns the version of the key file, to see whether it has changed since.
    pub fn key_file_version(&self) -> Option<FileVersion> {
        FileVersion::of(self.keys.key_file())
    }

    /// Returns the folder and the files of the store that others may read or change.
    pub fn open_to_others(&self) -> Vec<PathBuf> {
        let folder = self.path.parent().map(Path::to_owned);
        let key = self.keys.key_file().to_owned();
        open_to_others(folder.into_iter().chain([self.path.clone(), key]))
    }

    /// Returns why the store cannot be read, if a person has to decide what becomes of its files. Changes nothing.
    ///
    /// May wait for a keyring, so it must not be called from async code.
    pub fn unreadable(&self) -> Result<Option<UnreadableStore>, Failure> {
        let Err(Unreadable { failure, removable }) = self.open_current() else { return Ok(None) };
        let files = match removable {
            Removable::Nothing => return Err(failure),
            Removable::Records => vec![self.path.clone()],
            Removable::RecordsAndKey => vec![self.path.clone(), self.keys.key_file().to_owned()],
        };
        Ok(Some(UnreadableStore { failure, files }))
    }

    /// Renames the files of a store that cannot be read, so that a new one can be made, and returns their new names.
    ///
    /// For a person who has read what is wrong and answered yes. A store that can be read, or may be read later, stays.
    pub fn set_unreadable_aside(&self, _guard: &LockGuard) -> Result<Vec<PathBuf>, Failure> {
        let files = self.unreadable()?.map_or_else(Vec::new, |found| found.files);
        let now = self.clock.now().0;
        let kept = files.iter().map(|path| file::set_aside(path, now)).collect::<Result<_, _>>()?;
        self.keys.clear_cache();
        Ok(kept)
    }

    /// Returns the version of the file, to see whether it has changed since. Cheap enough to call often.
    pub fn file_version(&self) -> Option<FileVersion> {
        FileVersion::of(&self.path)
    }

    /// Returns where the key is, or where the first sign-in would save it.
    pub fn key_location(&self) -> Result<KeyLocation, Failure> {
        match file::read(&self.path, self.limits.most)? {
            Some(bytes) => Ok(KeyLocation::of(&self.opener().parse(&bytes)?.source)),
            None => self.keys.location_for_new(),
        }
    }

    /// Returns where the key is, without calling a keyring.
    ///
    /// `None` while there is no store and only a keyring could decide.
    pub fn known_key_location(&self) -> Option<KeyLocation> {
        match file::read(&self.path, self.limits.most) {
            Ok(Some(bytes)) => SealedFile::parse(&bytes).ok().map(|sealed| KeyLocation::of(&sealed.source)),
            Ok(None) => self.keys.location_without_keyring(),
            Err(_) => None,
        }
    }

    /// Returns the name of the newest file that was set aside as damaged.
    pub fn newest_damaged_file(&self) -> Option<String> {
        file::newest_set_aside(&self.path)
    }

    /// Reads the key from the keyring, and waits for at most `timeout` while the user unlocks it.
    pub fn unlock(&self, timeout: Duration) -> Result<(), Failure> {
        let Some(bytes) = file::read(&self.path, self.limits.most)? else {
            return self.keys.unlock_for_new(timeout);
        };
        self.keys.unlock(&self.opener().parse(&bytes)?, timeout)
    }

    /// Checks that the keyring can be used, and waits for at most `timeout` while the user unlocks it.
    pub fn probe_keyring(&self, timeout: Duration) -> Result<(), Failure> {
        Ok(self.keys.keyring().probe_within(timeout)?)
    }

    /// Takes the passphrase of the store, for as long as this process runs and the store has it. Does nothing for a store
    /// that needs none.
    ///
    /// Fails with [`ErrorCode::PassphraseNeeded`] if it is another one. Derives a key, so it must not be called from async code.
    pub fn unlock_with(&self, passphrase: &Passphrase) -> Result<(), Failure> {
        let Some(bytes) = file::read(&self.path, self.limits.most)? else { return Ok(()) };
        self.keys.unlock_with(&self.opener().parse(&bytes)?, passphrase)
    }

    fn opener(&self) -> Opener<'_> {
        Opener { path: &self.path, keys: &self.keys }
    }
}

#[cfg(test)]
mod tests;
