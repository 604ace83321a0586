//! Reads the tables of sockets and the handles of all processes in `/proc`.

use std::net::SocketAddr;
use std::path::PathBuf;

use procfs::net::{TcpNetEntry, tcp, tcp6};
use procfs::process::{FDTarget, Process, all_processes};

use super::canonical;

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
    let ends = (canonical(client), canonical(gateway));
    let is_it = |entry: &TcpNetEntry| {
        (canonical(entry.local_address), canonical(entry.remote_address)) == ends && entry.inode != 0
    };
    // A socket for both versions of IP has an address of version 4 in the table of version 6.
    let found = tcp().ok().and_then(|entries| entries.into_iter().find(is_it));
    found.or_else(|| tcp6().ok()?.into_iter().find(is_it)).map(|entry| entry.inode)
}
