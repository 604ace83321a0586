//! Work that may wait for a disk, a lock or a keyring, off the async threads.

use usher_domain::{ErrorCode, Failure};

/// Runs `work` on a thread that may block.
pub(crate) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(Failure::new(ErrorCode::Internal, "a background task failed")))
}
