//! Time limits that survive a suspended process.

use std::time::Duration;

use tokio::pin;
use tokio::time::timeout;

/// Extra time for a process that was suspended and resumes: its time has run out, while the response
/// may already be there, unread. Giving up on the response of a refresh would cost the sign-in.
const RESUME_GRACE: Duration = Duration::from_millis(250);

/// Returns the output of `work`, or `None` if it takes longer than `limit`.
pub(crate) async fn with_timeout<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    pin!(work);
    if let Ok(done) = timeout(limit, &mut work).await {
        return Some(done);
    }
    timeout(RESUME_GRACE, work).await.ok()
}
