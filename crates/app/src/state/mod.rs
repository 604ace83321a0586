//! `state.db`: what was seen last, and what was counted of requests. Everything in it can be fetched again, is a copy, or is
//! for people to look at only, so a damaged one is set aside.

mod activity;
mod notified;
mod pace;
mod refusals;
mod tool_ledger;
mod usage;
mod usage_asks;
mod version;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use usher_auth::{make_private_folder, open_private, open_private_to_write};
use usher_domain::{AccountId, ErrorCode, Failure, Model, UnixTime};

pub(crate) use self::activity::{ActivityBatch, KeptDays, MAX_RECEIPTS};
pub(crate) use self::notified::Notified;
pub(crate) use self::pace::WriteTurn;
pub(crate) use self::usage::KeptUsage;
pub(crate) use self::usage_asks::UsageAsk;
pub(crate) use self::version::StateVersion;

const FILE: &str = "state.db";
/// How long a writer waits for another.
const BUSY: Duration = Duration::from_secs(5);
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS models (
        account TEXT PRIMARY KEY, fetched_at INTEGER NOT NULL, etag TEXT, seen_etag TEXT, list TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS pass_uses (
        pass TEXT PRIMARY KEY, last_at INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS pass_tokens (
        pass TEXT PRIMARY KEY, tokens INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS refusals (
        account TEXT PRIMARY KEY, credential TEXT NOT NULL, failure TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS tool_ledger (
        id INTEGER PRIMARY KEY CHECK (id = 1), ledger TEXT NOT NULL);";
/// What the schemas make.
const VERSION: i64 = 8;

/// The model list of one account, as it was fetched.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CachedModels {
    pub(crate) fetched_at: UnixTime,
    pub(crate) etag: Option<String>,
    /// `x-models-etag` of the newest answer: differs from `etag` when the list has changed since.
    pub(crate) seen_etag: Option<String>,
    pub(crate) models: Vec<Model>,
    /// Where it was fetched; a list of another address or key is of no use.
    pub(crate) source: String,
}

impl CachedModels {
    /// Returns what differs when the list does, or has become out of date.
    pub(crate) fn version(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let Self { fetched_at, etag, seen_etag, models, source } = self;
        (fetched_at.0, etag, seen_etag, source, text(models)).hash(&mut hasher);
        hasher.finish()
    }
}

/// A model list in its column.
#[derive(Serialize, Deserialize)]
struct ListColumn<M> {
    source: String,
    models: M,
}

/// Opens the database for each operation: calls are rare, and no handle outlives a file that another process set
/// aside.
pub(crate) struct State {
    path: PathBuf,
    /// Whether a read error was logged: it is logged once, not for each value that is then fetched again.
    logged: AtomicBool,
    /// The refusals as last read.
    refusals: refusals::Cached,
    pace: pace::WritePace,
}

impl State {
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            path: folder.join(FILE),
            logged: AtomicBool::new(false),
            refusals: Mutex::default(),
            pace: pace::WritePace::default(),
        }
    }

    /// Waits for the turn to write what requests leave behind, which comes at most once a second.
    pub(crate) async fn write_turn(&self) -> WriteTurn<'_> {
        self.pace.turn().await
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the version of what is kept, which differs after a change by any process. Cheap enough to call for each
    /// request.
    pub(crate) fn version(&self) -> StateVersion {
        StateVersion::of(&self.path)
    }

    /// The list that was kept; none where that cannot be read.
    pub(crate) fn models(&self, account: &AccountId) -> Option<CachedModels> {
        self.or_none(self.read_models(account))
    }

    /// Whether it can be read and written, where it is there at all.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let Some(db) = self.open_existing()? else { return Ok(()) };
        db.execute_batch("BEGIN IMMEDIATE; ROLLBACK").map_err(|error| self.failed(&error))
    }

    /// All of it can be fetched again, so nothing fails for it.
    fn or_none<T>(&self, read: Result<Option<T>, Failure>) -> Option<T> {
        read.unwrap_or_else(|failure| {
            if !self.logged.swap(true, Ordering::Relaxed) {
                tracing::warn!(cause = %failure, "what was seen last cannot be read, and is fetched again");
            }
            None
        })
    }

    fn read_models(&self, account: &AccountId) -> Result<Option<CachedModels>, Failure> {
        let Some(db) = self.open_existing()? else { return Ok(None) };
        let row = db
            .query_row(
                "SELECT fetched_at, etag, seen_etag, list FROM models WHERE account = ?1",
                [&account.0],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, String>(3)?)),
            )
            .optional()
            .map_err(|error| self.failed(&error))?;
        // A list in the format of an older version counts as none and is fetched again.
        Ok(row.and_then(|(fetched_at, etag, seen_etag, list)| {
            let ListColumn { source, models } = parse(&list)?;
            Some(CachedModels { fetched_at: UnixTime(fetched_at), etag, seen_etag, models, source })
        }))
    }

    pub(crate) fn keep_models(&self, account: &AccountId, list: &CachedModels) -> Result<(), Failure> {
        let column = text(&ListColumn { source: list.source.clone(), models: &list.models });
        self.execute(
            "INSERT OR REPLACE INTO models (account, fetched_at, etag, seen_etag, list) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![account.0, list.fetched_at.0, list.etag, list.seen_etag, column],
        )
    }

    pub(crate) fn saw_models_etag(&self, account: &AccountId, etag: &str) -> Result<(), Failure> {
        self.execute("UPDATE models SET seen_etag = ?2 WHERE account = ?1", params![account.0, etag])
    }

    /// Returns when each pass was used last; empty if that cannot be read.
    pub(crate) fn pass_uses(&self) -> HashMap<String, UnixTime> {
        self.or_none(self.read_pass_uses().map(Some)).unwrap_or_default()
    }

    fn read_pass_uses(&self) -> Result<HashMap<String, UnixTime>, Failure> {
        let Some(db) = self.open_existing()? else { return Ok(HashMap::new()) };
        let uses = || {
            let mut asked = db.prepare("SELECT pass, last_at FROM pass_uses")?;
            let rows = asked.query_map([], |row| Ok((row.get(0)?, UnixTime(row.get(1)?))))?;
            rows.collect::<rusqlite::Result<HashMap<String, UnixTime>>>()
        };
        uses().map_err(|error| self.failed(&error))
    }

    /// Keeps when passes were used last, in one write.
    pub(crate) fn keep_pass_uses(&self, uses: &[(String, UnixTime)]) -> Result<(), Failure> {
        let mut db = self.open()?;
        let mut keep = || {
            let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for (pass, at) in uses {
                change.execute(
                    "INSERT INTO pass_uses (pass, last_at) VALUES (?1, ?2)
                        ON CONFLICT (pass) DO UPDATE SET last_at = max(last_at, excluded.last_at)",
                    params![pass, at.0],
                )?;
            }
            change.commit()
        };
        keep().map_err(|error| self.failed(&error))
    }

    /// Returns how many tokens of its budget a pass has used; 0 if that cannot be read.
    pub(crate) fn pass_tokens(&self, pass: &str) -> u64 {
        self.or_none(self.read_pass_tokens(pass)).unwrap_or_default()
    }

    fn read_pass_tokens(&self, pass: &str) -> Result<Option<u64>, Failure> {
        let Some(db) = self.open_existing()? else { return Ok(None) };
        let tokens: Option<i64> = db
            .query_row("SELECT tokens FROM pass_tokens WHERE pass = ?1", [pass], |row| row.get(0))
            .optional()
            .map_err(|error| self.failed(&error))?;
        Ok(tokens.and_then(|tokens| u64::try_from(tokens).ok()))
    }

    /// Keeps how many tokens of its budget a pass has used.
    pub(crate) fn keep_pass_tokens(&self, pass: &str, tokens: u64) -> Result<(), Failure> {
        self.execute(
            "INSERT INTO pass_tokens (pass, tokens) VALUES (?1, ?2)
                ON CONFLICT (pass) DO UPDATE SET tokens = max(tokens, excluded.tokens)",
            params![pass, i64::try_from(tokens).unwrap_or(i64::MAX)],
        )
    }

    /// Forgets what the passes used that are not among `kept`, and when.
    pub(crate) fn retain_pass_uses(&self, kept: &[String]) -> Result<(), Failure> {
        if !self.path.exists() {
            return Ok(());
        }
        for table in ["pass_uses", "pass_tokens"] {
            let others = format!("DELETE FROM {table} WHERE pass NOT IN (SELECT value FROM json_each(?1))");
            self.execute(&others, [text(&kept)])?;
        }
        Ok(())
    }

    /// Forgets an account.
    pub(crate) fn forget(&self, account: &AccountId) -> Result<(), Failure> {
        if !self.path.exists() {
            return Ok(());
        }
        self.execute("DELETE FROM models WHERE account = ?1", [&account.0])?;
        self.execute("DELETE FROM usage WHERE account = ?1", [&account.0])?;
        self.execute("DELETE FROM notified WHERE account = ?1", [&account.0])?;
        self.forget_usage_ask(account)?;
        self.forget_refusal(account)
    }

    fn execute(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), Failure> {
        let db = self.open()?;
        db.execute(sql, values).map(|_| ()).map_err(|error| self.failed(&error))
    }

    fn open_existing(&self) -> Result<Option<Connection>, Failure> {
        if self.path.exists() { self.open().map(Some) } else { Ok(None) }
    }

    fn open(&self) -> Result<Connection, Failure> {
        match open_private(&self.path) {
            // A pipe, a device, or a file of somebody else.
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                let cause = format!("{}: {error}", self.path.display());
                return Err(Failure::new(ErrorCode::StoreUnavailable, cause));
            }
            _ => {}
        }
        match self.connect() {
            Err(error) if is_damaged(&error) => {
                tracing::warn!(%error, "the state is damaged and is set aside; all of it can be fetched again");
                self.set_aside()?;
                self.connect().map_err(|error| self.failed(&error))
            }
            other => other.map_err(|error| self.failed(&error)),
        }
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        if let Some(folder) = self.path.parent() {
            // When it cannot be made, opening says why.
            let _ = make_private_folder(folder);
        }
        // `SQLite` makes its files as readable as the umask allows, and its log like the database. When this fails, opening
        // says why.
        if !self.path.exists() {
            drop(open_private_to_write(&self.path));
        }
        let db = Connection::open(&self.path)?;
        db.busy_timeout(BUSY)?;
        let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version < VERSION {
            db.pragma_update(None, "journal_mode", "WAL")?;
            db.execute_batch(SCHEMA)?;
            db.execute_batch(activity::SCHEMA)?;
            db.execute_batch(notified::SCHEMA)?;
            db.execute_batch(usage::SCHEMA)?;
            db.execute_batch(usage_asks::SCHEMA)?;
            db.pragma_update(None, "user_version", VERSION)?;
        }
        Ok(db)
    }

    fn set_aside(&self) -> Result<(), Failure> {
        let aside = self.path.with_extension("db.damaged");
        std::fs::rename(&self.path, &aside).map_err(|error| {
            Failure::new(
                ErrorCode::StoreUnavailable,
                format!("could not set aside {}: {error}", self.path.display()),
            )
        })?;
        for extension in ["db-wal", "db-shm"] {
            // They belong to the damaged file and may not be there at all.
            let _ = std::fs::remove_file(self.path.with_extension(extension));
        }
        Ok(())
    }

    fn failed(&self, error: &rusqlite::Error) -> Failure {
        Failure::new(ErrorCode::StoreUnavailable, format!("{}: {error}", self.path.display()))
    }
}

