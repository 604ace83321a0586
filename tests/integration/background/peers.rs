//! Programs of this user that connect to it and are no window.

use nix::sys::signal::Signal;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use usher_sandbox::{Options, Sandbox};
use usher_tests::Home;

use super::{Peer, reply, settings_with_port, started};

/// More than it accepts at once.
const MANY: usize = 40;

#[tokio::test]
async fn peers_that_send_garbage_or_nothing_hold_nobody_up() {
    let sandbox = Sandbox::start(Options::for_tests()).await.expect("a sandbox starts");
    let home = Home::at(&sandbox);
    settings_with_port(&home, true);
    let mut running = started(&home).await;
    for garbage in ["\n", "GET /v1/models HTTP/1.1\r\nhost: usher\r\n\r\n", "{\"do\":\"leave\"}\n", "\u{0}\n"]
    {
        let mut peer = Peer::connect(&home).await;
        peer.send(garbage.as_bytes()).await;
        assert_eq!(peer.line().await, None, "{garbage:?} is refused without a word");
    }
    let mut endless = Peer::connect(&home).await;
    let sent = async {
        // 64 MiB, of which a few kilobytes are read.
        for _ in 0..8192 {
            endless.0.write_all(&[b'x'; 8192]).await?;
        }
        Ok::<(), std::io::Error>(())
    };
    assert!(sent.await.is_err(), "an endless line ends the connection");

    let silent: Vec<_> =
        (0..MANY).map(|_| std::os::unix::net::UnixStream::connect(super::socket(&home))).collect();
    assert!(silent.iter().all(Result::is_ok), "they wait for their turn");
    assert_eq!(reply(&home, json!({ "do": "status" })).await["at"], "on", "the silent ones were dropped");
    running.signal(Signal::SIGTERM);
    assert_eq!(running.end().await.code, 0);
}
