//! The program at the other end of a connection, and the folder that it runs in.
//!
//! The system knows which process has the other socket, and where that process runs. This is no protection against a
//! program that means harm, which can change its folder: it keeps a pass of one project from being used by another.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use tokio::net::TcpStream;

/// Whether the folder of a program is known on this system.
pub const KNOWS_FOLDERS_OF_PROGRAMS: bool = cfg!(target_os = "linux");

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
        let processes = ends.processes.get_or_init(|| system::processes_of(ends.client, ends.gateway));
        if processes.is_empty() {
            return Err(unknown());
        }
        for process in processes {
            let runs_in = system::folder_of(*process).ok_or_else(unknown)?;
            if !runs_in.starts_with(&real) {
                return Err(outside(&format!("and process {process} runs in {}", runs_in.display())));
            }
        }
        Ok(())
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::net::SocketAddr;
    use std::path::PathBuf;

    use procfs::net::{TcpNetEntry, tcp, tcp6};
    use procfs::process::{FDTarget, Process, all_processes};

    /// Returns the processes of this user that have the socket from `client` to `gateway`.
    pub(super) fn processes_of(client: SocketAddr, gateway: SocketAddr) -> Vec<i32> {
        let Some(inode) = inode_of(client, gateway) else { return Vec::new() };
        let Ok(processes) = all_processes() else { return Vec::new() };
        let has_it = |process: &Process| {
            let Ok(handles) = process.fd() else { return false };
            handles.flatten().any(|handle| handle.target == FDTarget::Socket(inode))
        };
        processes.flatten().filter(has_it).map(|process| process.pid).collect()
    }

    /// Returns the folder that a process runs in.
    pub(super) fn folder_of(process: i32) -> Option<PathBuf> {
        Process::new(process).and_then(|process| process.cwd()).ok()
    }

    fn inode_of(client: SocketAddr, gateway: SocketAddr) -> Option<u64> {
        let is_it = |entry: &TcpNetEntry| {
            same(entry.local_address, client) && same(entry.remote_address, gateway) && entry.inode != 0
        };
        // A socket for both versions of IP has an address of version 4 in the table of version 6.
        let found = tcp().ok().and_then(|entries| entries.into_iter().find(is_it));
        found.or_else(|| tcp6().ok()?.into_iter().find(is_it)).map(|entry| entry.inode)
    }

    fn same(one: SocketAddr, other: SocketAddr) -> bool {
        (one.ip().to_canonical(), one.port()) == (other.ip().to_canonical(), other.port())
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::net::SocketAddr;
    use std::path::PathBuf;

    pub(super) fn processes_of(_client: SocketAddr, _gateway: SocketAddr) -> Vec<i32> {
        Vec::new()
    }

    pub(super) fn folder_of(_process: i32) -> Option<PathBuf> {
        None
    }
}
