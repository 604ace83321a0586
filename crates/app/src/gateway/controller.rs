//! The gateway of the window: runs while the person wants it and nobody else of this home does, and says how it stands.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use usher_domain::{ErrorCode, Failure};
use usher_gateway::RequestLog;

use crate::context::Context;
use crate::gateway::pass_usage::PassUsage;
use crate::gateway::server::{GatewayAddress, GatewayOptions};
use crate::models::catalog::ModelCatalog;
use crate::view::{FailureView, GatewayRunner, GatewayStatus, GatewayView};

/// What this process has of the gateway, whether it runs one or not.
pub(crate) struct GatewayController {
    pub(super) context: Arc<Context>,
    pub(super) catalog: Arc<ModelCatalog>,
    /// Requests of this process.
    pub(super) live: Arc<RequestLog>,
    pub(super) pass_usage: Arc<PassUsage>,
    /// Ends whoever watches the requests, by being dropped.
    pub(super) watching: Mutex<Option<oneshot::Sender<()>>>,
    controller: tokio::sync::Mutex<ControllerState>,
    /// Something has changed that may be about the gateway.
    pub(crate) recheck: Notify,
}

#[derive(Default)]
struct ControllerState {
    running: Option<RunningGateway>,
    failed: Option<Failure>,
    /// The program ends; nothing is started any more.
    over: bool,
}

struct RunningGateway {
    at: GatewayAddress,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), Failure>>,
}

impl GatewayController {
    pub(crate) fn new(context: Arc<Context>, catalog: Arc<ModelCatalog>) -> Self {
        Self {
            context,
            catalog,
            live: Arc::default(),
            pass_usage: Arc::default(),
            watching: Mutex::default(),
            controller: tokio::sync::Mutex::default(),
            recheck: Notify::new(),
        }
    }

    /// Runs the gateway whenever the settings say so and no other process of this home does. For a program that stays;
    /// needs [`watch`](Self::watch) beside it to hear of changes. Never ends.
    pub(crate) async fn run_gateway_controller(self: &Arc<Self>) {
        loop {
            self.apply_settings().await;
            self.recheck.notified().await;
        }
    }

    /// How it stands with the gateway.
    pub(crate) async fn gateway_status(&self) -> GatewayStatus {
        let controller = self.controller.lock().await;
        self.status_of(&controller)
    }

    /// Switches the window's gateway on or off, from now on and after the next start. Off ends what is under way.
    pub(crate) async fn switch_gateway(self: &Arc<Self>, on: bool) -> Result<GatewayStatus, Failure> {
        self.context.change_settings(|settings| settings.set_gateway_enabled(on)).await?;
        self.apply_settings().await;
        Ok(self.gateway_status().await)
    }

    /// Ends the gateway of this process, and gives answers that are under way a few seconds. For the end of a program.
    pub(crate) async fn close_gateway(&self) {
        let mut controller = self.controller.lock().await;
        controller.over = true;
        if let Some(running) = controller.running.take() {
            running.end().await;
        }
    }

    /// Starts or ends the gateway of this process, as the settings have it.
    async fn apply_settings(self: &Arc<Self>) {
        let mut controller = self.controller.lock().await;
        if controller.over {
            return;
        }
        let before = self.status_of(&controller);
        if let Some(ended) = controller.running.take_if(|running| running.task.is_finished()) {
            controller.failed = ended.task.await.unwrap_or_else(|_| Err(broken())).err();
        }
        match self.context.read_settings().map(|settings| settings.gateway_enabled()) {
            Ok(true) if controller.running.is_none() => match self.start_gateway().await {
                Ok(running) => (controller.running, controller.failed) = (Some(running), None),
                Err(failure) => controller.failed = Some(failure),
            },
            Ok(true) => {}
            Ok(false) => {
                controller.failed = None;
                if let Some(running) = controller.running.take() {
                    self.live.close(&Failure::new(ErrorCode::Cancelled, "the gateway was switched off"));
                    running.end().await;
                }
            }
            // What runs goes on: the last valid settings stay in force.
            Err(failure) => controller.failed = Some(failure),
        }
        if self.status_of(&controller) != before {
            self.context.changed();
        }
    }

    async fn start_gateway(self: &Arc<Self>) -> Result<RunningGateway, Failure> {
        let (stop, stopped) = oneshot::channel();
        let (listening, at) = oneshot::channel();
        let gateway = Arc::clone(self);
        let task = tokio::spawn(async move {
            let options = GatewayOptions { by: GatewayRunner::App, ..GatewayOptions::default() };
            // Nobody waits any more only when all of us ends.
            let on_listening = |at: &GatewayAddress| drop(listening.send(at.clone()));
            gateway.serve_gateway(options, on_listening, async { drop(stopped.await) }).await
        });
        match at.await {
            Ok(at) => Ok(RunningGateway { at, stop, task }),
            Err(_) => Err(task.await.unwrap_or_else(|_| Err(broken())).err().unwrap_or_else(broken)),
        }
    }

    fn status_of(&self, controller: &ControllerState) -> GatewayStatus {
        if let Some(running) = controller.running.as_ref().filter(|running| !running.task.is_finished()) {
            return GatewayStatus::On { address: running.at.address.clone() };
        }
        if let GatewayView { address: Some(address), by: Some(by), process: Some(process), .. } =
            self.context.gateway_view()
        {
            return GatewayStatus::Elsewhere { address, by, process };
        }
        match &controller.failed {
            Some(failure) => GatewayStatus::Failed {
                failure: FailureView::from(failure.clone()),
                port: self.context.gateway_port(),
            },
            None => GatewayStatus::Off,
        }
    }
}

impl RunningGateway {
    async fn end(self) {
        drop(self.stop);
        // How it ended is in the log.
        let _ = self.task.await;
    }
}

fn broken() -> Failure {
    Failure::new(ErrorCode::Internal, "the gateway task failed")
}
