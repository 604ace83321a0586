//! What a window knows of the background process.

use std::time::Duration;

use tokio::time::Instant;
use usher_domain::{ErrorCode, Failure};

/// A process that ends sooner than this, and not in order, may do so each time.
pub(super) const MIN_LIFE: Duration = Duration::from_secs(10);

/// How many of them in a row are the last that is started.
pub(super) const MAX_EARLY_ENDS: u32 = 2;

#[derive(Default)]
pub(in crate::background) struct State {
    /// Why it could not be started, until the person decides again.
    pub(super) failed: Option<Failure>,
    /// Somebody ended it in order; nothing is started until the person decides again.
    pub(in crate::background) ended: bool,
    /// How many processes have ended early, one after the other.
    early_ends: u32,
    /// The process that runs is of another version: an older one that answers requests, or a newer one.
    pub(super) is_other_version: bool,
    /// The newer process, as it was seen while it ran.
    pub(super) newer: Option<Sightings>,
    /// A tray shows the icon of the process that the window is connected to.
    pub(super) has_tray: bool,
}

/// When a process was seen first and last.
pub(super) struct Sightings {
    pub(super) first: Instant,
    last: Instant,
}

impl State {
    /// Forgets how processes ended. What runs now is as it was.
    pub(super) fn forget_ends(&mut self) {
        (self.failed, self.ended, self.early_ends) = (None, false, 0);
    }

    /// Notes that a newer process runs. How earlier ones ended counts no more, as for one that the window follows.
    pub(super) fn note_newer(&mut self) {
        let now = Instant::now();
        (self.failed, self.ended) = (None, false);
        self.newer.get_or_insert(Sightings { first: now, last: now }).last = now;
    }

    /// Notes that no process runs any more, and counts the end of a newer one.
    pub(super) fn note_none(&mut self) {
        if let Some(seen) = self.newer.take() {
            self.count_end(seen.last - seen.first);
        }
    }

    /// Counts the end of a process. It is a failure when too many have ended early, and nobody ended this one in order.
    pub(super) fn count_end(&mut self, life: Duration) {
        self.early_ends = if life < MIN_LIFE { self.early_ends + 1 } else { 0 };
        if !self.ended && self.early_ends >= MAX_EARLY_ENDS {
            let why = "the background process ended unexpectedly; see its log";
            self.failed = Some(Failure::new(ErrorCode::Internal, why));
        }
    }
}
