//! `usher background`: the process that stays, and what window and background process send each other.

#[cfg(target_os = "linux")]
mod bus;
mod lifetime;
#[cfg(target_os = "linux")]
mod logind;
#[cfg(target_os = "linux")]
mod notifications;
mod peers;
mod requests;
#[cfg(target_os = "linux")]
mod screen_lock;
mod secrets;
#[cfg(target_os = "linux")]
mod tray;
mod window;

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;
use usher_tests::{Home, Running, free_port};

/// Longer than anything that is waited for takes, so that a test that would hang fails instead.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Starts it and waits until it can be reached.
async fn started(home: &Home) -> Running {
    let mut running = home.start(&["background", "--json"]);
    let ready = running.event_named("ready").await;
    assert_eq!(ready["process"], running.id());
    running
}

fn socket(home: &Home) -> PathBuf {
    home.path().join("background.sock")
}

/// Returns a free port, which the settings of the home have from then on.
fn settings_with_port(home: &Home, enabled: bool) -> u16 {
    let port = free_port();
    home.write("config.toml", &format!("version = 1\n[gateway]\nenabled = {enabled}\nport = {port}\n"));
    port
}

/// A connection to the background process, as a window has it.
struct Peer(BufReader<UnixStream>);

impl Peer {
    /// Connects and reads the greeting.
    async fn connect(home: &Home) -> Self {
        let stream = UnixStream::connect(socket(home)).await.expect("it listens");
        let mut peer = Self(BufReader::new(stream));
        let greeting = peer.line().await.expect("it greets");
        assert_eq!(greeting["usher"], env!("CARGO_PKG_VERSION"));
        peer
    }

    /// Connects and sends a request.
    async fn ask(home: &Home, request: Value) -> Self {
        let mut peer = Self::connect(home).await;
        peer.send(format!("{request}\n").as_bytes()).await;
        peer
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.expect("it reads");
    }

    /// Reads the next line; `None` at the end.
    async fn line(&mut self) -> Option<Value> {
        let mut line = String::new();
        let read = timeout(TIMEOUT, self.0.read_line(&mut line)).await.expect("it answers in time");
        // A connection that is closed with unread bytes is reset.
        let count = read.unwrap_or_default();
        (count > 0).then(|| serde_json::from_str(&line).expect("a line is JSON"))
    }

    /// Reads the next reply.
    async fn done(&mut self) -> Value {
        let mut reply = self.line().await.expect("a reply");
        assert!(reply["done"].is_object() || reply["done"].is_null(), "{reply}");
        reply["done"].take()
    }
}

/// Returns the reply to a request that has one.
async fn reply(home: &Home, request: Value) -> Value {
    Peer::ask(home, request).await.done().await
}

/// Switches the gateway on and returns its address.
async fn switched_on(home: &Home) -> String {
    let status = reply(home, json!({ "do": "switch", "on": true })).await;
    assert_eq!(status["at"], "on", "{status}");
    status["address"].as_str().expect("it has an address").to_owned()
}
