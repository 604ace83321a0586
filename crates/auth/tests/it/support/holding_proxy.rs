//! A TCP proxy between Usher and the sandbox that can hold back responses.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::LONG;

/// The state of the proxy.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// Responses are held back; none has arrived yet.
    Held,
    /// A response has arrived and is held back.
    Holding,
}

pub(crate) struct HoldingProxy {
    pub(crate) port: u16,
    state: Arc<watch::Sender<State>>,
}

impl HoldingProxy {
    /// Starts a proxy to the port `server` of this computer.
    pub(crate) async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(watch::Sender::new(State::Open));
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                let ((from_client, to_client), (from_server, to_server)) =
                    (client.into_split(), server.into_split());
                tokio::spawn(forward_requests(from_client, to_server));
                tokio::spawn(forward_responses(from_server, to_client, shared.clone()));
            }
        });
        Self { port, state }
    }

    /// Holds back responses from now on.
    pub(crate) fn hold(&self) {
        self.state.send_replace(State::Held);
    }

    /// Waits until a response is held back: the server has handled the request.
    pub(crate) async fn is_holding(&self) {
        let mut state = self.state.subscribe();
        tokio::time::timeout(LONG, state.wait_for(|state| *state == State::Holding)).await.unwrap().unwrap();
    }

    /// Forwards responses again.
    pub(crate) fn release(&self) {
        self.state.send_replace(State::Open);
    }
}

async fn forward_requests(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    // The end of either side ends this direction only.
    let _ = tokio::io::copy(&mut from, &mut to).await;
    // Stays open for longer than any test: a server that sees its client disconnect aborts the request.
    tokio::time::sleep(LONG + Duration::from_secs(1)).await;
}

async fn forward_responses(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    state: Arc<watch::Sender<State>>,
) {
    let mut chunk = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut chunk).await {
        state.send_if_modified(|state| {
            *state == State::Held && {
                *state = State::Holding;
                true
            }
        });
        let mut open = state.subscribe();
        if open.wait_for(|state| *state == State::Open).await.is_err() {
            return;
        }
        if to.write_all(&chunk[..length]).await.is_err() {
            return;
        }
    }
}
