//! When each pass was used last. Written down once a minute at most: a disk that is written to for each request wears
//! out, and makes requests wait (features, section 3, no. 51).

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use usher_domain::UnixTime;

use crate::state::State;

/// How many seconds what was written down stands.
const WRITE_INTERVAL: i64 = 60;

/// The last uses that this process knows of.
#[derive(Default)]
pub(crate) struct PassUsage {
    seen: Mutex<HashMap<String, Use>>,
}

#[derive(Clone, Copy)]
struct Use {
    last: UnixTime,
    written: UnixTime,
}

impl PassUsage {
    /// Records that a request was authenticated with the pass `id`.
    pub(super) fn note(&self, id: &str, now: UnixTime, state: &Arc<State>) {
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

    /// Writes down what is not. Waits for the disk.
    pub(super) fn write_down(&self, state: &State) {
        for (id, known) in self.lock().iter_mut().filter(|(_, known)| known.last > known.written) {
            keep(state, id, known.last);
            known.written = known.last;
        }
    }

    /// Returns when each pass was used last, as any process has recorded. Waits for the disk.
    pub(super) fn all(&self, state: &State) -> HashMap<String, UnixTime> {
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
