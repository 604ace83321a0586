//! An authorization that is asked for once and used for many requests, as long as nothing has changed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use usher_auth::{FileVersion, REFRESH_RETRY_SECONDS, Store};
use usher_domain::ports::{Authorization, BoxFuture, Clock, TokenSource};
use usher_domain::{ErrorCode, Failure};

/// The token is requested again this long before it expires: a little before it is refreshed (protocol §3.2).
const MARGIN_SECONDS: i64 = 6 * 60;

/// How long a snapshot of the files is used without checking whether they changed.
///
/// One request reads the snapshot several times. A program that changes a file takes longer than this to exit, so its
/// change is always seen by the next request.
pub(crate) const SNAPSHOT_TTL: Duration = Duration::from_millis(2);

/// Remembers what `inner` hands out while the sealed store stays as it is. Reading the store takes longer than all
/// else that is done for a request.
pub(crate) struct CachedTokenSource {
    inner: Arc<dyn TokenSource>,
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    last: Mutex<Option<Last>>,
}

/// The authorization last handed out, the version of the store it came from, and when that version was last checked.
struct Last {
    checked_at: Instant,
    stamp: Option<FileVersion>,
    authorization: Authorization,
}

impl CachedTokenSource {
    pub(crate) fn new(inner: Arc<dyn TokenSource>, store: Arc<Store>, clock: Arc<dyn Clock>) -> Self {
        Self { inner, store, clock, last: Mutex::default() }
    }

    fn last(&self) -> Option<Authorization> {
        let mut last = self.last.lock();
        let Last { checked_at, stamp, authorization } = last.as_mut()?;
        if authorization.expires_at.is_some_and(|end| end <= self.clock.now().plus(MARGIN_SECONDS)) {
            return None;
        }
        if checked_at.elapsed() >= SNAPSHOT_TTL {
            let now = Instant::now();
            if *stamp != self.store.file_version() {
                return None;
            }
            *checked_at = now;
        }
        Some(authorization.clone())
    }

    async fn ask(&self) -> Result<Authorization, Failure> {
        // Taken before, so that a change while we ask is seen the next time.
        let (checked_at, stamp) = (Instant::now(), self.store.file_version());
        let authorization = self.inner.authorization().await.map_err(|failure| self.with_retry(failure))?;
        let last = Last { checked_at, stamp, authorization: authorization.clone() };
        *self.last.lock() = Some(last);
        Ok(authorization)
    }

    /// Adds when the next refresh may be sent after one that did not reach the server. Programs that try again sooner, as
    /// most do by themselves, are all answered with the same failure, and give up.
    fn with_retry(&self, failure: Failure) -> Failure {
        let is_of_network = matches!(
            failure.code,
            ErrorCode::Offline | ErrorCode::Dns | ErrorCode::Proxy | ErrorCode::Tls | ErrorCode::Timeout
        );
        if !is_of_network || failure.retry_at.is_some() {
            return failure;
        }
        failure.with_retry_at(Some(self.clock.now().plus(REFRESH_RETRY_SECONDS)))
    }
}

impl TokenSource for CachedTokenSource {
    fn authorization(&self) -> BoxFuture<'_, Result<Authorization, Failure>> {
        Box::pin(async {
            match self.last() {
                Some(authorization) => Ok(authorization),
                None => self.ask().await,
            }
        })
    }

    fn after_unauthorized<'a>(
        &'a self,
        used: &'a Authorization,
    ) -> BoxFuture<'a, Result<Authorization, Failure>> {
        *self.last.lock() = None;
        Box::pin(async {
            self.inner.after_unauthorized(used).await.map_err(|failure| self.with_retry(failure))
        })
    }
}
