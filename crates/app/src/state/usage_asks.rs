//! When the usage endpoint was asked last, so that no process asks it again too soon.

use rusqlite::{OptionalExtension as _, params};
use usher_domain::{AccountId, Failure, UnixTime};

use super::State;

/// One row for each account: the last one.
pub(super) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS usage_asks (
        account TEXT PRIMARY KEY, at INTEGER NOT NULL, credential TEXT);";

/// A question for the usage that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UsageAsk {
    pub(crate) at: UnixTime,
    /// Which credential it was asked with, without its secret, where the account itself does not say that.
    pub(crate) credential: Option<String>,
}

impl State {
    /// Returns the last question for the usage of an account; none where that cannot be read.
    pub(crate) fn usage_ask(&self, account: &AccountId) -> Option<UsageAsk> {
        self.or_none(self.read_usage_ask(account))
    }

    fn read_usage_ask(&self, account: &AccountId) -> Result<Option<UsageAsk>, Failure> {
        let Some(db) = self.open_existing()? else { return Ok(None) };
        let sql = "SELECT at, credential FROM usage_asks WHERE account = ?1";
        db.query_row(sql, [&account.0], |row| {
            Ok(UsageAsk { at: UnixTime(row.get(0)?), credential: row.get(1)? })
        })
        .optional()
        .map_err(|error| self.failed(&error))
    }

    /// Keeps the last question for the usage of an account.
    pub(crate) fn keep_usage_ask(&self, account: &AccountId, ask: &UsageAsk) -> Result<(), Failure> {
        let sql = "INSERT OR REPLACE INTO usage_asks (account, at, credential) VALUES (?1, ?2, ?3)";
        self.execute(sql, params![account.0, ask.at.0, ask.credential])
    }

    /// Forgets it, so that the next one who wants the usage asks.
    pub(crate) fn forget_usage_ask(&self, account: &AccountId) -> Result<(), Failure> {
        if !self.path.exists() {
            return Ok(());
        }
        self.execute("DELETE FROM usage_asks WHERE account = ?1", [&account.0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_question_of_each_account_is_kept_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (AccountId("user:a".into()), AccountId("user:b".into()));
        let ask = |at, credential: Option<&str>| UsageAsk {
            at: UnixTime(at),
            credential: credential.map(str::to_owned),
        };
        let state = State::new(folder.path());
        state.forget_usage_ask(&one).unwrap();
        assert_eq!(state.usage_ask(&one), None);
        state.keep_usage_ask(&one, &ask(7, None)).unwrap();
        state.keep_usage_ask(&one, &ask(9, Some("c"))).unwrap();
        let other_process = State::new(folder.path());
        assert_eq!(other_process.usage_ask(&one), Some(ask(9, Some("c"))));
        assert_eq!(other_process.usage_ask(&two), None);
        state.keep_usage_ask(&two, &ask(1, None)).unwrap();
        state.forget_usage_ask(&two).unwrap();
        state.forget(&one).unwrap();
        assert_eq!((state.usage_ask(&one), state.usage_ask(&two)), (None, None));
    }
}
