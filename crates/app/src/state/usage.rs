//! The usage of each account, as it was seen last.

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use usher_domain::{AccountId, Failure, UnixTime, Usage};

use super::{State, parse, text};

pub(super) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS usage (
        account TEXT PRIMARY KEY, seen_at INTEGER NOT NULL, seen TEXT NOT NULL);";

/// A usage, and when it was seen.
pub(crate) type KeptUsage = (Usage, UnixTime);

impl State {
    /// Returns the usage that was seen last; none where that cannot be read.
    pub(crate) fn usage(&self, account: &AccountId) -> Option<KeptUsage> {
        self.or_none(self.read_usage(account))
    }

    fn read_usage(&self, account: &AccountId) -> Result<Option<KeptUsage>, Failure> {
        let Some(db) = self.open_existing()? else { return Ok(None) };
        usage_of(&db, account).map_err(|error| self.failed(&error))
    }

    /// Keeps what `change` makes of the usage that is kept, unless it makes nothing. No other process writes meanwhile.
    /// Returns what is kept then.
    pub(crate) fn change_usage(
        &self,
        account: &AccountId,
        change: impl FnOnce(Option<&KeptUsage>) -> Option<KeptUsage>,
    ) -> Result<Option<KeptUsage>, Failure> {
        let mut db = self.open()?;
        let write = || {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let kept = usage_of(&transaction, account)?;
            let Some((usage, seen_at)) = change(kept.as_ref()) else { return Ok(kept) };
            transaction.execute(
                "INSERT OR REPLACE INTO usage (account, seen_at, seen) VALUES (?1, ?2, ?3)",
                params![account.0, seen_at.0, text(&usage)],
            )?;
            transaction.commit()?;
            Ok(Some((usage, seen_at)))
        };
        write().map_err(|error| self.failed(&error))
    }
}

#[cfg(test)]
impl State {
    /// Keeps a usage, whatever is kept.
    pub(crate) fn keep_usage(&self, account: &AccountId, usage: &Usage, at: UnixTime) -> Result<(), Failure> {
        self.change_usage(account, |_| Some((usage.clone(), at))).map(drop)
    }
}

/// Returns the usage that is kept. One that cannot be read counts as none.
fn usage_of(db: &Connection, account: &AccountId) -> rusqlite::Result<Option<KeptUsage>> {
    let row = db.query_row("SELECT seen, seen_at FROM usage WHERE account = ?1", [&account.0], |row| {
        Ok((row.get::<_, String>(0)?, row.get(1)?))
    });
    Ok(row.optional()?.and_then(|(seen, at)| Some((parse(&seen)?, UnixTime(at)))))
}
