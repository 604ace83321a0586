//! Whether somebody uses the page, so that the server can end when nobody does.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// Counts the requests that are being answered.
#[derive(Clone)]
pub(crate) struct Activity(Arc<watch::Sender<State>>);

#[derive(Clone, Copy)]
struct State {
    running: usize,
    /// When the last of them began or ended.
    last: Instant,
}

/// A request that is being answered, until it is dropped.
pub(crate) struct ActivityGuard(Activity);

impl Activity {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(State { running: 0, last: Instant::now() })))
    }

    /// Counts a request until the guard is dropped.
    pub(crate) fn begin(&self) -> ActivityGuard {
        self.0.send_modify(|state| *state = State { running: state.running + 1, last: Instant::now() });
        ActivityGuard(self.clone())
    }

    /// Returns once there was no request for `timeout`.
    pub(crate) async fn idle_for(&self, timeout: Duration) {
        let mut changes = self.0.subscribe();
        loop {
            let State { running, last } = *changes.borrow_and_update();
            let idle = async {
                if running > 0 {
                    std::future::pending::<()>().await;
                }
                sleep_until(last + timeout).await;
            };
            tokio::select! {
                () = idle => return,
                // The sender is here, so this never fails.
                _ = changes.changed() => {}
            }
        }
    }
}

impl Drop for ActivityGuard {
    fn drop(&mut self) {
        self.0.0.send_modify(|state| *state = State { running: state.running - 1, last: Instant::now() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(60);

    async fn is_idle_after(activity: &Activity, time: Duration) -> bool {
        tokio::time::timeout(time, activity.idle_for(TIMEOUT)).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn idle_begins_with_the_end_of_the_last_request() {
        let activity = Activity::new();
        let (one, other) = (activity.begin(), activity.begin());
        assert!(!is_idle_after(&activity, TIMEOUT * 10).await, "two requests are running");
        drop(one);
        assert!(!is_idle_after(&activity, TIMEOUT * 10).await, "one request is running");
        drop(other);
        assert!(!is_idle_after(&activity, TIMEOUT / 2).await);
        drop(activity.begin());
        assert!(!is_idle_after(&activity, Duration::from_secs(59)).await, "the time begins again");
        assert!(is_idle_after(&activity, Duration::from_secs(2)).await);
    }
}
