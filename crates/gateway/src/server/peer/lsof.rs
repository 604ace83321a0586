//! Asks `lsof`, which comes with macOS: the system has no file to read this from, and its calls need unsafe code.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::canonical;

/// By its path, so that no other program of this name is asked.
const LSOF: &str = if cfg!(target_os = "macos") { "/usr/sbin/lsof" } else { "/usr/bin/lsof" };

/// Returns the processes that have the socket from `client` to `gateway`.
pub(super) fn processes_of(client: SocketAddr, gateway: SocketAddr) -> Vec<i32> {
    // Both ends of the connection have this port.
    let of_port = format!("-iTCP:{}", client.port());
    let listed = run(&["-nP", "-w", &of_port, "-sTCP:ESTABLISHED", "-Fpn"]);
    let is_it = |name: &str| {
        let ends = name.split_once("->").map(|(from, to)| (address(from), address(to)));
        ends == Some((Some(canonical(client)), Some(canonical(gateway))))
    };
    let mut found: Vec<i32> = names(&listed).filter(|(_, name)| is_it(name)).map(|(pid, _)| pid).collect();
    found.dedup();
    found
}

/// Returns the folder that a process runs in.
pub(super) fn folder_of(process: i32) -> Option<PathBuf> {
    let listed = run(&["-nP", "-w", "-a", "-p", &process.to_string(), "-d", "cwd", "-Fpn"]);
    let folder = names(&listed).find(|(pid, _)| *pid == process)?.1;
    // A folder that was removed has more words in its name, and is no path of that name then.
    folder.starts_with('/').then(|| PathBuf::from(folder))
}

/// Returns what `lsof` prints; nothing if it cannot be run. It exits with 1 when it finds nothing.
fn run(arguments: &[&str]) -> String {
    let output = Command::new(LSOF).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}

/// Reads lines of `-Fpn`: `p` and a process id, then `n` and a name for each of its files.
fn names(listed: &str) -> impl Iterator<Item = (i32, &str)> {
    let mut process = None;
    listed.lines().filter_map(move |line| {
        if let Some(id) = line.strip_prefix('p') {
            process = id.parse().ok();
        }
        Some((process?, line.strip_prefix('n')?))
    })
}

fn address(text: &str) -> Option<SocketAddr> {
    text.parse().ok().map(canonical)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn process_of_socket_is_found_among_its_neighbours() {
        let listed = "p12\nf4\nn127.0.0.1:50001->127.0.0.1:18740\nf5\nn127.0.0.1:18740->127.0.0.1:50001\n\
                      p13\nf9\nn[::1]:50001->[::1]:18740\np14\n";
        let found: Vec<_> = names(listed).collect();
        assert_eq!(found[0], (12, "127.0.0.1:50001->127.0.0.1:18740"));
        assert_eq!(found.iter().map(|(pid, _)| *pid).collect::<Vec<_>>(), [12, 12, 13]);
        assert_eq!(address("[::ffff:127.0.0.1]:7"), address("127.0.0.1:7"));
        assert_eq!(address("localhost:http"), None);
        assert_eq!(names("nlost\np\nnlost").count(), 0);
    }

    #[test]
    fn other_process_and_its_folder_are_found() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let folder = std::env::temp_dir().canonicalize().unwrap();
        // Connects, and ends when the connection does.
        let script = format!("exec 3<>/dev/tcp/127.0.0.1/{port}; read -r line <&3");
        let mut client = Command::new("bash").args(["-c", &script]).current_dir(&folder).spawn().unwrap();
        let (connection, _) = listener.accept().unwrap();
        let (client_end, gateway_end) = (connection.peer_addr().unwrap(), connection.local_addr().unwrap());
        let id = i32::try_from(client.id()).unwrap();
        assert_eq!(processes_of(client_end, gateway_end), [id]);
        assert_eq!(processes_of(client_end, "127.0.0.1:1".parse().unwrap()), [0; 0]);
        assert_eq!(folder_of(id), Some(folder));
        drop(connection);
        client.wait().unwrap();
        assert_eq!(folder_of(id), None);
    }
}
