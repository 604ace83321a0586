//! What the person was notified of, so that a restart does not repeat it.

use std::collections::BTreeMap;

use rusqlite::params;
use usher_domain::{AccountId, Failure, UnixTime, Usage};

use super::{State, parse};

/// One row for each account, kind and subject: what was shown last. So the table stays small.
pub(super) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS notified (
        account TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (account, kind, subject)) WITHOUT ROWID;";

/// What a person was notified of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Notified {
    /// The name of the kind of notification.
    pub(crate) kind: String,
    /// What it was about, for example a window by its length in seconds.
    pub(crate) subject: String,
    /// The time by which it differs from the next one of its kind: a reset, or an expiry. 0 where there is none.
    pub(crate) at: UnixTime,
}

impl State {
    /// Returns the usage of every account that was seen; empty if that cannot be read.
    pub(crate) fn all_usage(&self) -> BTreeMap<String, Usage> {
        self.or_none(self.read_all_usage().map(Some)).unwrap_or_default()
    }

    fn read_all_usage(&self) -> Result<BTreeMap<String, Usage>, Failure> {
        let Some(db) = self.open_existing()? else { return Ok(BTreeMap::new()) };
        let read = || {
            let mut query = db.prepare("SELECT account, seen FROM usage")?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
            rows.collect::<rusqlite::Result<Vec<(String, String)>>>()
        };
        let rows = read().map_err(|error| self.failed(&error))?;
        Ok(rows.into_iter().filter_map(|(account, seen)| Some((account, parse(&seen)?))).collect())
    }

    /// Returns what the person was notified of, by account.
    ///
    /// Fails where that cannot be read: without it everything would be repeated.
    pub(crate) fn notified(&self) -> Result<BTreeMap<String, Vec<Notified>>, Failure> {
        let Some(db) = self.open_existing()? else { return Ok(BTreeMap::new()) };
        let read = || {
            let mut query = db.prepare("SELECT account, kind, subject, at FROM notified")?;
            let rows = query.query_map([], |row| {
                let notified =
                    Notified { kind: row.get(1)?, subject: row.get(2)?, at: UnixTime(row.get(3)?) };
                Ok((row.get::<_, String>(0)?, notified))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        let mut all: BTreeMap<String, Vec<Notified>> = BTreeMap::new();
        for (account, notified) in read().map_err(|error| self.failed(&error))? {
            all.entry(account).or_default().push(notified);
        }
        Ok(all)
    }

    /// Keeps that the person was notified.
    pub(crate) fn keep_notified(&self, account: &AccountId, notified: &Notified) -> Result<(), Failure> {
        self.execute(
            "INSERT OR REPLACE INTO notified (account, kind, subject, at) VALUES (?1, ?2, ?3, ?4)",
            params![account.0, notified.kind, notified.subject, notified.at.0],
        )
    }

    /// Forgets that the person was notified.
    pub(crate) fn forget_notified(&self, account: &AccountId, notified: &Notified) -> Result<(), Failure> {
        self.execute(
            "DELETE FROM notified WHERE account = ?1 AND kind = ?2 AND subject = ?3",
            params![account.0, notified.kind, notified.subject],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notified_is_kept_for_the_next_process_and_forgotten_with_the_account() {
        let folder = tempfile::tempdir().unwrap();
        let account = AccountId("user:a".into());
        let notified = |at| Notified { kind: "near".into(), subject: "18000".into(), at: UnixTime(at) };
        let state = State::new(folder.path());
        assert!(state.notified().unwrap().is_empty());
        state.keep_notified(&account, &notified(7)).unwrap();
        state.keep_notified(&account, &notified(9)).unwrap();
        let other = State::new(folder.path());
        assert_eq!(other.notified().unwrap()["user:a"], [notified(9)]);
        other.forget_notified(&account, &notified(9)).unwrap();
        assert!(state.notified().unwrap().is_empty());
        state.keep_notified(&account, &notified(9)).unwrap();
        state.forget(&account).unwrap();
        assert!(state.notified().unwrap().is_empty());
    }
}
