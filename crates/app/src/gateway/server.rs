//! Runs the gateway: one per home, at a fixed address.

use std::fs::{File, TryLockError};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpSocket};
use usher_domain::{ErrorCode, Failure};
use usher_gateway::Gateway;

use crate::context::{Context, blocking};
use crate::gateway::controller::GatewayController;
use crate::gateway::router::{Router, RouterHandle};
use crate::view::{GatewayRunner, GatewayView};

/// Locked while a gateway runs in this home.
const LOCK: &str = "gateway.lock";
/// Names the process that holds the lock.
///
/// A separate file, because on Windows a locked file cannot be read by others.
const HOLDER_FILE: &str = "gateway.json";
/// The port of the gateway (contract §3).
const PORT: u16 = 18740;
/// How many times the lock is tried.
const LOCK_ATTEMPTS: u32 = 5;
/// The pause between two tries.
const LOCK_RETRY_DELAY: Duration = Duration::from_millis(20);
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

/// The address of a running gateway, and the process that runs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayAddress {
    /// `http://127.0.0.1:18740`.
    pub address: String,
    /// The process id.
    pub process: u32,
    /// Which kind of program that process is.
    #[serde(default)]
    pub by: GatewayRunner,
}

impl GatewayController {
    /// Runs the gateway until `shutdown`. `on_listening` is called with the address as soon as it can be reached.
    pub(crate) async fn serve_gateway(
        &self,
        options: GatewayOptions,
        on_listening: impl FnOnce(&GatewayAddress),
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), Failure> {
        let lock = blocking(|| GatewayLock::take(&self.context))?;
        let address =
            SocketAddr::new(options.host, options.port.unwrap_or_else(|| self.context.gateway_port()));
        let listener = listen(address)?;
        let at = listener
            .local_addr()
            .map_err(|error| failed("the gateway's address could not be read", &error))?;
        let address = format!("http://{at}");
        let serving = GatewayAddress { address, process: std::process::id(), by: options.by };
        lock.write(&serving)?;
        let router = Arc::new(RouterHandle(Arc::new(Router::new(
            Arc::clone(&self.context),
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

impl Context {
    /// Returns the port of the settings, else 18740.
    pub(super) fn gateway_port(&self) -> u16 {
        let set = self.read_settings().ok().and_then(|settings| settings.gateway_port());
        set.unwrap_or(PORT)
    }

    /// Returns when the gateway of this home last started or stopped in order, whichever process ran it.
    pub(crate) fn gateway_stamp(&self) -> Option<SystemTime> {
        std::fs::metadata(self.home.data.join(HOLDER_FILE)).ok()?.modified().ok()
    }

    /// Returns whether a gateway runs in this home, and where.
    pub(crate) fn gateway_view(&self) -> GatewayView {
        let lock = File::open(self.home.data.join(LOCK)).ok();
        let held = lock.is_some_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)));
        let holder = if held { read(&self.home.data.join(HOLDER_FILE)) } else { None };
        GatewayView {
            running: holder.is_some(),
            by: holder.as_ref().map(|at| at.by),
            process: holder.as_ref().map(|at| at.process),
            address: holder.map(|at| at.address),
        }
    }
}

/// The lock that allows one gateway per home.
///
/// The operating system releases it when the process ends, however it ends.
struct GatewayLock {
    /// Holds the lock.
    _locked: File,
    holder: PathBuf,
}

impl GatewayLock {
    fn take(context: &Context) -> Result<Self, Failure> {
        let path = context.home.data.join(LOCK);
        let unusable = |error: std::io::Error| {
            Failure::new(ErrorCode::StoreUnavailable, format!("{}: {error}", path.display()))
        };
        std::fs::create_dir_all(&context.home.data).map_err(unusable)?;
        let mut options = std::fs::OpenOptions::new();
        let file =
            options.read(true).write(true).create(true).truncate(false).open(&path).map_err(unusable)?;
        let holder = context.home.data.join(HOLDER_FILE);
        match lock(&file) {
            Ok(()) => Ok(Self { _locked: file, holder }),
            Err(TryLockError::WouldBlock) => {
                let who = read(&holder).map_or_else(String::new, |at| {
                    let runner = if at.by == GatewayRunner::App { " in the app" } else { "" };
                    format!("{runner}: process {} at {}", at.process, at.address)
                });
                let cause = format!("a gateway of this home is already running{who}");
                Err(Failure::new(ErrorCode::PortBusy, cause))
            }
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    fn write(&self, serving: &GatewayAddress) -> Result<(), Failure> {
        let text = serde_json::to_vec(serving).expect("a text and a number are JSON");
        let written = std::fs::write(&self.holder, text);
        written.map_err(|error| failed("the gateway's address could not be saved", &error))
    }
}

impl Drop for GatewayLock {
    /// Removes the holder file, so that watchers see the end. A file left by a killed process is ignored, because its
    /// lock is free.
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.holder);
    }
}

/// Takes the lock, with retries: a process that only checks whether it is held also holds it for a moment.
fn lock(file: &File) -> Result<(), TryLockError> {
    for _ in 0..LOCK_ATTEMPTS {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_RETRY_DELAY),
            other => return other,
        }
    }
    file.try_lock()
}

fn read(holder: &Path) -> Option<GatewayAddress> {
    serde_json::from_slice(&std::fs::read(holder).ok()?).ok()
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

fn failed(what: &str, error: &std::io::Error) -> Failure {
    Failure::new(ErrorCode::StoreUnavailable, format!("{what}: {error}"))
}
