//! What was counted of requests: totals for each day, and the receipts of the last requests.
//!
//! At most [`MAX_GROUPS_PER_DAY`] rows of about half a kilobyte for 90 days, and [`MAX_RECEIPTS`] of about as much: the
//! tables stay below 25 MB, whatever tools do.

use std::collections::{BTreeMap, VecDeque};

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use usher_domain::Failure;

use super::{State, parse, text};
use crate::activity::receipt::Receipt;
use crate::activity::totals::{GroupKey, Totals};

/// Most rows for one day; what more there is is added up as other.
const MAX_GROUPS_PER_DAY: i64 = 200;
/// Most receipts.
pub(crate) const MAX_RECEIPTS: usize = 20_000;
/// The longest text of a receipt: what clients and services name is limited, but they are many names.
const MAX_RECEIPT_BYTES: usize = 2048;

pub(super) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS activity_days (
        day TEXT NOT NULL, tool TEXT NOT NULL, provider TEXT NOT NULL, account TEXT NOT NULL, payer TEXT NOT NULL,
        model TEXT NOT NULL, totals TEXT NOT NULL,
        PRIMARY KEY (day, tool, provider, account, payer, model)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS activity_receipts (
        id INTEGER PRIMARY KEY AUTOINCREMENT, day TEXT NOT NULL, receipt TEXT NOT NULL);";

/// What is written at once.
#[derive(Default)]
pub(crate) struct ActivityBatch {
    pub(crate) totals: BTreeMap<GroupKey, Totals>,
    /// Oldest first.
    pub(crate) receipts: VecDeque<Receipt>,
}

impl ActivityBatch {
    pub(crate) fn is_empty(&self) -> bool {
        self.totals.is_empty() && self.receipts.is_empty()
    }
}

impl State {
    /// Adds what was counted, all of it or nothing, and deletes what is of days before `oldest`.
    ///
    /// Nothing is deleted when the newest day before `today` is of long ago: a clock that is set forward by mistake is mostly
    /// set back soon. On the next day with requests that day is no longer of long ago, and what is too old is deleted.
    pub(crate) fn keep_activity(
        &self,
        batch: &ActivityBatch,
        oldest: &str,
        today: &str,
    ) -> Result<(), Failure> {
        let keep = |db: &mut Connection| {
            // A crash of the system may lose the last write, but damages nothing.
            db.pragma_update(None, "synchronous", "NORMAL")?;
            let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for (key, totals) in &batch.totals {
                add(&change, key, totals)?;
            }
            add_receipts(&change, &batch.receipts, today)?;
            if newest_day_before(&change, today)?.is_none_or(|newest| newest.as_str() >= oldest) {
                delete_before(&change, oldest)?;
            }
            change.commit()
        };
        let mut db = self.open()?;
        keep(&mut db).map_err(|error| self.failed(&error))
    }

    /// Returns the totals of the days from `from` to `to`.
    pub(crate) fn activity(&self, from: &str, to: &str) -> Result<Vec<(GroupKey, Totals)>, Failure> {
        let Some(db) = self.open_existing()? else { return Ok(Vec::new()) };
        let read = || {
            let mut asked = db.prepare(
                "SELECT day, tool, provider, account, payer, model, totals FROM activity_days
                    WHERE day BETWEEN ?1 AND ?2",
            )?;
            let rows = asked.query_map([from, to], |row| {
                let key = GroupKey {
                    day: row.get(0)?,
                    tool: row.get(1)?,
                    provider: row.get(2)?,
                    account: row.get(3)?,
                    payer: row.get(4)?,
                    model: row.get(5)?,
                };
                Ok((key, parse(&row.get::<_, String>(6)?).unwrap_or_default()))
            })?;
            rows.collect::<rusqlite::Result<Vec<(GroupKey, Totals)>>>()
        };
        read().map_err(|error| self.failed(&error))
    }

    /// Returns the last `count` receipts, newest first.
    pub(crate) fn receipts(&self, count: usize) -> Result<Vec<Receipt>, Failure> {
        let Some(db) = self.open_existing()? else { return Ok(Vec::new()) };
        let read = || {
            let mut asked = db.prepare("SELECT receipt FROM activity_receipts ORDER BY id DESC LIMIT ?1")?;
            let rows = asked.query_map([i64::try_from(count).unwrap_or(i64::MAX)], |row| row.get(0))?;
            rows.collect::<rusqlite::Result<Vec<String>>>()
        };
        let rows = read().map_err(|error| self.failed(&error))?;
        Ok(rows.iter().filter_map(|receipt| parse(receipt)).collect())
    }

    /// Deletes what was counted of days before `oldest`, and gives the space back.
    pub(crate) fn delete_activity_before(&self, oldest: &str) -> Result<(), Failure> {
        let Some(mut db) = self.open_existing()? else { return Ok(()) };
        let mut delete = || {
            db.pragma_update(None, "secure_delete", true)?;
            let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let deleted = delete_before(&change, oldest)?;
            change.commit()?;
            if deleted > 0
                && let Err(error) = db.execute_batch("VACUUM")
            {
                tracing::info!(%error, "the space of deleted counts is used again later");
            }
            Ok(())
        };
        delete().map_err(|error| self.failed(&error))
    }

    /// Deletes all that was counted, and gives the space back.
    pub(crate) fn clear_activity(&self) -> Result<(), Failure> {
        let Some(db) = self.open_existing()? else { return Ok(()) };
        let clear = || {
            let kept: bool = db.query_row(
                "SELECT EXISTS (SELECT 1 FROM activity_days) OR EXISTS (SELECT 1 FROM activity_receipts)",
                [],
                |row| row.get(0),
            )?;
            if !kept {
                return Ok(());
            }
            db.execute_batch(
                "PRAGMA secure_delete = ON;
                 BEGIN IMMEDIATE; DELETE FROM activity_days; DELETE FROM activity_receipts; COMMIT;",
            )?;
            if let Err(error) = db.execute_batch("VACUUM") {
                tracing::info!(%error, "the space of deleted counts is used again later");
            }
            Ok(())
        };
        clear().map_err(|error| self.failed(&error))
    }
}

/// Returns the newest day before `today` of which anything is kept.
fn newest_day_before(change: &Transaction<'_>, today: &str) -> rusqlite::Result<Option<String>> {
    change.query_row("SELECT max(day) FROM activity_days WHERE day < ?1", [today], |row| row.get(0))
}

/// Deletes what is of days before `oldest`. Returns how many rows that were.
fn delete_before(change: &Transaction<'_>, oldest: &str) -> rusqlite::Result<usize> {
    let days = change.execute("DELETE FROM activity_days WHERE day < ?1", [oldest])?;
    let receipts = change.execute("DELETE FROM activity_receipts WHERE day < ?1", [oldest])?;
    Ok(days + receipts)
}

/// Adds totals to those of a day.
fn add(change: &Transaction<'_>, key: &GroupKey, totals: &Totals) -> rusqlite::Result<()> {
    let key = if is_new_beyond_the_limit(change, key)? { &key.clone().other() } else { key };
    let mut sum = totals_of(change, key)?.unwrap_or_default();
    sum.merge(totals);
    let GroupKey { day, tool, provider, account, payer, model } = key;
    change
        .prepare_cached(
            "INSERT OR REPLACE INTO activity_days (day, tool, provider, account, payer, model, totals)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![day, tool, provider, account, payer, model, text(&sum)])?;
    Ok(())
}

fn is_new_beyond_the_limit(change: &Transaction<'_>, key: &GroupKey) -> rusqlite::Result<bool> {
    let mut count = change.prepare_cached("SELECT count(*) FROM activity_days WHERE day = ?1")?;
    let rows: i64 = count.query_row([&key.day], |row| row.get(0))?;
    Ok(rows >= MAX_GROUPS_PER_DAY && totals_of(change, key)?.is_none())
}

/// Returns the totals of a row. Those that cannot be read count as none.
fn totals_of(change: &Transaction<'_>, key: &GroupKey) -> rusqlite::Result<Option<Totals>> {
    let GroupKey { day, tool, provider, account, payer, model } = key;
    let mut asked = change.prepare_cached(
        "SELECT totals FROM activity_days WHERE day = ?1 AND tool = ?2 AND provider = ?3 AND account = ?4
            AND payer = ?5 AND model = ?6",
    )?;
    let row = asked.query_row([day, tool, provider, account, payer, model], |row| row.get::<_, String>(0));
    Ok(row.optional()?.map(|totals| parse(&totals).unwrap_or_default()))
}

/// Adds receipts, and deletes the oldest ones beyond the limit.
fn add_receipts(change: &Transaction<'_>, receipts: &VecDeque<Receipt>, today: &str) -> rusqlite::Result<()> {
    let mut insert = change.prepare_cached("INSERT INTO activity_receipts (day, receipt) VALUES (?1, ?2)")?;
    for receipt in receipts {
        let receipt = text(receipt);
        if receipt.len() <= MAX_RECEIPT_BYTES {
            insert.execute([today, &receipt])?;
        }
    }
    change.execute(
        "DELETE FROM activity_receipts WHERE id <= (SELECT max(id) FROM activity_receipts) - ?1",
        [i64::try_from(MAX_RECEIPTS).unwrap_or(i64::MAX)],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests;
