//! A session bus of its own.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use zbus::Connection;

/// A session bus without anything on it.
pub(super) struct Bus {
    daemon: Child,
    pub(super) address: String,
}

impl Bus {
    pub(super) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts it at an address, where one may have been before.
    pub(super) async fn start_at(address: &str) -> Self {
        Self::start_with(&[&format!("--address={address}")]).await
    }

    async fn start_with(options: &[&str]) -> Self {
        let mut command = Command::new("dbus-daemon");
        command.args(["--session", "--nofork", "--print-address"]).args(options);
        command.stdout(Stdio::piped()).kill_on_drop(true);
        let mut daemon = command.spawn().expect("dbus-daemon is installed");
        let mut lines = BufReader::new(daemon.stdout.take().expect("its output is piped")).lines();
        let address = lines.next_line().await.expect("it can be read").expect("it prints its address");
        Self { daemon, address }
    }

    pub(super) async fn stop(mut self) {
        self.daemon.kill().await.expect("it is our own child");
    }

    pub(super) async fn connect(&self) -> Connection {
        let address = self.address.as_str();
        zbus::connection::Builder::address(address)
            .expect("it is one")
            .build()
            .await
            .expect("the bus answers")
    }
}
