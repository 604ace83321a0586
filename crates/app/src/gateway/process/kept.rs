//! A gateway for as long as a program runs: the one that another process of this home has, else one in this process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use usher_domain::{ErrorCode, Failure};

use crate::context::blocking;
use crate::gateway::process::controller::{GatewayController, RunningGateway};
use crate::gateway::process::lock::{gateway_view, is_held};
use crate::gateway::process::server::{GatewayOptions, gateway_port};
use crate::view::GatewayRunner;

/// How long a gateway of another process may take to answer, or to end.
const OTHER_TIMEOUT: Duration = Duration::from_secs(10);
/// How often it is checked meanwhile.
const OTHER_POLL: Duration = Duration::from_millis(50);
/// How often it is checked whether the other process still has its gateway.
const POLL: Duration = Duration::from_millis(400);
/// How long there may be no gateway before this process runs one: a service that is started again takes less.
const TAKE_OVER_AFTER: Duration = Duration::from_secs(2);

/// A gateway that is there until [`end`](Self::end).
pub struct KeptGateway {
    /// For example `http://127.0.0.1:18740`.
    pub address: String,
    /// The port of the settings, where another program has it and this gateway listens at another.
    pub taken_port: Option<u16>,
    /// Dropping it ends the task.
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl KeptGateway {
    /// Ends the gateway, if this process runs it.
    pub async fn end(self) {
        drop(self.stop);
        // It ends by itself only with the runtime.
        let _ = self.task.await;
    }
}

/// A gateway that answers.
enum Found {
    /// In another process.
    Other(String),
    /// In this one.
    Own(RunningGateway),
}

impl GatewayController {
    /// Returns a gateway that answers: the one of another process, else one of this process. When the other process ends
    /// its gateway meanwhile, this one runs it at the same address.
    pub async fn keep(self: &Arc<Self>) -> Result<KeptGateway, Failure> {
        let (found, taken_port) = self.find_or_start().await?;
        let (address, own) = match found {
            Found::Other(address) => (address, None),
            Found::Own(running) => (running.at.address.clone(), Some(running)),
        };
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(Arc::clone(self).keep_until(address.clone(), own, stopped));
        Ok(KeptGateway { address, taken_port, stop, task })
    }

    async fn find_or_start(self: &Arc<Self>) -> Result<(Found, Option<u16>), Failure> {
        let began = Instant::now();
        let (mut options, mut taken_port) = (options_at(None), None);
        loop {
            if let Some(address) = blocking(|| gateway_view(&self.context)).address {
                if answers(&address).await {
                    return Ok((Found::Other(address), None));
                }
            } else {
                match self.start_gateway(options).await {
                    Ok(running) => return Ok((Found::Own(running), taken_port)),
                    Err(failure) if failure.code != ErrorCode::PortBusy => return Err(failure),
                    // Another process was faster; it says soon where it listens.
                    Err(failure) if blocking(|| is_held(&self.context)) => {
                        if began.elapsed() >= OTHER_TIMEOUT {
                            return Err(failure);
                        }
                    }
                    // The program is given the address, so any port will do.
                    Err(_) if taken_port.is_none() => {
                        taken_port = Some(gateway_port(&self.context));
                        options.port = Some(0);
                        continue;
                    }
                    Err(failure) => return Err(failure),
                }
            }
            if began.elapsed() >= OTHER_TIMEOUT {
                let cause = "the gateway of this home does not answer; `usher status` names its process";
                return Err(Failure::new(ErrorCode::Timeout, cause));
            }
            tokio::time::sleep(OTHER_POLL).await;
        }
    }

    /// Sees to it that there is a gateway at `address` until `stopped`.
    async fn keep_until(
        self: Arc<Self>,
        address: String,
        mut own: Option<RunningGateway>,
        mut stopped: oneshot::Receiver<()>,
    ) {
        let Some(address) = socket_address(&address) else { return drop(stopped.await) };
        let mut missing_since = None;
        let mut look = tokio::time::interval(POLL);
        loop {
            tokio::select! {
                _ = &mut stopped => break,
                _ = look.tick() => {}
            }
            if own.as_ref().is_some_and(|own| !own.task.is_finished()) || blocking(|| is_held(&self.context))
            {
                missing_since = None;
                continue;
            }
            let since = *missing_since.get_or_insert_with(Instant::now);
            if since.elapsed() < TAKE_OVER_AFTER {
                continue;
            }
            match self.start_gateway(options_at(Some(address))).await {
                Ok(running) => own = Some(running),
                Err(failure) => tracing::warn!(cause = %failure, "the gateway could not be taken over"),
            }
        }
        if let Some(own) = own {
            own.end().await;
        }
    }
}

fn options_at(address: Option<SocketAddr>) -> GatewayOptions {
    let options = GatewayOptions { by: GatewayRunner::Run, ..GatewayOptions::default() };
    match address {
        Some(address) => GatewayOptions { host: address.ip(), port: Some(address.port()), ..options },
        None => options,
    }
}

fn socket_address(address: &str) -> Option<SocketAddr> {
    address.strip_prefix("http://")?.parse().ok()
}

/// Returns whether something listens at `address`: a gateway that is about to end does no more.
async fn answers(address: &str) -> bool {
    match socket_address(address) {
        Some(address) => TcpStream::connect(address).await.is_ok(),
        None => false,
    }
}
