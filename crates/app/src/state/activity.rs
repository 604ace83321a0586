//! What was counted of requests: totals for each day, and the receipts of the last requests.
//!
//! At most [`MAX_GROUPS_PER_DAY`] rows of about half a kilobyte for 90 days, and [`MAX_RECEIPTS`] of about as much: the
//! tables stay below 25 MB, whatever tools do.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use usher_domain::{Failure, UnixTime};

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
        id INTEGER PRIMARY KEY AUTOINCREMENT, day TEXT NOT NULL, receipt TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS activity_cleared (
        id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL);";

/// What is written at once.
pub(crate) struct ActivityBatch {
    /// When the first of its requests ended.
    pub(crate) since: UnixTime,
    pub(crate) totals: BTreeMap<GroupKey, Totals>,
    /// Oldest first.
    pub(crate) receipts: VecDeque<Receipt>,
}

/// Which days are kept, as dates.
pub(crate) struct KeptDays {
    pub(crate) today: String,
    /// The first day that is kept.
    pub(crate) oldest: String,
    /// Days before it are of long ago, however few days are kept.
    pub(crate) long_ago: String,
}

impl State {
    /// Adds what was counted, all of it or nothing, and deletes what is of days that are not kept. What was counted before all
    /// was deleted is dropped: totals whole, since their requests are not known one by one, and receipts each.
    ///
    /// Nothing is deleted when the newest day before today is of long ago: a clock that is set forward by mistake is mostly
    /// set back soon. On the next day with requests that day is no longer of long ago, and what is too old is deleted.
    pub(crate) fn keep_activity(
        &self,
        batch: &ActivityBatch,
        days: &KeptDays,
        now: UnixTime,
    ) -> Result<(), Failure> {
        let KeptDays { today, oldest, long_ago } = days;
        let keep = |db: &mut Connection| {
            // A crash of the system may lose the last write, but damages nothing.
            db.pragma_update(None, "synchronous", "NORMAL")?;
            let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let cleared = cleared_at(&change, now)?;
            let is_newer = |at: UnixTime| cleared.is_none_or(|cleared| at > cleared);
            let is_whole = is_newer(batch.since);
            for (key, totals) in batch.totals.iter().filter(|_| is_whole) {
                add(&change, key, totals)?;
            }
            let receipts = batch.receipts.iter().filter(|receipt| is_whole || is_newer(receipt.ended_at()));
            add_receipts(&change, receipts, today)?;
            if newest_day_before(&change, today)?.is_none_or(|newest| newest >= *long_ago) {
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
            if deleted > 0 {
                give_space_back(&db);
            }
            Ok(())
        };
        delete().map_err(|error| self.failed(&error))
    }

    /// Deletes all that was counted until `now`, and gives the space back. What other processes have counted until then is
    /// dropped when they write.
    pub(crate) fn clear_activity(&self, now: UnixTime) -> Result<(), Failure> {
        let mut db = self.open()?;
        let mut clear = || {
            db.pragma_update(None, "secure_delete", true)?;
            let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            set_cleared(&change, now)?;
            change.execute_batch("DELETE FROM activity_days; DELETE FROM activity_receipts")?;
            change.commit()?;
            give_space_back(&db);
            Ok(())
        };
        clear().map_err(|error| self.failed(&error))
    }

    /// Deletes all that was counted, where anything is kept.
    pub(crate) fn clear_kept_activity(&self, now: UnixTime) -> Result<(), Failure> {
        if self.has_activity()? { self.clear_activity(now) } else { Ok(()) }
    }

    /// Returns whether anything is kept.
    pub(crate) fn has_activity(&self) -> Result<bool, Failure> {
        let Some(db) = self.open_existing()? else { return Ok(false) };
        let is_kept = db.query_row(
            "SELECT EXISTS (SELECT 1 FROM activity_days) OR EXISTS (SELECT 1 FROM activity_receipts)",
            [],
            |row| row.get(0),
        );
        is_kept.map_err(|error| self.failed(&error))
    }
}

fn give_space_back(db: &Connection) {
    if let Err(error) = db.execute_batch("VACUUM") {
        tracing::info!(%error, "the space of deleted counts is used again later");
    }
}

/// Notes that all that was counted until `now` is deleted.
fn set_cleared(change: &Transaction<'_>, now: UnixTime) -> rusqlite::Result<()> {
    change.execute("INSERT OR REPLACE INTO activity_cleared (id, at) VALUES (1, ?1)", [now.0]).map(drop)
}

/// Returns until when all that was counted is deleted. A time that is yet to come is of a clock that was wrong: it becomes
/// `now`, so that counting goes on.
fn cleared_at(change: &Transaction<'_>, now: UnixTime) -> rusqlite::Result<Option<UnixTime>> {
    let row = change.query_row("SELECT at FROM activity_cleared", [], |row| row.get(0).map(UnixTime));
    let cleared = row.optional()?;
    if cleared.is_some_and(|cleared| cleared > now) {
        set_cleared(change, now)?;
    }
    Ok(cleared.map(|cleared| cleared.min(now)))
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

/// Adds totals to those of a day. A share of the plan without the requests that used it is dropped: those were deleted.
fn add(change: &Transaction<'_>, key: &GroupKey, totals: &Totals) -> rusqlite::Result<()> {
    let key = if is_new_beyond_the_limit(change, key)? { &key.clone().other() } else { key };
    let kept = totals_of(change, key)?;
    if kept.is_none() && totals.requests == 0 {
        return Ok(());
    }
    let mut sum = kept.unwrap_or_default();
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
fn add_receipts<'a>(
    change: &Transaction<'_>,
    receipts: impl Iterator<Item = &'a Receipt>,
    today: &str,
) -> rusqlite::Result<()> {
    let mut insert = change.prepare_cached("INSERT INTO activity_receipts (day, receipt) VALUES (?1, ?2)")?;
    for receipt in receipts.filter_map(text_within_limit) {
        insert.execute([today, &receipt])?;
    }
    change.execute(
        "DELETE FROM activity_receipts WHERE id <= (SELECT max(id) FROM activity_receipts) - ?1",
        [i64::try_from(MAX_RECEIPTS).unwrap_or(i64::MAX)],
    )?;
    Ok(())
}

/// Returns a receipt as it is kept, with as many names of dropped fields as there is room for.
fn text_within_limit(receipt: &Receipt) -> Option<String> {
    let mut receipt = Cow::Borrowed(receipt);
    loop {
        let text = text(&receipt);
        if text.len() <= MAX_RECEIPT_BYTES {
            return Some(text);
        }
        if !receipt.to_mut().shorten() {
            return None;
        }
    }
}

#[cfg(test)]
mod tests;
