//! When each pass was used last, and how much of its budget it has used. When is written down once a minute at most: a
//! disk that is written to for each request wears out, and makes requests wait (features, section 3, no. 51). A budget is
//! a promise, so what was used of one is written down each time.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use usher_domain::UnixTime;

use crate::context::blocking;
use crate::state::State;

/// How many seconds what was written down stands.
const WRITE_INTERVAL: i64 = 60;

/// The last uses that this process knows of.
#[derive(Default)]
pub(crate) struct PassUsage {
    seen: Mutex<HashMap<String, Use>>,
    /// The tokens that passes with a budget have used.
    tokens: Mutex<HashMap<String, u64>>,
}

#[derive(Clone, Copy)]
struct Use {
    last: UnixTime,
    written: UnixTime,
}

impl PassUsage {
    /// Records that a request was authenticated with the pass `id`.
    pub(crate) fn note(&self, id: &str, now: UnixTime, state: &Arc<State>) {
        let mut seen = self.lock();
        if let Some(known) = seen.get_mut(id) {
            known.last = now;
            if now.0 - known.written.0 < WRITE_INTERVAL {
                return;
            }
            known.written = now;
        } else {
            seen.insert(id.to_owned(), Use { last: now, written: now });
        }
        drop(seen);
        let (state, id) = (Arc::clone(state), id.to_owned());
        tokio::task::spawn_blocking(move || keep(&state, &id, now));
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

    /// Writes down what is not. Waits for the disk.
    pub(crate) fn write_down(&self, state: &State) {
        for (id, known) in self.lock().iter_mut().filter(|(_, known)| known.last > known.written) {
            keep(state, id, known.last);
            known.written = known.last;
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

/// Nothing fails for it: it is for people to look at.
fn keep(state: &State, id: &str, at: UnixTime) {
    if let Err(failure) = state.keep_pass_use(id, at) {
        tracing::info!(cause = %failure, "when a pass was used last could not be written down");
    }
}
