//! Whose connection to the callback port is.

use std::net::SocketAddr;

/// The two ends of a connection.
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux says whose they are"))]
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    pub(super) client: SocketAddr,
    pub(super) callback: SocketAddr,
}

impl Ends {
    /// Returns whether the client is a program of this user, as far as the system says so.
    ///
    /// Another user of the computer can read the arguments of a browser, and open the page in them first.
    #[cfg(target_os = "linux")]
    pub(super) fn are_of_this_user(self) -> bool {
        let user = nix::unistd::geteuid().as_raw();
        let is_clients = |entry: &procfs::net::TcpNetEntry| {
            entry.local_address == self.client && entry.remote_address == self.callback
        };
        let sockets = procfs::net::tcp().unwrap_or_default();
        sockets.iter().any(|entry| is_clients(entry) && entry.uid == user)
    }

    /// On other systems nothing says it.
    #[cfg(not(target_os = "linux"))]
    #[expect(clippy::unused_self, reason = "what Linux has to look at")]
    pub(super) fn are_of_this_user(self) -> bool {
        false
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn ends_are_of_this_user_only_where_there_is_such_a_socket() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let callback = listener.local_addr().unwrap();
        let client = TcpStream::connect(callback).unwrap();
        let ends = Ends { client: client.local_addr().unwrap(), callback };
        assert!(ends.are_of_this_user());
        drop(client);
        let other = Ends { client: "127.0.0.1:1".parse().unwrap(), callback };
        assert!(!other.are_of_this_user());
    }
}
