//! Ports that no other program is given meanwhile.

use std::net::TcpListener;
use std::ops::Range;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the ports that systems give to programs that ask for any.
const PORTS: Range<u16> = 10_000..30_000;
/// Most ports of one process.
const PORTS_OF_ONE_PROCESS: u16 = 8;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// Returns a free port. Each process, which runs one test, begins with another one.
///
/// A port that the system gave and that was closed again may be given to another test before it is used.
pub fn free_port() -> u16 {
    let number = u32::from(PORTS.end - PORTS.start);
    let of_process = std::process::id().wrapping_mul(u32::from(PORTS_OF_ONE_PROCESS));
    let first = of_process.wrapping_add(u32::from(NEXT.fetch_add(1, Ordering::Relaxed))) % number;
    let first = PORTS.start + u16::try_from(first).expect("less than the number of ports");
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    (first..PORTS.end).chain(PORTS.start..first).find(is_free).expect("a port is free")
}
