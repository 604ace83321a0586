//! Opens the sealed file, or says what is wrong with it.

use std::path::Path;

use usher_domain::{ErrorCode, Failure};

use super::key::data_key::DataKeys;
use super::records::vault::Vault;
use super::sealed_file::{Key, KeySource, SealedFile, SealedFileError};
use super::unreadable::{Removable, Unreadable};

/// Opens the file of one store with its key.
pub(super) struct Opener<'a> {
    pub(super) path: &'a Path,
    pub(super) keys: &'a DataKeys,
}

/// The content of a store, with the key that opened it.
pub(super) struct OpenedStore {
    pub(super) vault: Vault,
    pub(super) source: KeySource,
    pub(super) key: Key,
}

impl Opener<'_> {
    /// Opens the file `bytes`. A failure changes nothing on disk.
    pub(super) fn open(&self, bytes: &[u8]) -> Result<OpenedStore, Unreadable> {
        let sealed = self.parse(bytes)?;
        let first = self.unseal(&sealed)?;
        let opened = match first {
            Ok(opened) => Ok(opened),
            // Another process may have made a new key since this one was read.
            Err(_) if !matches!(sealed.source, KeySource::Passphrase { .. }) => {
                self.keys.clear_cache();
                self.unseal(&sealed)?
            }
            failed => failed,
        };
        opened.map_err(|why| self.explain(&sealed.source, why))
    }

    /// Decrypts and parses the records. A file that the key opens is intact, so records that cannot be parsed were
    /// written by another version, and are no reason to set the file aside.
    fn unseal(&self, sealed: &SealedFile) -> Result<Result<OpenedStore, SealedFileError>, Unreadable> {
        let key = self.keys.existing(sealed)?;
        let clear = match sealed.open(&key) {
            Ok(clear) => clear,
            Err(why) => return Ok(Err(why)),
        };
        let vault = Vault::from_bytes(&clear).ok_or_else(|| {
            let cause = "the store holds records of another version of Usher; nothing was changed";
            Failure::new(ErrorCode::StoreUnavailable, cause)
        })?;
        Ok(Ok(OpenedStore { vault, source: sealed.source.clone(), key }))
    }

    pub(super) fn parse(&self, bytes: &[u8]) -> Result<SealedFile, Unreadable> {
        SealedFile::parse(bytes).map_err(|why| self.explain(&KeySource::KeyFile, why))
    }

    /// Returns what is wrong with a file that does not open. A key that does not fit and a file that was changed are
    /// two cases: the file of the first may be sound.
    fn explain(&self, source: &KeySource, why: SealedFileError) -> Unreadable {
        let is_passphrase = matches!(source, KeySource::Passphrase { .. });
        match why {
            SealedFileError::Newer(version) => Failure::new(
                ErrorCode::StoreUnavailable,
                format!("the store was written by a newer Usher (format {version}); nothing was changed"),
            )
            .into(),
            SealedFileError::Corrupt => {
                Unreadable::damaged(self.path, "was changed or cut short, or is not Usher's")
            }
            SealedFileError::OtherKey | SealedFileError::OtherKeyOrCorrupt if is_passphrase => {
                let cause = "USHER_PASSPHRASE is not the passphrase of this store";
                Failure::new(ErrorCode::PassphraseNeeded, cause).into()
            }
            SealedFileError::OtherKey => {
                let (key, path) = (self.keys.describe(source), self.path.display());
                Unreadable::key_lost(&format!("{key} is not the one that opens {path}"), Removable::Records)
            }
            SealedFileError::OtherKeyOrCorrupt => {
                let why = format!("and {} do not fit: one of them was changed", self.keys.describe(source));
                Unreadable::damaged(self.path, &why)
            }
        }
    }
}
