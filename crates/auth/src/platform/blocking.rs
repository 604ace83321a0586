//! Blocking work outside the async threads.

use usher_domain::{ErrorCode, Failure};

/// Runs `work` on a thread that may block: on a disk, a lock or a keyring.
///
/// Fails with [`ErrorCode::Internal`] when `work` panics.
pub async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(Failure::new(ErrorCode::Internal, "a background task failed").with_source(error))
    })
}
