//! What answers say in passing, written down only when it says something new, and usage, which is new often, in its turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use usher_domain::{Failure, UnixTime};
use usher_upstream::{ObservedUsage, Observer};

use crate::connection::known_usage::{followed_by, is_same_usage, with_known};
use crate::connection::recorder::{Recorder, report_unsaved};
use crate::context::run_blocking;
use crate::gateway::routes::cached_token_source::SNAPSHOT_TTL;
use crate::state::{KeptUsage, StateVersion};

/// How long what was written down stands, when only its times have moved.
const WRITE_INTERVAL: Duration = Duration::from_secs(60);

/// Hands on to a recorder what is new, on a thread that may wait for the disk.
pub(crate) struct DebouncedObserver(Arc<Shared>);

struct Shared {
    recorder: Recorder,
    version: Mutex<SeenVersion>,
    last: Mutex<Last>,
    /// Whether somebody waits for the turn to write usage.
    is_usage_due: AtomicBool,
    /// Held from reading what is kept until `last` says so. `last` itself is locked by requests, which do not wait for the
    /// disk.
    disk: Mutex<()>,
}

/// The version of the state, and when it was looked at.
#[derive(Default)]
struct SeenVersion {
    version: StateVersion,
    at: Option<Instant>,
}

#[derive(Default)]
struct Last {
    usage: Option<SeenUsage>,
    /// The usage that was kept when this process last wrote, or began to wait for its turn, and when it was seen. What is
    /// kept instead of it later comes from another one.
    kept: Option<KeptUsage>,
    etag: Option<String>,
    /// The version of the state that keeps no refusal.
    unrefused: Option<StateVersion>,
    /// The version of the state that keeps no limit as reached.
    unlimited: Option<StateVersion>,
}

#[derive(Clone)]
struct SeenUsage {
    observed: ObservedUsage,
    seen_at: UnixTime,
    at: Instant,
    /// The version of the state with it; another process may have written since. Absent until it is written.
    version: Option<StateVersion>,
}

impl DebouncedObserver {
    pub(crate) fn new(recorder: Recorder) -> Self {
        Self(Arc::new(Shared {
            recorder,
            version: Mutex::default(),
            last: Mutex::default(),
            is_usage_due: AtomicBool::new(false),
            disk: Mutex::default(),
        }))
    }

    /// Returns the newest usage that is known, and when it was seen: the one that is kept, with what waits to be written.
    /// Waits for the disk.
    pub(crate) fn newest_usage(&self) -> Option<KeptUsage> {
        let _disk = self.0.disk.lock();
        let kept = self.0.recorder.kept_usage();
        let last = self.0.last.lock();
        let unwritten = last.unwritten().filter(|seen| !self.0.is_newer(kept.as_ref(), seen, &last));
        let Some(seen) = unwritten else { return kept };
        Some(seen.with_kept(kept.as_ref()))
    }

    /// Writes usage that waits for its turn. Waits for the disk.
    pub(crate) fn write_down(&self) {
        self.0.write_usage();
    }

    fn spawn(&self, work: impl FnOnce(&Shared) + Send + 'static) {
        let shared = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&shared));
    }
}

impl Observer for DebouncedObserver {
    fn usage(&self, observed: ObservedUsage) {
        let version = self.0.state_version();
        let mut last = self.0.last.lock();
        let is_known = last.usage.as_ref().is_some_and(|seen| {
            is_same_usage(&seen.observed.usage, &observed.usage)
                && (seen.observed.reports_limit || !observed.reports_limit)
                && seen.at.elapsed() < WRITE_INTERVAL
                // Not written yet: the writer compares.
                && seen.version.as_ref().is_none_or(|written| *written == version)
        });
        if is_known {
            return;
        }
        let seen_at = self.0.recorder.clock.now();
        let observed = match last.unwritten() {
            Some(unwritten) => followed_by(&unwritten.observed, observed, seen_at),
            None => observed,
        };
        last.usage = Some(SeenUsage { observed, seen_at, at: Instant::now(), version: None });
        drop(last);
        if !self.0.is_usage_due.swap(true, Ordering::AcqRel) {
            tokio::spawn(Arc::clone(&self.0).write_usage_in_turn());
        }
    }

    fn models_etag(&self, etag: &str) {
        let mut last = self.0.last.lock();
        if last.etag.as_deref() == Some(etag) {
            return;
        }
        last.etag = Some(etag.to_owned());
        let etag = etag.to_owned();
        drop(last);
        self.spawn(move |shared| shared.recorder.models_etag(&etag));
    }

    fn refused(&self, failure: &Failure) {
        let failure = failure.clone();
        self.spawn(move |shared| shared.recorder.refused(&failure));
    }

    fn accepted(&self) {
        self.lift(|last| &mut last.unrefused, |shared| shared.recorder.accepted());
    }

    fn unlimited(&self) {
        self.0.last.lock().forget_unwritten_limit();
        self.lift(|last| &mut last.unlimited, Shared::lift_limit);
    }
}

