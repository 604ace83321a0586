//! The gateway of the window: runs while the person wants it and nobody else of this home does, and says how it stands.

use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use usher_domain::{ErrorCode, Failure};
use usher_gateway::RequestLog;

use crate::activity::recorder::ActivityRecorder;
use crate::connection::connector::Connector;
use crate::context::{Context, blocking};
use crate::gateway::passes::usage::PassUsage;
use crate::gateway::process::lock::{GatewayAddress, gateway_view, is_held};
use crate::gateway::process::server::{GatewayOptions, GatewayServer, gateway_port, require_free};
use crate::models::catalog::ModelCatalog;
use crate::view::{FailureView, GatewayRunner, GatewayStatus, GatewayView};

/// What this process has of the gateway, whether it runs one or not.
pub struct GatewayController {
    pub(crate) context: Arc<Context>,
    server: GatewayServer,
    /// Which kind of program this process is, once it runs the gateway by the settings.
    runner: OnceLock<GatewayRunner>,
    /// Requests of this process.
    pub(crate) live: Arc<RequestLog>,
    /// Ends whoever watches the requests, by being dropped.
    pub(crate) watching: Mutex<Option<oneshot::Sender<()>>>,
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

/// A gateway of this process; dropping it ends it.
pub(crate) struct RunningGateway {
    pub(crate) at: GatewayAddress,
    stop: oneshot::Sender<()>,
    pub(crate) task: JoinHandle<Result<(), Failure>>,
}

impl GatewayController {
    pub(crate) fn new(
        context: Arc<Context>,
        connector: Arc<Connector>,
        catalog: Arc<ModelCatalog>,
        pass_usage: Arc<PassUsage>,
        activity: Arc<ActivityRecorder>,
    ) -> Self {
        let (counted, clock) = (Arc::clone(&activity), Arc::clone(&context.clock));
        let note = move |request: &_| counted.note(request, clock.now());
        let live = Arc::new(RequestLog::with_observer(Box::new(note)));
        let server = GatewayServer {
            context: Arc::clone(&context),
            connector,
            catalog,
            live: Arc::clone(&live),
            pass_usage,
            activity,
        };
        Self {
            context,
            server,
            runner: OnceLock::new(),
            live,
            watching: Mutex::default(),
            controller: tokio::sync::Mutex::default(),
            recheck: Notify::new(),
        }
    }

    /// Runs the gateway whenever the settings say so and no other process of this home does. For a program that stays;
    /// needs [`HomeWatcher::watch`](crate::HomeWatcher::watch) beside it to hear of changes. Never ends.
    /// `by` is what others are shown as its runner.
    pub async fn run_forever(self: &Arc<Self>, by: GatewayRunner) {
        self.runner.get_or_init(|| by);
        loop {
            self.apply_settings().await;
            self.recheck.notified().await;
        }
    }

    /// Runs the gateway until `shutdown`. `on_listening` is called with the address as soon as it can be reached.
    pub async fn serve(
        &self,
        options: GatewayOptions,
        on_listening: impl FnOnce(&GatewayAddress),
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), Failure> {
        self.server.serve(options, on_listening, shutdown).await
    }

    /// Returns whether a gateway runs in this home, and where.
    pub fn view(&self) -> GatewayView {
        gateway_view(&self.context)
    }

    /// Returns the status of the gateway as the window shows it.
    pub async fn status(&self) -> GatewayStatus {
        let controller = self.controller.lock().await;
        self.status_of(&controller)
    }

    /// Switches the window's gateway on or off, from now on and after the next start. Off ends what is under way.
    pub async fn switch(self: &Arc<Self>, on: bool) -> Result<GatewayStatus, Failure> {
        // The person has decided again; how the last start failed is over.
        self.controller.lock().await.failed = None;
        self.context.change_settings(move |settings| settings.set_gateway_enabled(on)).await?;
        self.apply_settings().await;
        Ok(self.status().await)
    }

    /// Sets the port. A gateway that runs here moves to it, and one that could not start is started.
    ///
    /// Refused with [`ErrorCode::PortBusy`] when another program has the port; nothing is changed then.
    pub async fn set_port(self: &Arc<Self>, port: u16) -> Result<GatewayStatus, Failure> {
        if port == 0 {
            return Err(Failure::new(ErrorCode::BadUsage, "a port is a number from 1 to 65535"));
        }
        let status = self.status().await;
        let own = matches!(status, GatewayStatus::On { .. }) && port == gateway_port(&self.context);
        if !own {
            require_free(port)?;
        }
        self.context.change_settings(move |settings| settings.set_gateway_port(port)).await?;
        if matches!(status, GatewayStatus::Failed { .. }) {
            return self.switch(true).await;
        }
        self.apply_settings().await;
        Ok(self.status().await)
    }

