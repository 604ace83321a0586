//! The connections to a sandbox: accepted, counted, and closed with it.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::service;
use crate::state::SandboxState;

/// A listener with its connections. Dropping it closes them all.
pub(crate) struct Connections {
    address: SocketAddr,
    open: watch::Receiver<usize>,
    accepting: JoinHandle<Infallible>,
}

impl Connections {
    pub(crate) fn accept(
        listener: TcpListener,
        state: Arc<SandboxState>,
        router: Router,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let open = watch::Sender::new(0);
        let seen = open.subscribe();
        let accepting = tokio::spawn(accept(listener, state, router, open));
        Ok(Self { address, open: seen, accepting })
    }

    /// Waits until every connection that was opened before this call is closed.
    pub(crate) async fn wait_closed(&self) -> io::Result<()> {
        // Connections are accepted in order, so all earlier ones were accepted once this one is closed.
        let mut last = TcpStream::connect(self.address).await?;
        last.shutdown().await?;
        last.read_to_end(&mut Vec::new()).await?;
        self.open.clone().wait_for(|open| *open == 0).await.map_err(io::Error::other)?;
        Ok(())
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Accepts connections into a set of this task, so that they end with it.
async fn accept(
    listener: TcpListener,
    state: Arc<SandboxState>,
    router: Router,
    open: watch::Sender<usize>,
) -> Infallible {
    let mut connections = JoinSet::new();
    let open = Arc::new(open);
    loop {
        // A failed accept concerns one connection; the listener goes on.
        let Ok((stream, _)) = listener.accept().await else { continue };
        while connections.try_join_next().is_some() {}
        // Small events are sent at once.
        let _ = stream.set_nodelay(true);
        let counted = CountedStream::new(&open);
        let (state, router) = (Arc::clone(&state), router.clone());
        let service = service_fn(move |request| service::serve(Arc::clone(&state), router.clone(), request));
        connections.spawn(async move {
            let _counted = counted;
            // An error here is a client that left or a fault that a test set.
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// One open connection.
struct CountedStream(Arc<watch::Sender<usize>>);

impl CountedStream {
    fn new(open: &Arc<watch::Sender<usize>>) -> Self {
        open.send_modify(|open| *open += 1);
        Self(Arc::clone(open))
    }
}

impl Drop for CountedStream {
    fn drop(&mut self) {
        self.0.send_modify(|open| *open -= 1);
    }
}
