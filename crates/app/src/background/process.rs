//! The background process: how long it stays, and how it ends.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout};
use usher_domain::{ErrorCode, Failure};

use crate::background::client::connect;
use crate::background::gateway::BackgroundGateway;
use crate::background::lock::{BackgroundHolder, BackgroundLock, clear_end_mark, mark_end, running, take};
use crate::background::protocol::version;
use crate::background::server::Server;
use crate::background::socket::listen;
use crate::background::start::BackgroundProgram;
use crate::context::{Context, blocking};
use crate::gateway::GatewayController;

/// How long it stays without a reason: a window that starts it switches the gateway on after that.
const LINGER: Duration = Duration::from_secs(2);

/// How long windows have to hear of the end.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// The background process of this home, whether it is this process or another.
pub struct Background {
    context: Arc<Context>,
    pub(super) server: Arc<Server>,
    /// Something has changed that may be about the gateway.
    recheck: Notify,
}

/// Why the background process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackgroundEnd {
    /// A signal.
    Stopped,
    /// Somebody asked for it.
    Quit,
    /// The gateway is off, and no window is open.
    Unneeded,
}

impl Background {
    pub(crate) fn new(context: Arc<Context>, gateway: Arc<GatewayController>) -> Self {
        let server = Arc::new(Server::new(Arc::clone(&context), gateway));
        Self { context, server, recheck: Notify::new() }
    }

    /// Returns the gateway of the background process, for a window. Where none runs, `program` is started.
    pub fn gateway(&self, program: BackgroundProgram) -> Arc<BackgroundGateway> {
        Arc::new(BackgroundGateway::new(Arc::clone(&self.context), program))
    }

    /// Takes the lock; `None` if another process has it.
    pub fn lock(&self) -> Result<Option<BackgroundLock>, Failure> {
        take(&self.context)
    }

    /// Returns the background process of this home.
    pub fn running(&self) -> Option<BackgroundHolder> {
        running(&self.context)
    }

    /// Answers windows until there is no reason to stay, somebody asks for the end, or `stop`. `on_ready` is called as
    /// soon as it can be reached.
    ///
    /// Needs [`GatewayController::run_forever`] beside it, and [`recheck`](Self::recheck) after each change of the home.
    pub async fn serve(
        &self,
        lock: &BackgroundLock,
        on_ready: impl FnOnce(&BackgroundHolder),
        stop: impl Future<Output = ()>,
    ) -> Result<BackgroundEnd, Failure> {
        let unusable =
            |error| Failure::new(ErrorCode::StoreUnavailable, format!("the socket for windows: {error}"));
        let listener = blocking(|| listen(&self.context.home)).map_err(unusable)?;
        let holder = BackgroundHolder { process: std::process::id(), version: version().to_owned() };
        blocking(|| clear_end_mark(&self.context)).map_err(unusable)?;
        lock.0.write_holder(&holder).map_err(unusable)?;
        on_ready(&holder);
        let end = tokio::select! {
            () = self.server.accept_forever(listener) => BackgroundEnd::Stopped,
            () = stop => BackgroundEnd::Stopped,
            () = self.server.quit.notified() => BackgroundEnd::Quit,
            () = self.until_unneeded() => BackgroundEnd::Unneeded,
        };
        if end != BackgroundEnd::Unneeded {
            self.mark_end();
        }
        self.server.ends.send_replace(true);
        let mut windows = self.server.reasons.count();
        // A window that does not read is not waited for.
        drop(timeout(LAST_WORDS, windows.wait_for(|count| *count == 0)).await);
        Ok(end)
    }

    /// Leaves a mark of the end for a window that is not connected now. Without it that window starts another process.
    fn mark_end(&self) {
        if let Err(error) = blocking(|| mark_end(&self.context)) {
            tracing::warn!(%error, "the end of the process could not be marked");
        }
    }

    /// Looks again whether there is a reason to stay.
    pub fn recheck(&self) {
        self.recheck.notify_one();
    }

    /// Ends the background process of this home in order, and waits for its end. Returns whether there was one.
    pub async fn quit(&self) -> Result<bool, Failure> {
        match connect(&self.context).await? {
            Some(connection) => connection.quit(false).await.map(|_| true),
            None => Ok(false),
        }
    }

    /// Waits until the gateway has been off for a moment, and no window open.
    async fn until_unneeded(&self) {
        let mut reasons = self.server.reasons.count();
        let mut unneeded_since = None;
        loop {
            if *reasons.borrow_and_update() > 0 || self.server.gateway.is_wanted() {
                unneeded_since = None;
            } else {
                unneeded_since.get_or_insert_with(Instant::now);
            }
            let end = unneeded_since.map(|since| since + LINGER);
            tokio::select! {
                () = async { sleep_until(end.unwrap_or_else(Instant::now)).await }, if end.is_some() => return,
                _ = reasons.changed() => {}
                () = self.recheck.notified() => {}
            }
        }
    }
}
