//! How much of the plan is used: asked for, or seen in passing on any answer.

mod window_label;

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use usher_domain::{AccountId, ErrorCode, Failure, UnixTime, Usage};

use crate::connection::connector::Connector;
use crate::connection::known_usage::with_seen_meanwhile;
use crate::connection::recorder::report_unsaved;
use crate::connection::{Connection, Target};
use crate::context::{Context, blocking};
use crate::platform::links::MANAGE_USAGE;
use crate::state::{KeptUsage, UsageAsk};
use crate::view::UsageView;

pub use window_label::{window_label, window_length};

/// How many seconds after an answer the backend is not asked again.
const ASK_INTERVAL_SECONDS: i64 = 60;

/// Asks how much of a plan is used.
pub struct UsageReader {
    context: Arc<Context>,
    connector: Arc<Connector>,
    /// The accounts that are asked about now. Each is locked meanwhile.
    asking: Mutex<HashMap<AccountId, Weak<tokio::sync::Mutex<()>>>>,
}

impl UsageReader {
    pub(crate) fn new(context: Arc<Context>, connector: Arc<Connector>) -> Self {
        Self { context, connector, asking: Mutex::default() }
    }

    /// Asks the backend, unless any process of this home had its answer less than a minute ago; then it is what is kept,
    /// which responses may have brought up to date since.
    ///
    /// An ask that failed does not count, nor does one before a sign-in to the account.
    pub async fn read(&self, target: &Target) -> Result<UsageView, Failure> {
        let connection = self.connector.connect(target).await?;
        // Who waited for the answer to another finds it.
        let asking = self.asking_about(&connection.scope.key());
        let _turn = asking.lock().await;
        match blocking(|| self.recent(&connection)) {
            Some(recent) => Ok(recent),
            None => self.ask(&connection).await,
        }
    }

    /// Returns the lock of those who ask about an account.
    fn asking_about(&self, account: &AccountId) -> Arc<tokio::sync::Mutex<()>> {
        let mut asking = self.asking.lock();
        asking.retain(|_, lock| lock.strong_count() > 0);
        let lock = asking.get(account).and_then(Weak::upgrade).unwrap_or_default();
        asking.insert(account.clone(), Arc::downgrade(&lock));
        lock
    }

    /// Asks the backend, whenever it was asked before.
    pub async fn fetch(&self, target: &Target) -> Result<UsageView, Failure> {
        self.ask(&self.connector.connect(target).await?).await
    }

    /// Returns what is kept, if the backend was asked with the same credential less than a minute ago.
    fn recent(&self, connection: &Connection) -> Option<UsageView> {
        let (state, account) = (&self.context.state, connection.scope.key());
        let ask = state.usage_ask(&account).filter(|ask| ask.credential == connection.credential)?;
        let age = self.context.clock.now().since(ask.at);
        let (usage, seen_at) = state.usage(&account).filter(|_| (0..ASK_INTERVAL_SECONDS).contains(&age))?;
        Some(UsageView::new(usage, seen_at))
    }

    async fn ask(&self, connection: &Connection) -> Result<UsageView, Failure> {
        let account = connection.scope.key();
        let asked_at = self.context.clock.now();
        let usage = self.connector.backend(connection)?.usage().await?.ok_or_else(|| {
            let cause = match &connection.account {
                // siwc §12.
                Some(account) => format!(
                    "OpenAI does not tell apps how much of the plan of {} is used; it is shown at {MANAGE_USAGE}",
                    account.name
                ),
                None => format!("{} is paid by use and does not tell how much is left", connection.name),
            };
            Failure::new(ErrorCode::BadUsage, cause)
        })?;
        let now = self.context.clock.now();
        let view = blocking(|| {
            let view = self.keep(&account, usage, asked_at, now);
            let ask = UsageAsk { at: now, credential: connection.credential.clone() };
            report_unsaved(self.context.state.keep_usage_ask(&account, &ask));
            view
        });
        self.context.changed();
        Ok(view)
    }

    /// Keeps the answer to a question of `asked_at`.
    fn keep(&self, account: &AccountId, answer: Usage, asked_at: UnixTime, now: UnixTime) -> UsageView {
        let kept = self
            .context
            .state
            .change_usage(account, |kept| Some(with_answer(kept, answer.clone(), asked_at, now)));
        let (usage, seen_at) = kept
            .unwrap_or_else(|failure| {
                report_unsaved(Err(failure));
                None
            })
            .unwrap_or((answer, now));
        UsageView::new(usage, seen_at)
    }
}

/// Returns what is known after an answer that came `now` to a question of `asked_at`: it may be older than what a response
/// reported meanwhile.
fn with_answer(kept: Option<&KeptUsage>, answer: Usage, asked_at: UnixTime, now: UnixTime) -> KeptUsage {
    let is_newer = |at: UnixTime| (asked_at.0 + 1..=now.0).contains(&at.0);
    match kept.filter(|(_, at)| is_newer(*at)) {
        Some((seen, _)) => (with_seen_meanwhile(answer, seen), now),
        None => (answer, now),
    }
}

#[cfg(test)]
mod tests {
    use usher_domain::{LimitReached, UsageWindow};

    use super::*;

    const ASKED: UnixTime = UnixTime(100);
    const NOW: UnixTime = UnixTime(103);

    fn usage(windows: &[(u64, f64)], limit_reached: Option<&str>) -> Usage {
        let window = |&(window_seconds, used_percent): &(u64, f64)| UsageWindow {
            window_seconds,
            used_percent,
            resets_at: Some(UnixTime(900)),
            meter: None,
        };
        let limit = |reason: &str| LimitReached { reason: reason.into(), resets_at: Some(UnixTime(900)) };
        Usage {
            windows: windows.iter().map(window).collect(),
            limit_reached: limit_reached.map(limit),
            ..Usage::default()
        }
    }

    #[test]
    fn what_a_response_reported_while_the_usage_was_asked_for_stays() {
        let answer = || usage(&[(60, 90.0), (600, 10.0)], None);
        let seen = |at| (usage(&[(60, 100.0), (600, 7.0)], Some("used up")), UnixTime(at));
        let kept = |kept: Option<&KeptUsage>| with_answer(kept, answer(), ASKED, NOW);
        assert_eq!(kept(None), (answer(), NOW));
        for other in [7, 99, 100, 104] {
            assert_eq!(kept(Some(&seen(other))), (answer(), NOW), "{other}: before, or by a wrong clock");
        }
        let both = usage(&[(60, 100.0), (600, 10.0)], Some("used up"));
        for meanwhile in [101, 103] {
            assert_eq!(kept(Some(&seen(meanwhile))), (both.clone(), NOW), "{meanwhile}");
        }
    }
}
