//! What answers say in passing, written down only when it says something new: a disk that is written to for each
//! request wears out, and makes requests wait (features, section 3, no. 51).

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use usher_domain::{Failure, Usage};
use usher_upstream::Observer;

use crate::connection::recorder::{Recorder, is_same_usage};
use crate::gateway::routes::cached_token_source::SNAPSHOT_TTL;
use crate::state::StateVersion;

/// How long what was written down stands, when only its times have moved.
const WRITE_INTERVAL: Duration = Duration::from_secs(60);

/// Hands on to a recorder what is new, on a thread that may wait for the disk.
pub(crate) struct DebouncedObserver(Arc<Shared>);

struct Shared {
    recorder: Recorder,
    version: Mutex<SeenVersion>,
    last: Mutex<Last>,
    /// Held while usage is written, so that the newest one is written last.
    writing: Mutex<()>,
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
    etag: Option<String>,
    /// The version of the state that keeps no refusal.
    unrefused: Option<StateVersion>,
    /// The version of the state that keeps no limit as reached.
    unlimited: Option<StateVersion>,
}

struct SeenUsage {
    usage: Usage,
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
            writing: Mutex::default(),
        }))
    }

    /// Returns the newest usage while it waits to be written, if it has windows.
    pub(crate) fn unwritten_usage(&self) -> Option<Usage> {
        let last = self.0.last.lock();
        let seen = last.usage.as_ref().filter(|seen| seen.version.is_none())?;
        (!seen.usage.windows.is_empty()).then(|| seen.usage.clone())
    }

    fn spawn(&self, work: impl FnOnce(&Shared) + Send + 'static) {
        let shared = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&shared));
    }
}

impl Observer for DebouncedObserver {
    fn usage(&self, usage: Usage) {
        let version = self.0.state_version();
        let mut last = self.0.last.lock();
        let is_known = last.usage.as_ref().is_some_and(|seen| {
            is_same_usage(&seen.usage, &usage)
                && seen.at.elapsed() < WRITE_INTERVAL
                // Not written yet: the writer compares.
                && seen.version.as_ref().is_none_or(|written| *written == version)
        });
        if is_known {
            return;
        }
        last.usage = Some(SeenUsage { usage, at: Instant::now(), version: None });
        drop(last);
        self.spawn(Shared::write_usage);
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
        self.lift(|last| &mut last.unrefused, Recorder::accepted);
    }

    fn unlimited(&self) {
        self.lift(|last| &mut last.unlimited, Recorder::unlimited);
    }
}

impl DebouncedObserver {
    /// Lets the recorder lift what an answer has disproved, unless that is not in this version of the state, which is
    /// written down in `known`.
    fn lift(&self, known: fn(&mut Last) -> &mut Option<StateVersion>, lift: fn(&Recorder)) {
        let version = self.0.state_version();
        if known(&mut self.0.last.lock()).as_ref() == Some(&version) {
            return;
        }
        self.spawn(move |shared| {
            lift(&shared.recorder);
            *known(&mut shared.last.lock()) = Some(version);
        });
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

    /// Writes the newest usage, unless it is what is kept already.
    fn write_usage(&self) {
        let _turn = self.writing.lock();
        let newest = self.last.lock().usage.as_ref().map(|seen| (seen.usage.clone(), seen.at));
        let Some((usage, at)) = newest else { return };
        self.recorder.usage_unless_kept(usage, WRITE_INTERVAL);
        *self.version.lock() = SeenVersion::default();
        let version = self.state_version();
        // Another may have been seen meanwhile; its own turn comes.
        if let Some(seen) = self.last.lock().usage.as_mut().filter(|seen| seen.at == at) {
            seen.version = Some(version);
        }
    }
}
