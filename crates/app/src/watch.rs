//! Tells a window that something changed, whoever changed it.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;

/// How often the files are looked at: twice, well within the second in which every process of a home is to
/// have seen a change. It costs two calls for file data, no reads.
const LOOK_EVERY: Duration = Duration::from_millis(400);
/// How often owed revocations are looked at; each has its own pause.
const SETTLE_EVERY: Duration = Duration::from_secs(60);

impl App {
    /// Calls `on_change` after each change of sign-ins or settings, by this process or another. Never ends.
    pub async fn watch(self: Arc<Self>, on_change: impl Fn() + Send) {
        let mut own = self.changes();
        let mut seen = self.stamp();
        let mut look = tokio::time::interval(LOOK_EVERY);
        loop {
            let told = tokio::select! {
                changed = own.changed() => changed.is_ok(),
                _ = look.tick() => false,
            };
            let stamp = self.stamp();
            if told || stamp != seen {
                seen = stamp;
                on_change();
            }
        }
    }

    /// Makes the revocations that are owed, at the start and whenever one is due. Never ends.
    pub async fn keep_settling(self: Arc<Self>) {
        let mut settled = self.settle_revocations_at_start().await;
        loop {
            if let Err(failure) = &settled {
                tracing::warn!(cause = %failure, "revocations could not be settled");
            }
            tokio::time::sleep(SETTLE_EVERY).await;
            settled = self.settle_revocations().await;
        }
    }
}
