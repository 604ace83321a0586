//! Systems where the program at the other end is not looked for.

use std::net::SocketAddr;
use std::path::PathBuf;

pub(super) fn processes_of(_client: SocketAddr, _gateway: SocketAddr) -> Vec<i32> {
    Vec::new()
}

pub(super) fn folder_of(_process: i32) -> Option<PathBuf> {
    None
}