fn is_damaged(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt)
    )
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("structs of text and numbers have no key that JSON lacks")
}

fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use usher_domain::Usage;

    use super::*;

    #[test]
    fn damaged_database_is_set_aside_and_created_again() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), b"this is no database, but long enough to look at").unwrap();
        let state = State::new(folder.path());
        let account = AccountId("user:a".into());
        assert_eq!(state.models(&account), None);
        assert!(folder.path().join("state.db.damaged").exists());
        let usage = Usage::default();
        state.keep_usage(&account, &usage, UnixTime(7)).unwrap();
        assert_eq!(state.usage(&account), Some((usage, UnixTime(7))));
        state.forget(&account).unwrap();
        assert_eq!(state.usage(&account), None);
    }

    #[test]
    fn the_last_use_of_a_pass_is_kept_in_a_database_of_the_version_before_too() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::new(folder.path());
        let old = "CREATE TABLE models (account TEXT PRIMARY KEY); PRAGMA user_version = 1;";
        Connection::open(folder.path().join(FILE)).unwrap().execute_batch(old).unwrap();
        for uses in [[("one", 7), ("two", 8)], [("one", 9), ("two", 3)]] {
            let uses = uses.map(|(pass, at)| (pass.to_owned(), UnixTime(at)));
            state.keep_pass_uses(&uses).unwrap();
        }
        let uses = |state: &State| {
            let mut uses: Vec<_> = state.pass_uses().into_iter().collect();
            uses.sort();
            uses
        };
        assert_eq!(uses(&state), [("one".into(), UnixTime(9)), ("two".into(), UnixTime(8))]);
        state.retain_pass_uses(&["two".into()]).unwrap();
        assert_eq!(uses(&state), [("two".into(), UnixTime(8))]);
    }
}
