//! Listens for connections, and shuts down.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use usher_domain::ports::Clock;
use usher_domain::{ErrorCode, Failure};

use crate::endpoints::token_count::TokenCounter;
use crate::host::GatewayHost;
use crate::request_log::RequestLog;
use crate::server::connections::{ConnectionPlace, Connections};
use crate::server::file_handles::connections_that_fit;
use crate::server::io_timeout::{ConnectionState, TimeoutStream};
use crate::server::limits::Limits;
use crate::server::memory;
use crate::server::memory_budget::MemoryBudget;
use crate::server::pass_limiter::PassLimiter;
use crate::server::peer::Peer;
use crate::server::token_limiter::TokenLimiter;
use crate::service::GatewayService;
use crate::translate::prompt_cache::PromptCaches;
use crate::translate::rejected_reasoning::RejectedReasoning;

/// Maximum size of all headers of a request. Codex sends 4 KiB, Claude Code less.
const MAX_HEADER_BYTES: usize = 64 * 1024;
const MAX_HEADERS: usize = 128;
/// How long running responses may continue after the shutdown has begun.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);
/// How long they may then take to send their error.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);
/// How often running requests are checked: a pass that another process revokes is refused within a second (contract
/// §3).
const REVOCATION_INTERVAL: Duration = Duration::from_millis(400);
/// How long the gateway is idle before free memory is returned to the system.
const TRIM_AFTER_IDLE: Duration = Duration::from_secs(10);
/// Pause after an error of `accept`, which is most often a lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// An HTTP server for the programs on this computer.
pub struct Gateway {
    host: Arc<dyn GatewayHost>,
    clock: Arc<dyn Clock>,
    log: Arc<RequestLog>,
    limits: Limits,
    answers_localhost: bool,
}

impl Gateway {
    /// Creates a gateway with passes, routes and models of `host`.
    pub fn new(host: Arc<dyn GatewayHost>, clock: Arc<dyn Clock>) -> Self {
        Self { host, clock, log: Arc::default(), limits: Limits::default(), answers_localhost: false }
    }

    /// Sets the limits.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Answers requests for `localhost` as well as for the addresses.
    ///
    /// Only for who has all addresses of that name on the port: clients try `::1` and `127.0.0.1`, and where another
    /// program listens at one of them it gets their passes.
    #[must_use]
    pub fn answer_localhost(self) -> Self {
        Self { answers_localhost: true, ..self }
    }

    /// Sets the log in which requests are recorded, which others can read.
    #[must_use]
    pub fn log(self, log: Arc<RequestLog>) -> Self {
        Self { log, ..self }
    }

    /// Serves the connections of `listeners`, which have the same port, until `shutdown`.
    ///
    /// Running responses then have a few more seconds.
    pub async fn run(
        self,
        listeners: Vec<TcpListener>,
        shutdown: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let first = listeners.first().ok_or(io::ErrorKind::InvalidInput)?;
        let service = Arc::new(GatewayService {
            port: first.local_addr()?.port(),
            answers_localhost: self.answers_localhost,
            host: self.host,
            clock: self.clock,
            log: Arc::clone(&self.log),
            limits: self.limits,
            token_counter: TokenCounter::default(),
            pass_limiter: PassLimiter::default(),
            token_limiter: TokenLimiter::default(),
            memory: MemoryBudget::new(self.limits.request_memory),
            rejected_reasoning: RejectedReasoning::default(),
            prompts: PromptCaches::default(),
        });
        self.log.open();
        let running = GracefulShutdown::new();
        let (abort, _) = watch::channel(());
        let connections = Connections::new(self.limits.connections.min(connections_that_fit()));
        let revocations = close_revoked(Arc::clone(&service));
        tokio::pin!(shutdown, revocations);
        loop {
            let accepted = tokio::select! {
                accepted = accept(&listeners, &connections) => accepted,
                () = &mut shutdown => break,
                () = &mut revocations => unreachable!("the loop never ends"),
            };
            match accepted {
                Ok(accepted) => serve(Arc::clone(&service), accepted, &running, abort.subscribe()),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(listeners);
        tokio::select! {
            () = drain(running, &self.log) => Ok(()),
            () = &mut revocations => unreachable!("the loop never ends"),
        }
    }
}

/// Lets running responses continue for a while, then ends them.
async fn drain(running: GracefulShutdown, log: &RequestLog) {
    let drained = running.shutdown();
    tokio::pin!(drained);
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, &mut drained).await.is_err() {
        tracing::info!("responses are still running and are ended");
        log.close(&Failure::new(ErrorCode::Cancelled, "the gateway has ended"));
        // A client that does not read the error is disconnected.
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, drained).await;
    }
}

/// A connection that has its place.
struct Accepted {
    stream: TcpStream,
    state: ConnectionState,
    place: ConnectionPlace,
    /// Is notified when the connection must make room for another.
    closed: oneshot::Receiver<()>,
}

/// Returns the next connection of any listener as soon as there is room for it.
async fn accept(listeners: &[TcpListener], connections: &Connections) -> io::Result<Accepted> {
    let accepting = listeners.iter().map(|listener| Box::pin(listener.accept()));
    let (accepted, ..) = futures_util::future::select_all(accepting).await;
    let (stream, _) = accepted?;
    let state = ConnectionState::default();
    let (place, closed) = connections.place(state.clone()).await;
    Ok(Accepted { stream, state, place, closed })
}

/// Serves a connection in a task, until it ends, must make room, or the sender of `abort` is dropped.
fn serve(
    gateway: Arc<GatewayService>,
    accepted: Accepted,
    running: &GracefulShutdown,
    mut abort: watch::Receiver<()>,
) {
    let Accepted { stream, state, place, closed } = accepted;
    // Events are small and must not be delayed. A connection works without this option too.
    let _ = stream.set_nodelay(true);
    let peer = Peer::of(&stream);
    let io = TokioIo::new(TimeoutStream::new(stream, state.clone()));
    let service = service_fn(move |mut request| {
        request.extensions_mut().insert(peer.clone());
        Arc::clone(&gateway).serve(request, state.clone())
    });
    let connection = http1::Builder::new()
        .header_read_timeout(None)
        .max_buf_size(MAX_HEADER_BYTES)
        .max_headers(MAX_HEADERS)
        .serve_connection(io, service);
    let connection = running.watch(connection);
    tokio::spawn(async move {
        tokio::select! {
            ended = connection => if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            },
            // An error means that it has no place any more.
            _ = closed => tracing::debug!("an idle connection makes room"),
            _ = abort.changed() => {}
        }
        drop(place);
    });
}

/// Ends requests whose pass or account is no longer valid. Sleeps while there are none.
async fn close_revoked(service: Arc<GatewayService>) {
    let requests = service.log.admitted();
    loop {
        if requests.is_empty() {
            if tokio::time::timeout(TRIM_AFTER_IDLE, requests.arrived()).await.is_err() {
                memory::trim_heap();
                requests.arrived().await;
            }
            continue;
        }
        tokio::time::sleep(REVOCATION_INTERVAL).await;
        requests.end_revoked(service.host.as_ref()).await;
    }
}
