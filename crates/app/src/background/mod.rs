//! The background process (`usher background`): it runs the gateway while no window is open, and answers the window over a
//! socket of this user. One per home.

mod client;
mod protocol;
mod reasons;
mod server;
mod socket;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};
use usher_domain::{ErrorCode, Failure};

use crate::background::client::ask_to_quit;
use crate::background::protocol::VERSION;
use crate::background::reasons::Reasons;
use crate::background::server::Server;
use crate::context::{Context, blocking};
use crate::gateway::GatewayController;
use crate::platform::process_lock::{ProcessLock, ProcessLockFiles};

/// How long it stays without a reason: a window that starts it switches the gateway on after that.
const LINGER: Duration = Duration::from_secs(2);

/// The background process of this home, whether it is this process or another.
pub struct Background {
    context: Arc<Context>,
    server: Arc<Server>,
    /// Something has changed that may be about the gateway.
    recheck: Notify,
}

/// The process that has the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackgroundHolder {
    /// The process id.
    pub process: u32,
    /// The version of the program.
    pub version: String,
}

/// The lock that allows one background process per home.
pub struct BackgroundLock(ProcessLock);

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
        let server = Arc::new(Server { gateway, reasons: Reasons::default(), quit: Notify::new() });
        Self { context, server, recheck: Notify::new() }
    }

    /// Takes the lock; `None` if another process has it.
    pub fn lock(&self) -> Result<Option<BackgroundLock>, Failure> {
        Ok(files(&self.context).take()?.map(BackgroundLock))
    }

    /// Returns the background process of this home.
    pub fn running(&self) -> Option<BackgroundHolder> {
        let files = files(&self.context);
        if files.is_held() { files.read_holder() } else { None }
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
        let listener = blocking(|| socket::listen(&self.context.home)).map_err(unusable)?;
        let holder = BackgroundHolder { process: std::process::id(), version: VERSION.to_owned() };
        lock.0.write_holder(&holder).map_err(unusable)?;
        on_ready(&holder);
        tokio::select! {
            () = self.server.accept_forever(listener) => Ok(BackgroundEnd::Stopped),
            () = stop => Ok(BackgroundEnd::Stopped),
            () = self.server.quit.notified() => Ok(BackgroundEnd::Quit),
            () = self.until_unneeded() => Ok(BackgroundEnd::Unneeded),
        }
    }

    /// Looks again whether there is a reason to stay.
    pub fn recheck(&self) {
        self.recheck.notify_one();
    }

    /// Ends the background process of this home in order, and waits for its end. Returns whether there was one.
    pub async fn quit(&self) -> Result<bool, Failure> {
        if self.running().is_none() {
            return Ok(false);
        }
        ask_to_quit(&self.context, false).await.map(|_| true)
    }

    /// Waits until the gateway has been off for a moment, and no window open.
    async fn until_unneeded(&self) {
        let mut reasons = self.server.reasons.count();
        let mut unneeded_at = None;
        loop {
            let needed = *reasons.borrow_and_update() > 0 || self.server.gateway.is_wanted();
            let end =
                if needed { None } else { Some(*unneeded_at.get_or_insert_with(Instant::now) + LINGER) };
            if needed {
                unneeded_at = None;
            }
            tokio::select! {
                () = async { sleep_until(end.unwrap_or_else(Instant::now)).await }, if end.is_some() => return,
                _ = reasons.changed() => {}
                () = self.recheck.notified() => {}
            }
        }
    }
}

fn files(context: &Context) -> ProcessLockFiles<'_> {
    ProcessLockFiles { folder: &context.home.data, lock: "background.lock", holder: "background.json" }
}
