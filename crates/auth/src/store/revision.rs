//! The number of the last write, outside the sealed file: an older copy of the file has a lower one in it.
//!
//! Not a protection against somebody who may write both files, but the sign that a backup was put back.

use std::path::{Path, PathBuf};

use super::file;
use crate::platform::private_file::create_private;

const FILE: &str = "secrets.revision";
/// A number has at most twenty digits.
const MAX_BYTES: usize = 64;

/// The file with the number.
pub(super) struct RevisionFile {
    path: PathBuf,
}

impl RevisionFile {
    pub(super) fn new(folder: &Path) -> Self {
        Self { path: folder.join(FILE) }
    }

    /// Returns the number of the last write; zero if that is unknown.
    pub(super) fn read(&self) -> u64 {
        let bytes = file::read(&self.path, MAX_BYTES).ok().flatten().unwrap_or_default();
        String::from_utf8(bytes).ok().and_then(|text| text.trim().parse().ok()).unwrap_or_default()
    }

    /// Saves the number. Not synced: after a crash a lower one only reports less.
    pub(super) fn write(&self, revision: u64) {
        let temporary = self.path.with_extension("revision.tmp");
        // One that a killed process left. The caller holds the lock.
        let _ = std::fs::remove_file(&temporary);
        let written = create_private(&temporary)
            .and_then(|mut file| std::io::Write::write_all(&mut file, revision.to_string().as_bytes()))
            .and_then(|()| std::fs::rename(&temporary, &self.path));
        if let Err(error) = written {
            tracing::info!(%error, "the number of the last write was not saved");
            let _ = std::fs::remove_file(&temporary);
        }
    }
}
