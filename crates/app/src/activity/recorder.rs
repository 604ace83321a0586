//! Counts the requests of this process's gateway in memory, and writes the counts down once in a while.
//!
//! A request only adds to what is in memory; it never waits for the disk. One task writes, seldom while requests come and
//! never while none do. What it could not write it keeps, within bounds, and tries again.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::sleep;
use usher_domain::{Failure, UnixTime};
use usher_gateway::RequestRecord;

use crate::activity::period;
use crate::activity::receipt::Receipt;
use crate::activity::totals::{GroupKey, Totals};
use crate::activity::window_share::WindowShares;
use crate::context::{Context, blocking, run_blocking};
use crate::state::{ActivityBatch, MAX_RECEIPTS, State};

/// How long the first request after a pause waits to be written with those that follow.
const COLLECT_FOR: Duration = Duration::from_secs(1);
/// How long nothing is written after a write: a disk that is written to all the time wears out, and other processes read
/// what they show again after each change.
const PAUSE: Duration = Duration::from_secs(9);
/// How long after a write that failed the next one is tried.
const RETRY: Duration = Duration::from_secs(60);
/// Most groups in memory; what more there is is added up as other.
const MAX_PENDING_GROUPS: usize = 500;
/// Most receipts in memory; older ones are dropped, which the totals are not.
const MAX_PENDING_RECEIPTS: usize = 2000;

/// Counts requests.
#[derive(Default)]
pub(crate) struct ActivityRecorder {
    pending: Mutex<Pending>,
    /// Something is there to be written.
    news: Notify,
    /// Held while something is written, so that what comes back after a failure is in order.
    writing: Mutex<()>,
}

#[derive(Default)]
struct Pending {
    /// When the first request ended of those that are not written yet.
    since: Option<UnixTime>,
    /// From when on requests are counted, since this process deleted all before. Times are whole seconds: those that end in
    /// the second of the deletion count as ended in the next.
    counts_from: Option<UnixTime>,
    totals: BTreeMap<GroupKey, Totals>,
    receipts: VecDeque<Receipt>,
    shares: WindowShares,
}

impl ActivityRecorder {
    /// Counts a request that has ended by `now`. Never waits for the disk.
    pub(crate) fn note(&self, request: &RequestRecord, now: UnixTime) {
        let Some(end) = &request.end else { return };
        let key = GroupKey::of(request, period::day_of(request.since));
        let receipt = Receipt::of(request, end);
        let mut pending = self.pending.lock();
        pending.begins(now);
        pending.add(key.clone(), &Totals::of(end));
        if let Some((earlier, share)) = pending.shares.observe(&key, &end.response.windows, now) {
            pending.add(earlier, &share);
        }
        pending.receipts.push_back(receipt);
        pending.limit_receipts();
        drop(pending);
        self.news.notify_one();
    }

    /// Writes what is counted, until it is dropped.
    pub(crate) async fn write_forever(self: &Arc<Self>, context: &Arc<Context>) -> Infallible {
        loop {
            self.news.notified().await;
            sleep(COLLECT_FOR).await;
            let turn = context.state.write_turn().await;
            let (recorder, context) = (Arc::clone(self), Arc::clone(context));
            let written = run_blocking(move || recorder.write(&context)).await;
            drop(turn);
            match written {
                Ok(()) => sleep(PAUSE).await,
                Err(failure) => {
                    tracing::warn!(cause = %failure, "what was counted of requests could not be written down yet");
                    sleep(RETRY).await;
                    self.news.notify_one();
                }
            }
        }
    }

    /// Writes what is counted now. Nothing fails for it: it is for people to look at.
    pub(crate) fn write_down(&self, context: &Context) {
        if let Err(failure) = blocking(|| self.write(context)) {
            tracing::info!(cause = %failure, "what was counted of requests could not be written down");
        }
    }

    /// Deletes all that was counted, here and by other processes. Waits for the disk.
    pub(crate) fn clear(&self, state: &State, now: UnixTime) -> Result<(), Failure> {
        let _turn = self.writing.lock();
        state.clear_activity(now)?;
        let mut pending = self.pending.lock();
        drop(pending.take());
        pending.counts_from = Some(now.plus(1));
        Ok(())
    }

    /// Writes what is counted now. Waits for the disk.
    fn write(&self, context: &Context) -> Result<(), Failure> {
        let days = || context.read_settings().map_or(period::KEPT_DAYS, |settings| settings.activity_days());
        self.write_to(&context.state, days, context.clock.now())
    }

    /// Writes what is counted to `state`, which keeps it for as many days as `days` returns.
    fn write_to(&self, state: &State, days: impl FnOnce() -> u32, now: UnixTime) -> Result<(), Failure> {
        let _turn = self.writing.lock();
        let Some(batch) = self.pending.lock().take() else { return Ok(()) };
        let written = match days() {
            0 => state.clear_kept_activity(now),
            days => state.keep_activity(&batch, &period::kept_days(days, now), now),
        };
        if written.is_err() {
            self.pending.lock().put_back(batch);
        }
        written
    }
}

impl Pending {
    fn begins(&mut self, at: UnixTime) {
        let at = self.counts_from.map_or(at, |from| at.max(from));
        self.since = Some(self.since.map_or(at, |since| since.min(at)));
    }

    /// Takes what is to be written; `None` where that is nothing.
    fn take(&mut self) -> Option<ActivityBatch> {
        let since = self.since.take()?;
        Some(ActivityBatch {
            since,
            totals: mem::take(&mut self.totals),
            receipts: mem::take(&mut self.receipts),
        })
    }

    fn add(&mut self, key: GroupKey, totals: &Totals) {
        let is_full = self.totals.len() >= MAX_PENDING_GROUPS && !self.totals.contains_key(&key);
        let key = if is_full { key.other() } else { key };
        self.totals.entry(key).or_default().merge(totals);
    }

    fn limit_receipts(&mut self) {
        let too_many = self.receipts.len().saturating_sub(MAX_PENDING_RECEIPTS.min(MAX_RECEIPTS));
        self.receipts.drain(..too_many);
    }

    /// Adds what could not be written, which is older.
    fn put_back(&mut self, batch: ActivityBatch) {
        self.begins(batch.since);
        for (key, totals) in batch.totals {
            self.add(key, &totals);
        }
        let newer = mem::replace(&mut self.receipts, batch.receipts);
        self.receipts.extend(newer);
        self.limit_receipts();
    }
}

#[cfg(test)]
mod tests;
