//! Waiting for only so long.

use std::time::Duration;

use tokio::pin;
use tokio::time::timeout;

/// What a process that was stopped gets when it goes on: its time has run out meanwhile, while the answer
/// may lie there unread. For a refresh, giving up on it would cost the sign-in.
const LAST_LOOK: Duration = Duration::from_millis(250);

/// The outcome of `work`, unless it takes longer than `patience`.
pub(crate) async fn patiently<T>(patience: Duration, work: impl Future<Output = T>) -> Option<T> {
    pin!(work);
    if let Ok(done) = timeout(patience, &mut work).await {
        return Some(done);
    }
    timeout(LAST_LOOK, work).await.ok()
}
