//! The gateway as a page shows and switches it, whichever process runs it.

use std::sync::Arc;

use usher_domain::Failure;
use usher_domain::ports::BoxFuture;

use crate::gateway::process::GatewayController;
use crate::view::{GatewayStatus, RequestUpdate};

/// Receives what is new of the requests.
pub type OnRequestUpdate = Box<dyn Fn(RequestUpdate) + Send + Sync>;

/// The gateway of a page: that of its own process, or that of the background process.
pub trait GatewayControl: Send + Sync {
    /// Returns the status of the gateway.
    fn status(&self) -> BoxFuture<'_, Result<GatewayStatus, Failure>>;
    /// Switches the gateway, from now on and after the next start. Off ends what is under way.
    fn switch(&self, on: bool) -> BoxFuture<'_, Result<GatewayStatus, Failure>>;
    /// Sets the port. A gateway that runs moves to it, and one that could not start is started.
    fn set_port(&self, port: u16) -> BoxFuture<'_, Result<GatewayStatus, Failure>>;
    /// Calls `on_update` with all known requests, and then with each change. Ends with
    /// [`stop_watching_requests`](Self::stop_watching_requests), or when another watcher begins.
    fn watch_requests(&self, on_update: OnRequestUpdate) -> BoxFuture<'_, ()>;
    /// Ends [`watch_requests`](Self::watch_requests).
    fn stop_watching_requests(&self);
}

/// The gateway that the process of the page runs itself.
pub(crate) struct OwnGateway(pub(crate) Arc<GatewayController>);

impl GatewayControl for OwnGateway {
    fn status(&self) -> BoxFuture<'_, Result<GatewayStatus, Failure>> {
        Box::pin(async { Ok(self.0.status().await) })
    }

    fn switch(&self, on: bool) -> BoxFuture<'_, Result<GatewayStatus, Failure>> {
        Box::pin(self.0.switch(on))
    }

    fn set_port(&self, port: u16) -> BoxFuture<'_, Result<GatewayStatus, Failure>> {
        Box::pin(self.0.set_port(port))
    }

    fn watch_requests(&self, on_update: OnRequestUpdate) -> BoxFuture<'_, ()> {
        Box::pin(self.0.watch_requests(on_update))
    }

    fn stop_watching_requests(&self) {
        self.0.stop_watching_requests();
    }
}
