//! A wire between Usher and the stand-in on which answers can be held back.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::LONG;

/// What the wire is doing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wire {
    Open,
    /// Answers are kept from going on.
    Held,
    /// Held, and a response has come.
    Holding,
}

pub(crate) struct HoldingProxy {
    pub(crate) port: u16,
    wire: Arc<watch::Sender<Wire>>,
}

impl HoldingProxy {
    /// A wire to `server` on this computer.
    pub(crate) async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let wire = Arc::new(watch::Sender::new(Wire::Open));
        let shared = wire.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                let ((from_client, to_client), (from_server, to_server)) =
                    (client.into_split(), server.into_split());
                tokio::spawn(requests(from_client, to_server));
                tokio::spawn(answers(from_server, to_client, shared.clone()));
            }
        });
        Self { port, wire }
    }

    /// From now on no answer goes on.
    pub(crate) fn hold(&self) {
        self.wire.send_replace(Wire::Held);
    }

    /// Waits until an answer is being held: the server has done its part.
    pub(crate) async fn is_holding(&self) {
        let mut wire = self.wire.subscribe();
        tokio::time::timeout(LONG, wire.wait_for(|wire| *wire == Wire::Holding)).await.unwrap().unwrap();
    }

    /// Lets all go on.
    pub(crate) fn release(&self) {
        self.wire.send_replace(Wire::Open);
    }
}

async fn requests(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    // An end on either side ends this direction; the server goes on with what it has.
    let _ = tokio::io::copy(&mut from, &mut to).await;
    // Kept open for longer than any test: a server that sees its client leave stops what it does.
    tokio::time::sleep(LONG + Duration::from_secs(1)).await;
}

async fn answers(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, wire: Arc<watch::Sender<Wire>>) {
    let mut piece = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        wire.send_if_modified(|wire| {
            *wire == Wire::Held && {
                *wire = Wire::Holding;
                true
            }
        });
        let mut open = wire.subscribe();
        if open.wait_for(|wire| *wire == Wire::Open).await.is_err() {
            return;
        }
        if to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
}
