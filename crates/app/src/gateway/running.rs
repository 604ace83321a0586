//! One gateway in a home, at an address that stays.

use std::fs::{File, TryLockError};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use usher_domain::{ErrorCode, Failure};
use usher_gateway::Gateway;

use crate::app::App;
use crate::gateway::desk::{AtDesk, Desk};
use crate::view::GatewayView;

/// Held as long as a gateway runs in this home.
const LOCK: &str = "gateway.lock";
/// Says who holds the lock. A file of its own: on Windows nobody else can read one that is locked.
const HOLDER: &str = "gateway.json";
/// The port of the gateway (contract section 3).
const PORT: u16 = 18740;

/// Where the gateway is to listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GatewayOptions {
    /// A loopback address.
    pub host: IpAddr,
    /// The port; 0 takes any.
    pub port: u16,
}

impl Default for GatewayOptions {
    fn default() -> Self {
        Self { host: IpAddr::V4(Ipv4Addr::LOCALHOST), port: PORT }
    }
}

/// Where a gateway listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServingAt {
    /// `http://127.0.0.1:18740`.
    pub address: String,
    /// Whose it is.
    pub process: u32,
}

impl App {
    /// Runs the gateway until `shutdown`. `on_listening` hears where, as soon as it can be reached.
    pub async fn serve_gateway(
        self: &Arc<Self>,
        options: GatewayOptions,
        on_listening: impl FnOnce(&ServingAt),
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), Failure> {
        let place = Place::take(self)?;
        let listener = listen(options).await?;
        let at = listener.local_addr().map_err(|error| failed("its address is not known", &error))?;
        let serving = ServingAt { address: format!("http://{at}"), process: std::process::id() };
        place.write(&serving)?;
        let desk = Arc::new(AtDesk(Arc::new(Desk::new(Arc::clone(self)))));
        let gateway = Gateway::new(desk, Arc::clone(&self.clock));
        on_listening(&serving);
        gateway.run(listener, shutdown).await.map_err(|error| failed("the gateway ended", &error))
    }

    /// Whether a gateway runs in this home, and where.
    pub fn gateway_view(&self) -> GatewayView {
        let lock = File::open(self.home.data.join(LOCK)).ok();
        let held = lock.is_some_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)));
        let holder = if held { read(&self.home.data.join(HOLDER)) } else { None };
        GatewayView { running: holder.is_some(), address: holder.map(|at| at.address) }
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
        match file.try_lock() {
            Ok(()) => Ok(Self { _locked: file, holder }),
            Err(TryLockError::WouldBlock) => {
                let who = read(&holder)
                    .map_or_else(String::new, |at| format!(": process {} at {}", at.process, at.address));
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

fn read(holder: &Path) -> Option<ServingAt> {
    serde_json::from_slice(&std::fs::read(holder).ok()?).ok()
}

async fn listen(options: GatewayOptions) -> Result<TcpListener, Failure> {
    let address = SocketAddr::new(options.host, options.port);
    TcpListener::bind(address).await.map_err(|error| {
        if error.kind() != std::io::ErrorKind::AddrInUse {
            return failed(&format!("nothing can listen at {address}"), &error);
        }
        let holder = usher_auth::holder(options.port).unwrap_or_else(|| "another program".into());
        let cause = format!("port {} is used by {holder}", options.port);
        Failure::new(ErrorCode::PortBusy, cause)
    })
}

fn failed(what: &str, error: &std::io::Error) -> Failure {
    Failure::new(ErrorCode::StoreUnavailable, format!("{what}: {error}"))
}
