//! When each pass was used last, and how much of its budget it has used. When is written down at the first use, and then
//! once a minute at most, that of all passes in one write. A budget is a promise, so what was used of one is written down each time.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{Mutex, MutexGuard};
use usher_domain::UnixTime;

use crate::context::{blocking, run_blocking};
use crate::state::State;

/// How many seconds what was written down stands.
const WRITE_INTERVAL: i64 = 60;

/// The last uses that this process knows of.
#[derive(Default)]
pub(crate) struct PassUsage {
    seen: Mutex<HashMap<String, Use>>,
    /// Whether somebody waits for the turn to write the last uses.
    is_write_due: AtomicBool,
    /// The tokens that passes with a budget have used.
    tokens: Mutex<HashMap<String, u64>>,
}

#[derive(Clone, Copy)]
struct Use {
    last: UnixTime,
    written: Option<UnixTime>,
}

impl Use {
    fn is_unwritten(self) -> bool {
        self.written != Some(self.last)
    }
}

impl PassUsage {
    /// Records that a request was authenticated with the pass `id`. Never waits for the disk.
    pub(crate) fn note(self: &Arc<Self>, id: &str, now: UnixTime, state: &Arc<State>) {
        let mut seen = self.lock();
        let written = if let Some(known) = seen.get_mut(id) {
            known.last = now;
            known.written
        } else {
            seen.insert(id.to_owned(), Use { last: now, written: None });
            None
        };
        drop(seen);
        let (usage, state) = (Arc::clone(self), Arc::clone(state));
        let Some(written) = written else {
            // People wait for it: it shows that a tool has been connected.
            tokio::task::spawn_blocking(move || usage.write_down(&state));
            return;
        };
        let is_due = !(0..WRITE_INTERVAL).contains(&now.since(written));
        if is_due && !self.is_write_due.swap(true, Ordering::AcqRel) {
            tokio::spawn(usage.write_in_turn(state));
        }
    }

    async fn write_in_turn(self: Arc<Self>, state: Arc<State>) {
        let writer = Arc::clone(&state);
        let _turn = writer.write_turn().await;
        self.is_write_due.store(false, Ordering::Release);
        let write = move || {
            self.write_down(&state);
            Ok(())
        };
        if let Err(failure) = run_blocking(write).await {
            tracing::warn!(cause = %failure, "the task that writes when passes were used last ended");
        }
    }

    /// Returns how many tokens of its budget the pass `id` has used.
    pub(crate) fn tokens(&self, id: &str, state: &State) -> u64 {
        *self.tokens.lock().entry(id.to_owned()).or_insert_with(|| blocking(|| state.pass_tokens(id)))
    }

    /// Returns the same as any process has counted it.
    pub(crate) fn tokens_now(&self, id: &str, state: &State) -> u64 {
        self.tokens(id, state).max(blocking(|| state.pass_tokens(id)))
    }

    /// Adds to the tokens of the pass `id`.
    pub(crate) fn count_tokens(&self, id: &str, more: u64, state: &State) {
        let mut all = self.tokens.lock();
        let used = all.entry(id.to_owned()).or_insert_with(|| blocking(|| state.pass_tokens(id)));
        *used = used.saturating_add(more);
        let used = *used;
        drop(all);
        if let Err(failure) = blocking(|| state.keep_pass_tokens(id, used)) {
            tracing::warn!(cause = %failure, "what was used of a budget could not be written down");
        }
    }

    /// Writes down the last uses that are not. Waits for the disk. Nothing fails for it: they are for people to look at.
    pub(crate) fn write_down(&self, state: &State) {
        let mut uses = Vec::new();
        for (id, known) in self.lock().iter_mut().filter(|(_, known)| known.is_unwritten()) {
            uses.push((id.clone(), known.last));
            known.written = Some(known.last);
        }
        if uses.is_empty() {
            return;
        }
        if let Err(failure) = state.keep_pass_uses(&uses) {
            tracing::info!(cause = %failure, "when passes were used last could not be written down");
        }
    }

    /// Returns when each pass was used last, as any process has recorded. Waits for the disk.
    pub(crate) fn all(&self, state: &State) -> HashMap<String, UnixTime> {
        let mut uses = state.pass_uses();
        for (id, known) in self.lock().iter() {
            let last = uses.entry(id.clone()).or_insert(known.last);
            *last = known.last.max(*last);
        }
        uses
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Use>> {
        self.seen.lock()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn last_uses_of_all_passes_are_written_together() {
        let folder = tempfile::tempdir().unwrap();
        let (state, usage) = (Arc::new(State::new(folder.path())), Arc::new(PassUsage::default()));
        let note = async |uses: &[(&str, i64)]| {
            for (pass, at) in uses {
                usage.note(pass, UnixTime(*at), &state);
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
            let mut written: Vec<_> = state.pass_uses().into_iter().map(|(pass, at)| (pass, at.0)).collect();
            written.sort();
            written
        };
        let first = [("one".to_owned(), 100), ("two".to_owned(), 101)];
        assert_eq!(note(&[("one", 100), ("two", 101)]).await, first, "the first use is written soon");
        assert_eq!(note(&[("one", 159), ("two", 160)]).await, first, "not again within a minute");
        let second = [("one".to_owned(), 159), ("two".to_owned(), 161)];
        assert_eq!(note(&[("two", 161)]).await, second, "what is not due is written too");
        let version = state.version();
        assert_eq!(note(&[("one", 162)]).await, second);
        assert!(state.version() == version, "so it is not due on its own soon");
        usage.note("three", UnixTime(163), &state);
        tokio::time::sleep(Duration::from_millis(10)).await;
        let third = state.pass_uses();
        assert_eq!((third["one"].0, third["three"].0), (162, 163), "the first use is written at once");
        assert_eq!(note(&[("one", 50)]).await[0].1, 162, "a clock that was set back changes nothing");
    }
}
