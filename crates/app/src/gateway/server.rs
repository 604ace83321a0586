//! Runs the gateway: one per home, at a fixed address.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket};
use usher_domain::{ErrorCode, Failure};
use usher_gateway::{Gateway, RequestLog};

use crate::connection::connector::Connector;
use crate::context::{Context, blocking};
use crate::gateway::lock::{GatewayAddress, GatewayLock, failed};
use crate::gateway::pass_usage::PassUsage;
use crate::gateway::router::{Router, RouterHandle};
use crate::models::catalog::ModelCatalog;
use crate::view::GatewayRunner;

/// The port of the gateway (contract §3).
const PORT: u16 = 18740;
/// The listen backlog, as far as the system allows.
const BACKLOG: u32 = 1024;

/// Options for running the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GatewayOptions {
    /// The loopback address to listen at.
    pub host: IpAddr,
    /// The port; 0 takes any free one. Absent: the port of the settings, else 18740.
    pub port: Option<u16>,
    /// Which kind of program runs it.
    pub by: GatewayRunner,
}

impl Default for GatewayOptions {
    fn default() -> Self {
        Self { host: IpAddr::V4(Ipv4Addr::LOCALHOST), port: None, by: GatewayRunner::Command }
    }
}

/// Runs the gateway of this home.
pub(super) struct GatewayServer {
    pub(super) context: Arc<Context>,
    pub(super) connector: Arc<Connector>,
    pub(super) catalog: Arc<ModelCatalog>,
    /// Requests of this process.
    pub(super) live: Arc<RequestLog>,
    pub(super) pass_usage: Arc<PassUsage>,
}

impl GatewayServer {
    /// Runs the gateway until `shutdown`. `on_listening` is called with the address as soon as it can be reached.
    pub(super) async fn serve(
        &self,
        options: GatewayOptions,
        on_listening: impl FnOnce(&GatewayAddress),
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), Failure> {
        let lock = blocking(|| GatewayLock::take(&self.context))?;
        let address =
            SocketAddr::new(options.host, options.port.unwrap_or_else(|| gateway_port(&self.context)));
        let listener = listen(address)?;
        let at = listener
            .local_addr()
            .map_err(|error| failed("the gateway's address could not be read", &error))?;
        let address = format!("http://{at}");
        let serving = GatewayAddress { address, process: std::process::id(), by: options.by };
        lock.write(&serving)?;
        let router = Arc::new(RouterHandle(Arc::new(Router::new(
            Arc::clone(&self.context),
            Arc::clone(&self.connector),
            Arc::clone(&self.catalog),
            Arc::clone(&self.pass_usage),
        ))));
        let gateway = Gateway::new(router, Arc::clone(&self.context.clock)).log(Arc::clone(&self.live));
        on_listening(&serving);
        let ran = gateway.run(listener, shutdown).await;
        blocking(|| self.pass_usage.write_down(&self.context.state));
        ran.map_err(|error| failed("the gateway ended", &error))
    }
}

/// Returns the port of the settings, else 18740.
pub(super) fn gateway_port(context: &Context) -> u16 {
    let set = context.read_settings().ok().and_then(|settings| settings.gateway_port());
    set.unwrap_or(PORT)
}

fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    bound(address).map_err(|error| {
        if error.kind() != std::io::ErrorKind::AddrInUse {
            return failed(&format!("could not listen at {address}"), &error);
        }
        let port = address.port();
        let holder = usher_auth::port_holder(port).unwrap_or_else(|| "another program".into());
        let cause = format!("port {port} is used by {holder}");
        Failure::new(ErrorCode::PortBusy, cause)
    })
}

/// Binds as tokio does, with a larger backlog: when the backlog is full, a caller's system retries only after a second.
fn bound(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // On Windows it would let another program have the same port.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
