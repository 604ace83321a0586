//! Why a store cannot be read, and which of its files a person may have set aside for that.

use std::path::{Path, PathBuf};

use usher_domain::{ErrorCode, Failure};

/// What can be set aside so that a new store can be made. Only a person's word does it, never a look at the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Removable {
    /// Nothing: the files may be sound, and the reason may pass.
    Nothing,
    /// The sealed file, which was damaged or whose key is lost.
    Records,
    /// The sealed file, and the key file, which holds no key.
    RecordsAndKey,
}

/// A store that cannot be read.
#[derive(Debug)]
pub(super) struct Unreadable {
    pub(super) failure: Failure,
    pub(super) removable: Removable,
}

impl Unreadable {
    /// The sealed file was changed, cut, or is not Usher's.
    pub(super) fn damaged(path: &Path, why: &str) -> Self {
        let cause = format!("{} {why}{REMEDY}", path.display());
        Self { failure: Failure::new(ErrorCode::StoreCorrupt, cause), removable: Removable::Records }
    }

    /// The sealed file may be sound, and the key that opens it is not there.
    pub(super) fn key_lost(why: &str, removable: Removable) -> Self {
        let cause = format!("{why}{REMEDY}");
        Self { failure: Failure::new(ErrorCode::StoreUnavailable, cause), removable }
    }
}

/// What follows the reason, for somebody at a terminal.
const REMEDY: &str = "; nothing was moved or changed. Put it back from a backup if you have one. Else `usher login` or `usher doctor \
    --repair` (with --yes in a script) starts again without it, and keeps the old file under another name";

impl From<Failure> for Unreadable {
    fn from(failure: Failure) -> Self {
        Self { failure, removable: Removable::Nothing }
    }
}

impl From<Unreadable> for Failure {
    fn from(unreadable: Unreadable) -> Self {
        unreadable.failure
    }
}

/// A store that cannot be read until a person decides what becomes of its files.
#[derive(Debug, Clone)]
pub struct UnreadableStore {
    /// What is wrong, with the file.
    pub failure: Failure,
    /// The files that would be set aside.
    pub files: Vec<PathBuf>,
}

impl UnreadableStore {
    /// Returns what is wrong, with the file and without the commands that help.
    pub fn reason(&self) -> &str {
        self.failure.cause.strip_suffix(REMEDY).unwrap_or(&self.failure.cause)
    }
}
