//! One gateway in a home, at an address that stays.

use std::fs::{File, TryLockError};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpSocket};
use usher_domain::{ErrorCode, Failure};
use usher_gateway::Gateway;

use crate::app::{App, blocking};
use crate::gateway::router::{AtDesk, Desk};
use crate::view::{GatewayView, HeldBy};

/// Held as long as a gateway runs in this home.
const LOCK: &str = "gateway.lock";
/// Says who holds the lock. A file of its own: on Windows nobody else can read one that is locked.
const HOLDER: &str = "gateway.json";
/// The port of the gateway (contract section 3).
const PORT: u16 = 18740;
/// How often and how far apart the lock is tried.
const LOOKS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(20);
/// Connections that may wait to be taken up, where the system allows as many.
const WAITING: u32 = 1024;

/// Where the gateway is to listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GatewayOptions {
    /// A loopback address.
    pub host: IpAddr,
    /// The port; 0 takes any. Absent: that of the settings, else 18740.
    pub port: Option<u16>,
    /// Who runs it.
    pub by: HeldBy,
}

impl Default for GatewayOptions {
    fn default() -> Self {
        Self { host: IpAddr::V4(Ipv4Addr::LOCALHOST), port: None, by: HeldBy::Command }
    }
}

/// Where a gateway listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServingAt {
    /// `http://127.0.0.1:18740`.
    pub address: String,
    /// Whose it is.
    pub process: u32,
    /// Which kind of process that is.
    #[serde(default)]
    pub by: HeldBy,
}

impl App {
    /// Runs the gateway until `shutdown`. `on_listening` hears where, as soon as it can be reached.
    pub async fn serve_gateway(
        self: &Arc<Self>,
        options: GatewayOptions,
        on_listening: impl FnOnce(&ServingAt),
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), Failure> {
        let place = blocking(|| Place::take(self))?;
        let address = SocketAddr::new(options.host, options.port.unwrap_or_else(|| self.gateway_port()));
        let listener = listen(address)?;
        let at = listener.local_addr().map_err(|error| failed("its address is not known", &error))?;
        let address = format!("http://{at}");
        let serving = ServingAt { address, process: std::process::id(), by: options.by };
        place.write(&serving)?;
        let desk = Arc::new(AtDesk(Arc::new(Desk::new(Arc::clone(self)))));
        let gateway = Gateway::new(desk, Arc::clone(&self.clock)).live(Arc::clone(&self.gateway.live));
        on_listening(&serving);
        let ran = gateway.run(listener, shutdown).await;
        blocking(|| self.gateway.uses.write_down(&self.state));
        ran.map_err(|error| failed("the gateway ended", &error))
    }

    /// The port of the settings, else 18740.
    pub(super) fn gateway_port(&self) -> u16 {
        let set = self.read_settings().ok().and_then(|settings| settings.gateway_port());
        set.unwrap_or(PORT)
    }

    /// Tells a gateway that another process has begun or ended in order from the one before.
    pub(crate) fn gateway_stamp(&self) -> Option<SystemTime> {
        std::fs::metadata(self.home.data.join(HOLDER)).ok()?.modified().ok()
    }

    /// Whether a gateway runs in this home, and where.
    pub fn gateway_view(&self) -> GatewayView {
        let lock = File::open(self.home.data.join(LOCK)).ok();
        let held = lock.is_some_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)));
        let holder = if held { read(&self.home.data.join(HOLDER)) } else { None };
        GatewayView {
            running: holder.is_some(),
            by: holder.as_ref().map(|at| at.by),
            process: holder.as_ref().map(|at| at.process),
            address: holder.map(|at| at.address),
        }
    }
}

/// The one place of a gateway in a home. It is free again when the process ends, however it ends.
struct Place {
    /// Holds the lock.
    _locked: File,
    holder: PathBuf,
}

impl Place {
    fn take(app: &App) -> Result<Self, Failure> {
        let path = app.home.data.join(LOCK);
        let unusable = |error: std::io::Error| {
            Failure::new(ErrorCode::StoreUnavailable, format!("{}: {error}", path.display()))
        };
        std::fs::create_dir_all(&app.home.data).map_err(unusable)?;
        let mut options = std::fs::OpenOptions::new();
        let file =
            options.read(true).write(true).create(true).truncate(false).open(&path).map_err(unusable)?;
        let holder = app.home.data.join(HOLDER);
        match lock(&file) {
            Ok(()) => Ok(Self { _locked: file, holder }),
            Err(TryLockError::WouldBlock) => {
                let who = read(&holder).map_or_else(String::new, |at| {
                    let place = if at.by == HeldBy::App { " in the app" } else { "" };
                    format!("{place}: process {} at {}", at.process, at.address)
                });
                let cause = format!("a gateway of this home is running already{who}");
                Err(Failure::new(ErrorCode::PortBusy, cause))
            }
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    fn write(&self, serving: &ServingAt) -> Result<(), Failure> {
        let text = serde_json::to_vec(serving).expect("a text and a number are JSON");
        let written = std::fs::write(&self.holder, text);
        written.map_err(|error| failed("where it listens cannot be written down", &error))
    }
}

impl Drop for Place {
    /// Those who watch see that it is over. What is left behind by a process that was killed counts for nothing without
    /// the lock.
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.holder);
    }
}

/// Takes the lock. Whoever only looks whether it is held has it for a moment, too, so one look is not enough.
fn lock(file: &File) -> Result<(), TryLockError> {
    for _ in 0..LOOKS {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            other => return other,
        }
    }
    file.try_lock()
}

fn read(holder: &Path) -> Option<ServingAt> {
    serde_json::from_slice(&std::fs::read(holder).ok()?).ok()
}

fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    bound(address).map_err(|error| {
        if error.kind() != std::io::ErrorKind::AddrInUse {
            return failed(&format!("nothing can listen at {address}"), &error);
        }
        let port = address.port();
        let holder = usher_auth::port_holder(port).unwrap_or_else(|| "another program".into());
        let cause = format!("port {port} is used by {holder}");
        Failure::new(ErrorCode::PortBusy, cause)
    })
}

/// As tokio binds, with room for more connections that wait to be taken up: where there is none, a caller's system
/// tries again after a second.
fn bound(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // On Windows it would let another program have the same port.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}

fn failed(what: &str, error: &std::io::Error) -> Failure {
    Failure::new(ErrorCode::StoreUnavailable, format!("{what}: {error}"))
}
