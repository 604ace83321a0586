//! Which version of `state.db` there is, from its files alone.

use std::path::Path;
use std::time::SystemTime;

/// Identifies what `state.db` holds without opening it. Differs after each change by any process, and sometimes
/// without one, when `SQLite` moves its log into the database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StateVersion {
    database: Option<FileStamp>,
    /// The log, which has the newest changes while a process has the database open.
    log: Option<FileStamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct FileStamp {
    modified: Option<SystemTime>,
    length: u64,
    #[cfg(unix)]
    inode: u64,
}

impl StateVersion {
    /// Reads the version of the database at `path`: two calls of `stat`.
    pub(super) fn of(path: &Path) -> Self {
        // An empty log is that of somebody who only reads.
        let log = FileStamp::of(&path.with_extension("db-wal")).filter(|log| log.length > 0);
        Self { database: FileStamp::of(path), log }
    }
}

impl FileStamp {
    fn of(path: &Path) -> Option<Self> {
        let data = std::fs::metadata(path).ok()?;
        Some(Self {
            modified: data.modified().ok(),
            length: data.len(),
            #[cfg(unix)]
            inode: std::os::unix::fs::MetadataExt::ino(&data),
        })
    }
}
