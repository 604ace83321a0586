//! Why a background process stays although the gateway is off.

use std::sync::Arc;

use tokio::sync::watch;

/// Counts the reasons to stay.
#[derive(Clone, Default)]
pub(super) struct Reasons(Arc<watch::Sender<usize>>);

/// A reason to stay, for example an open window; dropping it ends it.
pub struct StayReason(Reasons);

impl Reasons {
    /// Adds a reason.
    pub(super) fn hold(&self) -> StayReason {
        self.0.send_modify(|count| *count += 1);
        StayReason(self.clone())
    }

    /// Returns how many there are, and when that changes.
    pub(super) fn count(&self) -> watch::Receiver<usize> {
        self.0.subscribe()
    }
}

impl Drop for StayReason {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}