impl DebouncedObserver {
    /// Lifts what an answer has disproved, unless that is not in this version of the state, which is written down in `known`.
    fn lift(&self, known: fn(&mut Last) -> &mut Option<StateVersion>, lift: fn(&Shared)) {
        let version = self.0.state_version();
        if known(&mut self.0.last.lock()).as_ref() == Some(&version) {
            return;
        }
        self.spawn(move |shared| {
            lift(shared);
            *known(&mut shared.last.lock()) = Some(version);
        });
    }
}

impl Last {
    fn unwritten(&self) -> Option<&SeenUsage> {
        self.usage.as_ref().filter(|seen| seen.version.is_none())
    }

    /// Forgets a limit that waits to be written: it is not reached any more.
    fn forget_unwritten_limit(&mut self) {
        let Some(seen) = self.usage.as_mut().filter(|seen| seen.version.is_none()) else { return };
        if seen.observed.usage.windows.is_empty() {
            // It came with a limit alone.
            self.usage = None;
        } else {
            seen.observed.usage.limit_reached = None;
            seen.observed.reports_limit = true;
        }
    }
}

impl Shared {
    /// Returns the version of the state. Two calls of `stat` for every answer are a tenth of what an answer costs.
    fn state_version(&self) -> StateVersion {
        let mut seen = self.version.lock();
        if seen.at.is_none_or(|at| at.elapsed() >= SNAPSHOT_TTL) {
            *seen = SeenVersion { version: self.recorder.state.version(), at: Some(Instant::now()) };
        }
        seen.version.clone()
    }

    async fn write_usage_in_turn(self: Arc<Self>) {
        self.run(Self::look_at_kept).await;
        let _turn = self.recorder.state.write_turn().await;
        self.is_usage_due.store(false, Ordering::Release);
        self.run(Self::write_usage).await;
    }

    /// Runs what waits for the disk.
    async fn run(self: &Arc<Self>, work: fn(&Self)) {
        let shared = Arc::clone(self);
        let work = move || {
            work(&shared);
            Ok(())
        };
        if let Err(failure) = run_blocking(work).await {
            tracing::warn!(cause = %failure, "the task that writes usage ended");
        }
    }

    fn lift_limit(&self) {
        let _disk = self.disk.lock();
        if let Some(lifted) = self.recorder.lift_limit() {
            self.last.lock().kept = Some(lifted);
        }
    }

    fn look_at_kept(&self) {
        let _disk = self.disk.lock();
        let kept = self.recorder.kept_usage();
        self.last.lock().kept = kept;
    }

    /// Writes the newest usage, unless it is what is kept already, or another process has seen a newer one.
    fn write_usage(&self) {
        let _disk = self.disk.lock();
        let Some(seen) = self.last.lock().unwritten().cloned() else { return };
        let changed = self.recorder.change_usage(|kept| {
            let is_outdated = self.is_newer(kept, &seen, &self.last.lock());
            (!is_outdated).then(|| seen.with_kept(kept)).filter(|usage| !is_kept(kept, usage))
        });
        let kept = match changed {
            Ok(kept) => kept,
            // It is known as before, and tried again with the next one.
            Err(failure) => return report_unsaved(Err(failure)),
        };
        *self.version.lock() = SeenVersion::default();
        let version = self.state_version();
        let mut last = self.last.lock();
        last.kept = kept;
        // Another may have been seen meanwhile; its own turn comes.
        if let Some(newest) = last.usage.as_mut().filter(|newest| newest.at == seen.at) {
            newest.version = Some(version);
        }
    }

    /// Returns whether what is `kept` was written since by another process, which saw it no earlier than this one saw
    /// `seen`. The time alone is not enough: it has whole seconds.
    fn is_newer(&self, kept: Option<&KeptUsage>, seen: &SeenUsage, last: &Last) -> bool {
        kept.is_some_and(|(kept, kept_at)| {
            let is_known =
                last.kept.as_ref().is_some_and(|(known, at)| at == kept_at && is_same_usage(known, kept));
            !is_known && (seen.seen_at.0..=self.recorder.clock.now().0).contains(&kept_at.0)
        })
    }
}

impl SeenUsage {
    /// Returns it with what is kept and it lacks.
    fn with_kept(&self, kept: Option<&KeptUsage>) -> KeptUsage {
        let known = kept.map(|(known, _)| known);
        (with_known(self.observed.clone(), known, self.seen_at), self.seen_at)
    }
}

/// Returns whether a usage is kept already, as of not long before.
fn is_kept(kept: Option<&KeptUsage>, (usage, seen_at): &KeptUsage) -> bool {
    kept.is_some_and(|(kept, kept_at)| {
        let age = u64::try_from(seen_at.since(*kept_at)).map(Duration::from_secs);
        is_same_usage(kept, usage) && age.is_ok_and(|age| age < WRITE_INTERVAL)
    })
}

#[cfg(test)]
mod tests;
