//! A service on a bus that reports whether the screen is locked.

use std::time::Duration;

use zbus::Connection;
use zbus::fdo::{DBusProxy, NameOwnerChangedStream};

/// How long a service is not looked for again that was not found, or has gone.
const RETRY_INTERVAL: Duration = Duration::from_secs(60);

/// How many signals may wait.
pub(super) const MAX_WAITING: usize = 16;

/// A service that reports whether the screen is locked.
pub(super) trait Service: Sized {
    /// Connects to its bus.
    async fn connect() -> zbus::Result<Self>;

    /// Calls `report` with what it reports now and with each change, until its bus has gone.
    async fn follow(self, report: &impl Fn(bool));
}

/// Follows a service. One that is not there or has gone reports no locked screen, and is looked for again.
pub(super) async fn follow_service<S: Service>(report: impl Fn(bool)) {
    loop {
        match S::connect().await {
            Ok(service) => service.follow(&report).await,
            Err(error) => tracing::debug!(%error, "a service for the screen cannot be reached"),
        }
        report(false);
        tokio::time::sleep(RETRY_INTERVAL).await;
    }
}

/// Returns the changes of who has the name of a service on its bus.
pub(super) async fn owners(
    connection: &Connection,
    name: &'static str,
) -> zbus::Result<NameOwnerChangedStream> {
    DBusProxy::new(connection).await?.receive_name_owner_changed_with_args(&[(0, name)]).await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use parking_lot::Mutex;
    use tokio::time::Instant;

    use super::*;

    thread_local! {
        static CONNECTED: Cell<usize> = const { Cell::new(0) };
    }

    /// A service that comes a minute late, reports a locked screen and goes.
    struct Late;

    impl Service for Late {
        async fn connect() -> zbus::Result<Self> {
            let before = CONNECTED.replace(CONNECTED.get() + 1);
            if before == 0 { Err(zbus::Error::InvalidReply) } else { Ok(Self) }
        }

        async fn follow(self, report: &impl Fn(bool)) {
            report(true);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn service_is_looked_for_each_minute_and_reports_nothing_meanwhile() {
        let (began, reports) = (Instant::now(), Mutex::new(Vec::new()));
        let following =
            follow_service::<Late>(|locked| reports.lock().push((began.elapsed().as_secs(), locked)));
        assert!(tokio::time::timeout(Duration::from_secs(90), following).await.is_err());
        assert_eq!(*reports.lock(), [(0, false), (60, true), (60, false)]);
    }
}
