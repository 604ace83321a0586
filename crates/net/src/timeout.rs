//! Waiting for only so long.

use std::time::Duration;

use tokio::pin;
use tokio::time::timeout;

/// What a process that was stopped gets when it goes on: its time has run out meanwhile, while the answer
/// may lie there unread. For a refresh, giving up on it would cost the sign-in.
const RESUME_GRACE: Duration = Duration::from_millis(250);

/// The outcome of `work`, unless it takes longer than `timeout`.
pub(crate) async fn with_timeout<T>(patience: Duration, work: impl Future<Output = T>) -> Option<T> {
    pin!(work);
    if let Ok(done) = timeout(patience, &mut work).await {
        return Some(done);
    }
    timeout(RESUME_GRACE, work).await.ok()
}
