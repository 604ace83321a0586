//! Watches the home for changes by this process and by others.

use std::sync::Arc;
use std::time::Duration;

use usher_domain::AccountId;

use crate::context::Context;
use crate::gateway::{GatewayController, GatewayPasses, gateway_stamp};

/// How often the files are checked.
///
/// Every process of a home must see a change within a second, and one that only waits should cost nothing that can be
/// measured. A check costs eleven `stat` calls and no reads but of the names of runs, and unlike file events it also
/// works on network homes.
const POLL_INTERVAL: Duration = Duration::from_millis(750);

/// Watches the home.
pub struct HomeWatcher {
    context: Arc<Context>,
    gateway: Arc<GatewayController>,
    passes: Arc<GatewayPasses>,
}

impl HomeWatcher {
    pub(crate) fn new(
        context: Arc<Context>,
        gateway: Arc<GatewayController>,
        passes: Arc<GatewayPasses>,
    ) -> Self {
        Self { context, gateway, passes }
    }

    /// Calls `on_change` after each change of sign-ins, settings, the gateway or what was seen last (limits, model lists,
    /// refused keys), by this process or another. Never returns.
    pub async fn watch(&self, on_change: impl Fn() + Send) {
        let mut own = self.context.changes();
        let store = &self.context.store;
        // Permissions change no time of a file.
        let beside = || (store.key_file_version(), store.open_to_others());
        // The file of a run stays when its process is killed; only its lock is free then.
        let runs = || self.passes.lasting_runs();
        let gateway = || gateway_stamp(&self.context);
        let stamp = || (self.context.stamp(), gateway(), self.context.state.version(), beside(), runs());
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
}

/// Returns when `account` is no longer stored here, whichever process disconnected it.
pub(crate) async fn disconnected(context: &Context, account: &AccountId) {
    let mut seen = None;
    let mut look = tokio::time::interval(POLL_INTERVAL);
    loop {
        look.tick().await;
        let stamp = Some(context.stamp());
        if stamp == seen {
            continue;
        }
        seen = stamp;
        // A store that cannot be read does not mean that the account is gone.
        if let Ok(vault) = context.vault().await
            && vault.sign_ins.iter().all(|one| one.account.id() != *account)
        {
            return;
        }
    }
}
