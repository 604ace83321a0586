//! Which version of `state.db` there is, from its files alone.

use std::path::Path;

use usher_auth::FileVersion;

/// Identifies what `state.db` holds without opening it. Differs after each change by any process, and sometimes
/// without one, when `SQLite` moves its log into the database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StateVersion {
    database: Option<FileVersion>,
    /// The log, which has the newest changes while a process has the database open.
    log: Option<FileVersion>,
}

impl StateVersion {
    /// Reads the version of the database at `path`: two calls of `stat`.
    pub(super) fn of(path: &Path) -> Self {
        // An empty log is that of somebody who only reads.
        let log = FileVersion::of(&path.with_extension("db-wal")).filter(|log| !log.is_empty());
        Self { database: FileVersion::of(path), log }
    }
}
