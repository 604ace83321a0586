//! Runs the gateway: one per home, at a fixed address.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket};
use usher_domain::{ErrorCode, Failure};
use usher_gateway::{Gateway, RequestLog};

use crate::activity::recorder::ActivityRecorder;
use crate::connection::connector::Connector;
use crate::context::{Context, blocking};
use crate::gateway::passes::usage::PassUsage;
use crate::gateway::process::lock::{GatewayAddress, GatewayLock, failed};
use crate::gateway::routes::{Router, RouterHandle};
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
pub(crate) struct GatewayServer {
    pub(crate) context: Arc<Context>,
    pub(crate) connector: Arc<Connector>,
    pub(crate) catalog: Arc<ModelCatalog>,
    /// Requests of this process.
    pub(crate) live: Arc<RequestLog>,
    pub(crate) pass_usage: Arc<PassUsage>,
    pub(crate) activity: Arc<ActivityRecorder>,
}

impl GatewayServer {
    /// Runs the gateway until `shutdown`. `on_listening` is called with the address as soon as it can be reached.
    pub(crate) async fn serve(
        &self,
        options: GatewayOptions,
        on_listening: impl FnOnce(&GatewayAddress),
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), Failure> {
        let lock = blocking(|| GatewayLock::take(&self.context))?;
        let address =
            SocketAddr::new(options.host, options.port.unwrap_or_else(|| gateway_port(&self.context)));
        let Listening { listeners, at, has_localhost } = listen(address)?;
        let address = format!("http://{at}");
        let serving = GatewayAddress { address, process: std::process::id(), by: options.by };
        lock.write(&serving)?;
        let router = Arc::new(Router::new(
            Arc::clone(&self.context),
            Arc::clone(&self.connector),
            Arc::clone(&self.catalog),
            Arc::clone(&self.pass_usage),
        ));
        let host = Arc::new(RouterHandle(Arc::clone(&router)));
        let gateway = Gateway::new(host, Arc::clone(&self.context.clock)).log(Arc::clone(&self.live));
        let gateway = if has_localhost {
            gateway.answer_localhost()
        } else {
            tracing::warn!(
                "another program has the other address of localhost; use 127.0.0.1 or ::1 by number"
            );
            gateway
        };
        on_listening(&serving);
        let ran = tokio::select! {
            ran = gateway.run(listeners, shutdown) => ran,
            never = self.activity.write_forever(&self.context) => match never {},
        };
        blocking(|| {
            self.pass_usage.write_down(&self.context.state);
            router.write_down();
        });
        self.activity.write_down(&self.context);
        ran.map_err(|error| failed("the gateway ended", &error))
    }
}

/// Returns the port of the settings, else 18740.
pub(crate) fn gateway_port(context: &Context) -> u16 {
    let set = context.read_settings().ok().and_then(|settings| settings.gateway_port());
    set.unwrap_or(PORT)
}

/// Fails with [`ErrorCode::PortBusy`] and the holder's name when another program listens at `port`.
pub(crate) fn require_free(port: u16) -> Result<(), Failure> {
    listen_once(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)).map(drop)
}

/// The sockets of a gateway.
struct Listening {
    listeners: Vec<TcpListener>,
    at: SocketAddr,
    /// All addresses of `localhost` on the port are ours, or there are no others.
    has_localhost: bool,
}

/// How many free ports are tried to have both addresses of one.
const FREE_PORT_TRIES: usize = 8;

/// Listens at `address` and at the other address of `localhost`: clients given that name try `::1` first, and a program
/// of another user that listens there would get their passes.
fn listen(address: SocketAddr) -> Result<Listening, Failure> {
    let tries = if address.port() == 0 { FREE_PORT_TRIES } else { 1 };
    let mut listening = listen_once(address)?;
    for _ in 1..tries {
        if listening.has_localhost {
            break;
        }
        listening = listen_once(address)?;
    }
    Ok(listening)
}

fn listen_once(address: SocketAddr) -> Result<Listening, Failure> {
    let listener = bound(address).map_err(|error| bind_failure(address, &error))?;
    let at =
        listener.local_addr().map_err(|error| failed("the gateway's address could not be read", &error))?;
    let other: IpAddr = if at.is_ipv4() { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::LOCALHOST.into() };
    let mut listeners = vec![listener];
    let has_localhost = match bound(SocketAddr::new(other, at.port())) {
        Ok(listener) => {
            listeners.push(listener);
            true
        }
        // Nobody can listen at an address that this computer does not have.
        Err(error) => !has_address(other) || error.kind() == ErrorKind::AddrNotAvailable,
    };
    Ok(Listening { listeners, at, has_localhost })
}

/// Returns whether this computer has the loopback address at all, for example no IPv6.
fn has_address(address: IpAddr) -> bool {
    std::net::UdpSocket::bind((address, 0)).is_ok()
}

fn bind_failure(address: SocketAddr, error: &std::io::Error) -> Failure {
    let port = address.port();
    let cause = match error.kind() {
        ErrorKind::AddrInUse => {
            let holder = usher_auth::port_holder(port).unwrap_or_else(|| "another program".into());
            format!("port {port} is used by {holder}")
        }
        ErrorKind::PermissionDenied => format!("port {port} may not be used: {error}"),
        ErrorKind::AddrNotAvailable => format!("this computer has no address {}: {error}", address.ip()),
        _ => format!("could not listen at {address}: {error}"),
    };
    Failure::new(ErrorCode::PortBusy, cause)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn localhost_is_ours_with_both_addresses_only() {
        let listening = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let port = listening.at.port();
        assert!(listening.has_localhost);
        if !has_address(Ipv6Addr::LOCALHOST.into()) {
            return;
        }
        assert!(std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, port)).is_err(), "it is ours");
        drop(listening);
        let _other = std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, port)).unwrap();
        let listening = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).unwrap();
        assert_eq!((listening.listeners.len(), listening.has_localhost), (1, false));
    }

    #[tokio::test]
    async fn address_of_another_computer_is_reported() {
        // A documentation address (RFC 5737), which no computer has.
        let failure = listen("192.0.2.1:0".parse().unwrap()).err().unwrap();
        assert_eq!(failure.code, ErrorCode::PortBusy);
        assert!(failure.cause.contains("this computer has no address 192.0.2.1"), "{failure}");
    }
}
