//! The program at the other end of a connection, and the folder that it runs in.
//!
//! The system knows which process has the other socket, and where that process runs. This is no protection against a
//! program that means harm, which can change its folder: it keeps a pass of one project from being used by another.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(target_os = "macos", all(test, unix)))]
mod lsof;
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
mod unknown;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use tokio::net::TcpStream;

#[cfg(target_os = "linux")]
use linux::{folder_of, processes_of};
#[cfg(target_os = "macos")]
use lsof::{folder_of, processes_of};
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
use unknown::{folder_of, processes_of};

/// Whether the folder of a program is known on this system.
pub const KNOWS_FOLDERS_OF_PROGRAMS: bool = cfg!(any(target_os = "linux", target_os = "macos"));

/// The client of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Peer(Option<Arc<Ends>>);

#[derive(Debug)]
struct Ends {
    client: SocketAddr,
    gateway: SocketAddr,
    /// The processes that have the client's socket, once they were looked for.
    processes: OnceLock<Vec<i32>>,
}

impl Peer {
    /// Returns the client of `stream`.
    pub(crate) fn of(stream: &TcpStream) -> Self {
        let ends = stream.peer_addr().and_then(|client| Ok((client, stream.local_addr()?)));
        let ends = ends.ok().map(|(client, gateway)| Ends { client, gateway, processes: OnceLock::new() });
        Self(ends.map(Arc::new))
    }

    /// Fails with the reason, for people, unless the client is known to run in `folder` or below it.
    ///
    /// Reads what the system knows of all processes, so it must not be called from async code.
    pub(crate) fn check_runs_in(&self, folder: &str) -> Result<(), String> {
        let outside = |where_it_is: &str| format!("only for programs that run in {folder}, {where_it_is}");
        let unknown = || outside("and the system does not show where this one runs");
        // A link that leads to another place by now is another folder.
        let real = Path::new(folder).canonicalize().ok().filter(|real| real == Path::new(folder));
        let real = real.ok_or_else(|| outside("and that folder is gone"))?;
        let ends = self.0.as_ref().ok_or_else(unknown)?;
        let processes = ends.processes.get_or_init(|| processes_of(ends.client, ends.gateway));
        if processes.is_empty() {
            return Err(unknown());
        }
        for process in processes {
            let runs_in = folder_of(*process).ok_or_else(unknown)?;
            if !runs_in.starts_with(&real) {
                return Err(outside(&format!("and process {process} runs in {}", runs_in.display())));
            }
        }
        Ok(())
    }
}

/// A socket for both versions of IP has a longer form of an address of version 4.
#[cfg(unix)]
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
