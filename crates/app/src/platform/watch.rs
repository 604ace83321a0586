//! Tells a window that something changed, whoever changed it.

use std::sync::Arc;
use std::time::Duration;

use usher_domain::AccountId;

use crate::app::App;

/// How often the files are looked at: twice, well within the second in which every process of a home is to
/// have seen a change. It costs three calls for file data, no reads.
const LOOK_EVERY: Duration = Duration::from_millis(400);
/// How often owed revocations are looked at; each has its own pause.
const SETTLE_EVERY: Duration = Duration::from_secs(60);

impl App {
    /// Ends when `account` is no longer kept here, whoever disconnected it.
    pub(crate) async fn disconnected(&self, account: &AccountId) {
        let mut seen = None;
        let mut look = tokio::time::interval(LOOK_EVERY);
        loop {
            look.tick().await;
            let stamp = Some(self.stamp());
            if stamp == seen {
                continue;
            }
            seen = stamp;
            // A store that cannot be read says nothing of anybody's end.
            if let Ok(standings) = self.standings().await
                && standings.sign_ins.iter().all(|one| one.account.id() != *account)
            {
                return;
            }
        }
    }

    /// Calls `on_change` after each change of sign-ins, settings or the gateway, by this process or another. Never ends.
    pub async fn watch(self: Arc<Self>, on_change: impl Fn() + Send) {
        let mut own = self.changes();
        let stamp = || (self.stamp(), self.gateway_stamp());
        let mut seen = stamp();
        let mut look = tokio::time::interval(LOOK_EVERY);
        loop {
            let told = tokio::select! {
                changed = own.changed() => changed.is_ok(),
                _ = look.tick() => false,
            };
            let now = stamp();
            if told || now != seen {
                seen = now;
                self.gateway.look_again.notify_one();
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