    /// Returns whether the settings have the gateway on; also while they cannot be read, when what runs goes on.
    pub(crate) fn is_wanted(&self) -> bool {
        blocking(|| self.context.read_settings()).map_or(true, |settings| settings.gateway_enabled())
    }

    /// Returns whether this process runs the gateway, without waiting.
    pub fn runs_here(&self) -> bool {
        gateway_view(&self.context).process == Some(std::process::id())
    }

    /// Ends the gateway of this process, and gives answers that are under way a few seconds. For the end of a program.
    pub(crate) async fn close(&self) {
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
        self.end_at_other_port(&mut controller).await;
        match self.context.read_settings().map(|settings| settings.gateway_enabled()) {
            Ok(true) if controller.running.is_none() => match self.start_gateway(self.options()).await {
                Ok(running) => (controller.running, controller.failed) = (Some(running), None),
                Err(failure) => {
                    self.switch_off_after(&failure).await;
                    controller.failed = Some(failure);
                }
            },
            Ok(true) => {}
            Ok(false) => {
                // Why it was switched off by itself stays until the person decides.
                controller.failed.take_if(|failure| failure.code != ErrorCode::PortBusy);
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

    /// Ends the gateway of this process when the settings have another port for it.
    async fn end_at_other_port(&self, controller: &mut ControllerState) {
        let port = format!(":{}", gateway_port(&self.context));
        if let Some(running) = controller.running.take_if(|running| !running.at.address.ends_with(&port)) {
            self.live.close(&Failure::new(ErrorCode::Cancelled, "the port of the gateway was changed"));
            running.end().await;
        }
    }

    /// Switches the gateway off when its port is taken: it would start by itself later, at a time that nobody chose. While
    /// another process has this home's gateway it stays on, and takes over when that one ends.
    async fn switch_off_after(&self, failure: &Failure) {
        if failure.code != ErrorCode::PortBusy || is_held(&self.context) {
            return;
        }
        if let Err(failure) =
            self.context.change_settings(|settings| settings.set_gateway_enabled(false)).await
        {
            tracing::warn!(cause = %failure, "the gateway could not be switched off in the settings");
        }
    }

    pub(crate) async fn start_gateway(
        self: &Arc<Self>,
        options: GatewayOptions,
    ) -> Result<RunningGateway, Failure> {
        let (stop, stopped) = oneshot::channel();
        let (listening, at) = oneshot::channel();
        let gateway = Arc::clone(self);
        let task = tokio::spawn(async move {
            // Nobody waits any more only when all of us ends.
            let on_listening = |at: &GatewayAddress| drop(listening.send(at.clone()));
            gateway.server.serve(options, on_listening, async { drop(stopped.await) }).await
        });
        match at.await {
            Ok(at) => Ok(RunningGateway { at, stop, task }),
            Err(_) => Err(task.await.unwrap_or_else(|_| Err(broken())).err().unwrap_or_else(broken)),
        }
    }

    /// Returns the options of a gateway that runs by the settings.
    fn options(&self) -> GatewayOptions {
        let by = self.runner.get().copied().unwrap_or(GatewayRunner::App);
        GatewayOptions { by, ..GatewayOptions::default() }
    }

    fn status_of(&self, controller: &ControllerState) -> GatewayStatus {
        if let Some(running) = controller.running.as_ref().filter(|running| !running.task.is_finished()) {
            return GatewayStatus::On { address: running.at.address.clone() };
        }
        if let GatewayView { address: Some(address), by: Some(by), process: Some(process), .. } =
            gateway_view(&self.context)
        {
            return GatewayStatus::Elsewhere { address, by, process };
        }
        match &controller.failed {
            Some(failure) => GatewayStatus::Failed {
                failure: FailureView::from(failure.clone()),
                port: gateway_port(&self.context),
            },
            None => GatewayStatus::Off { port: gateway_port(&self.context) },
        }
    }
}

impl RunningGateway {
    pub(crate) async fn end(self) {
        drop(self.stop);
        // How it ended is in the log.
        let _ = self.task.await;
    }
}

fn broken() -> Failure {
    Failure::new(ErrorCode::Internal, "the gateway task failed")
}
