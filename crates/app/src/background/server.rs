//! Answers the programs that connect to the background process.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use interprocess::local_socket::tokio::prelude::*;
use interprocess::local_socket::tokio::{Listener, Stream};
use serde::Serialize;
use tokio::io::{AsyncReadExt as _, BufReader};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::timeout;
use usher_domain::{Failure, Passphrase};

use crate::background::protocol::{
    Greeting, MAX_REQUEST_BYTES, News, Quit, Reply, Request, read_line, read_passphrase, version, write_line,
};
use crate::background::reasons::Reasons;
use crate::background::socket::is_same_user;
use crate::context::{Context, run_blocking};
use crate::gateway::GatewayController;

/// How many connections there may be at once. A window has two that stay, and one for a moment.
const MAX_CONNECTIONS: usize = 32;

/// How long a peer may take to send its request, or to read a reply.
const PEER_TIMEOUT: Duration = Duration::from_secs(5);

/// The pause after a connection that could not be accepted, for example because too many files are open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// What a connection works on.
pub(super) struct Server {
    pub(super) gateway: Arc<GatewayController>,
    context: Arc<Context>,
    pub(super) reasons: Reasons,
    /// Somebody asked for the end of the process.
    pub(super) quit: Notify,
    /// Whether the process ends.
    pub(super) ends: watch::Sender<bool>,
    /// Whether a tray shows the icon of the process.
    pub(super) tray: watch::Sender<bool>,
}

impl Server {
    pub(super) fn new(context: Arc<Context>, gateway: Arc<GatewayController>) -> Self {
        Self {
            gateway,
            context,
            reasons: Reasons::default(),
            quit: Notify::new(),
            ends: watch::Sender::new(false),
            tray: watch::Sender::new(false),
        }
    }

    /// Accepts connections. Never ends.
    pub(super) async fn accept_forever(self: &Arc<Self>, listener: Listener) {
        let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        loop {
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
            let stream = match listener.accept().await {
                Ok(stream) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            if !is_same_user(&stream) {
                tracing::warn!("a process of another user was refused");
                continue;
            }
            let server = Arc::clone(self);
            tokio::spawn(async move {
                if let Err(error) = server.converse(stream).await {
                    tracing::debug!(%error, "a connection ended");
                }
                drop(permit);
            });
        }
    }

    async fn converse(&self, stream: Stream) -> io::Result<()> {
        let (mut from, to) = (BufReader::new(&stream), &stream);
        send(to, &Greeting { usher: version().to_owned(), process: std::process::id() }).await?;
        let Some(request) = timeout(PEER_TIMEOUT, read_line(&mut from, MAX_REQUEST_BYTES)).await?? else {
            return Ok(());
        };
        match request {
            Request::Status => send(to, &Reply::Done(self.gateway.status().await)).await,
            Request::Switch { on } => send(to, &reply(self.gateway.switch(on).await)).await,
            Request::SetPort { port } => send(to, &reply(self.gateway.set_port(port).await)).await,
            Request::WatchRequests => tokio::select! {
                sent = self.send_requests(to) => sent,
                () = ended(from) => Ok(()),
            },
            Request::Stay => tokio::select! {
                sent = self.send_news(to) => sent,
                () = ended(from) => Ok(()),
            },
            Request::Unlock => {
                let passphrase = timeout(PEER_TIMEOUT, read_passphrase(&mut from)).await??;
                send(to, &reply(self.unlock(passphrase).await)).await
            }
            Request::Quit { if_idle } => self.quit(if_idle, to).await,
        }
    }

    async fn unlock(&self, passphrase: Passphrase) -> Result<(), Failure> {
        let store = Arc::clone(&self.context.store);
        run_blocking(move || store.unlock_with(&passphrase)).await?;
        self.context.changed();
        Ok(())
    }

    /// Stays, and sends what changes, until the end of the process.
    async fn send_news(&self, to: &Stream) -> io::Result<()> {
        let _here = self.reasons.hold();
        let (mut ends, mut tray) = (self.ends.subscribe(), self.tray.subscribe());
        loop {
            let news = News { ends: *ends.borrow_and_update(), tray: *tray.borrow_and_update() };
            send(to, &Reply::Done(news)).await?;
            if news.ends {
                return Ok(());
            }
            tokio::select! {
                _ = ends.changed() => {}
                _ = tray.changed() => {}
            }
        }
    }

    async fn send_requests(&self, to: &Stream) -> io::Result<()> {
        let mut feed = self.gateway.request_feed();
        loop {
            send(to, &Reply::Done(feed.next().await)).await?;
        }
    }

    /// Ends the process, and with it the connection.
    async fn quit(&self, if_idle: bool, to: &Stream) -> io::Result<()> {
        let running = self.gateway.running_requests();
        let ends = running == 0 || !if_idle;
        send(to, &Reply::Done(Quit { running, ends })).await?;
        if ends {
            self.quit.notify_one();
            std::future::pending::<()>().await;
        }
        Ok(())
    }
}

fn reply<T>(result: Result<T, Failure>) -> Reply<T> {
    result.map_or_else(|failure| Reply::Failed(failure.into()), Reply::Done)
}

async fn send(mut to: &Stream, line: &impl Serialize) -> io::Result<()> {
    timeout(PEER_TIMEOUT, write_line(&mut to, line)).await?
}

/// Waits until the peer has gone, or sends more than its request.
async fn ended(mut from: BufReader<&Stream>) {
    let _ = from.read(&mut [0]).await;
}
