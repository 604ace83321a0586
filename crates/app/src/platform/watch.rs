//! Watches the home for changes by this process and by others.

use std::sync::Arc;
use std::time::Duration;

use usher_domain::AccountId;

use crate::app::App;
use crate::context::Context;

/// How often the files are checked.
///
/// Every process of a home must see a change within a second. A check costs three `stat` calls and no reads, and unlike
/// file events it also works on network homes.
const POLL_INTERVAL: Duration = Duration::from_millis(400);
/// How often pending revocations are checked; each has its own retry time.
const REVOCATION_INTERVAL: Duration = Duration::from_secs(60);

impl App {
    /// Calls `on_change` after each change of sign-ins, settings or the gateway, by this process or another. Never returns.
    pub async fn watch(self: Arc<Self>, on_change: impl Fn() + Send) {
        let mut own = self.changes();
        let stamp = || (self.stamp(), self.context.gateway_stamp());
        let mut seen = stamp();
        let mut look = tokio::time::interval(POLL_INTERVAL);
        loop {
            let changed_here = tokio::select! {
                changed = own.changed() => changed.is_ok(),
                _ = look.tick() => false,
            };
            let now = stamp();
            if changed_here || now != seen {
                seen = now;
                self.gateway.recheck.notify_one();
                on_change();
            }
        }
    }

    /// Processes pending revocations at the start and whenever one is due. Never returns.
    pub async fn process_revocations_forever(self: Arc<Self>) {
        let mut processed = self.process_pending_revocations_at_start().await;
        loop {
            if let Err(failure) = &processed {
                tracing::warn!(cause = %failure, "pending revocations could not be processed");
            }
            tokio::time::sleep(REVOCATION_INTERVAL).await;
            processed = self.process_pending_revocations().await;
        }
    }
}

impl Context {
    /// Returns when `account` is no longer stored here, whichever process disconnected it.
    pub(crate) async fn disconnected(&self, account: &AccountId) {
        let mut seen = None;
        let mut look = tokio::time::interval(POLL_INTERVAL);
        loop {
            look.tick().await;
            let stamp = Some(self.stamp());
            if stamp == seen {
                continue;
            }
            seen = stamp;
            // A store that cannot be read does not mean that the account is gone.
            if let Ok(vault) = self.vault().await
                && vault.sign_ins.iter().all(|one| one.account.id() != *account)
            {
                return;
            }
        }
    }
}
