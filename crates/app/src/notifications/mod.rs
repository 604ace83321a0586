//! Notifies the person of what happens to the limits of their plan: near a limit, at it, after its reset, and before a reset
//! in reserve expires. Each once, also across restarts.
//!
//! Nothing is asked for it: usage is what responses, `usher usage` and the window have seen, and the time of a reset is
//! known without a request.

mod due;
mod texts;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use usher_domain::ports::BoxFuture;
use usher_domain::{AccountId, Failure, UnixTime};

use self::due::{Due, Review, review};
use crate::context::{Context, blocking};
use crate::providers::kinds::CODEX_CLI;
use crate::state::Notified;

/// How long nothing is tried after a notification that could not be shown.
const RETRY_INTERVAL: Duration = Duration::from_secs(600);

/// How often the clock is looked at while a reset is waited for: a timer stands still while the computer sleeps.
const CLOCK_INTERVAL: Duration = Duration::from_secs(30);

/// A notification, in plain text. Its body may hold names that strangers chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The first line.
    pub title: String,
    /// The rest.
    pub body: String,
}

/// Shows notifications on the desktop.
pub trait NotificationServer: Send + Sync {
    /// Returns whether there is a server that can show one.
    fn is_ready(&self) -> BoxFuture<'_, bool>;
    /// Shows a notification. The error says why it was not shown.
    fn show<'a>(&'a self, notification: &'a Notification) -> BoxFuture<'a, Result<(), String>>;
}

/// Notifies the person of the limits of their plan.
pub struct Notifications {
    context: Arc<Context>,
}

impl Notifications {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// Notifies until the process ends. `changed` is notified after each change of the home. Only one process of a home may
    /// do this.
    pub async fn run_forever(&self, server: &dyn NotificationServer, changed: &Notify) {
        let mut unsaved = HashSet::new();
        let mut paused_until = None;
        loop {
            let all = if is_past(paused_until) { self.reviews(&unsaved) } else { Vec::new() };
            let next = all.iter().filter_map(|(_, review)| review.next).min();
            if all.iter().any(|(_, review)| !review.due.is_empty() || !review.obsolete.is_empty()) {
                let is_shown = self.notify(server, all, &mut unsaved).await;
                paused_until = (!is_shown).then(|| Instant::now() + RETRY_INTERVAL);
            }
            tokio::select! {
                () = changed.notified() => {}
                () = self.until(next) => {}
                () = after(paused_until) => {}
            }
        }
    }

    /// Reviews every account, unless the person does not want notifications. `unsaved` is what could not be kept.
    fn reviews(&self, unsaved: &HashSet<(String, Notified)>) -> Vec<(AccountId, Review)> {
        blocking(|| {
            if !self.context.read_settings().is_ok_and(|settings| settings.notifications()) {
                return Vec::new();
            }
            let mut notified = match self.context.state.notified() {
                Ok(notified) => notified,
                Err(failure) => {
                    tracing::warn!(cause = %failure, "nobody is notified: what was shown before cannot be read");
                    return Vec::new();
                }
            };
            for (account, one) in unsaved {
                notified.entry(account.clone()).or_default().insert(0, one.clone());
            }
            let now = self.context.clock.now();
            let usage = self.context.state.all_usage();
            let known = |account: &str| notified.get(account).map(Vec::as_slice).unwrap_or_default();
            usage
                .iter()
                .map(|(account, usage)| (AccountId(account.clone()), review(usage, known(account), now)))
                .collect()
        })
    }

    /// Shows what is due. Returns false when a notification could not be shown.
    async fn notify(
        &self,
        server: &dyn NotificationServer,
        reviews: Vec<(AccountId, Review)>,
        unsaved: &mut HashSet<(String, Notified)>,
    ) -> bool {
        for (account, one) in
            reviews.iter().flat_map(|(account, review)| review.obsolete.iter().map(move |one| (account, one)))
        {
            unsaved.remove(&(account.0.clone(), one.clone()));
            report(blocking(|| self.context.state.forget_notified(account, one)));
        }
        if reviews.iter().all(|(_, review)| review.due.is_empty()) {
            return true;
        }
        if !server.is_ready().await {
            return false;
        }
        let names = match self.names().await {
            Ok(names) => names,
            Err(failure) => {
                tracing::info!(cause = %failure, "nobody is notified: the accounts cannot be read");
                return false;
            }
        };
        let mut is_shown = true;
        for (account, review) in reviews {
            // What was seen of an account that is no longer there is no news.
            let Some(name) = names.get(&account) else { continue };
            for due in review.due {
                is_shown &= self.show(server, &account, name, &due, unsaved).await;
            }
        }
        is_shown
    }

    /// Shows one notification. It is kept first, so that it is not repeated when this process is killed meanwhile.
    async fn show(
        &self,
        server: &dyn NotificationServer,
        account: &AccountId,
        name: &str,
        due: &Due,
        unsaved: &mut HashSet<(String, Notified)>,
    ) -> bool {
        for one in &due.kept {
            let kept = blocking(|| self.context.state.keep_notified(account, one));
            if kept.is_err() {
                unsaved.insert((account.0.clone(), one.clone()));
            }
            report(kept);
        }
        let notification =
            texts::notification(self.context.language(), &due.event, name, self.context.clock.now());
        match server.show(&notification).await {
            Ok(()) => true,
            Err(cause) => {
                tracing::warn!(cause, "a notification could not be shown");
                false
            }
        }
    }

    /// Returns the accounts with their names; where the person hides these, with those that stand in their place.
    async fn names(&self) -> Result<HashMap<AccountId, String>, Failure> {
        let vault = self.context.vault().await?;
        let accounts = vault.sign_ins.iter().map(|one| (one.account.id(), one.account.name()));
        let codex = (AccountId(CODEX_CLI.to_string()), "Codex CLI".to_owned());
        Ok(accounts.chain([codex]).collect())
    }

    /// Waits until a time of the clock; without one forever.
    async fn until(&self, time: Option<UnixTime>) {
        let Some(time) = time else { return std::future::pending().await };
        loop {
            let left = time.since(self.context.clock.now());
            let Ok(left @ 1..) = u64::try_from(left) else { return };
            tokio::time::sleep(CLOCK_INTERVAL.min(Duration::from_secs(left))).await;
        }
    }
}

fn is_past(time: Option<Instant>) -> bool {
    time.is_none_or(|time| time <= Instant::now())
}

/// Waits until a moment; without one forever.
async fn after(time: Option<Instant>) {
    match time {
        Some(time) if time > Instant::now() => tokio::time::sleep_until(time).await,
        _ => std::future::pending().await,
    }
}

fn report(kept: Result<(), Failure>) {
    if let Err(failure) = kept {
        tracing::warn!(cause = %failure, "what was shown may be shown again after a restart");
    }
}
