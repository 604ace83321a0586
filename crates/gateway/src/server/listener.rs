//! Listening, and ending.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::spawn_blocking;
use usher_domain::ports::Clock;
use usher_domain::{ErrorCode, Failure};

use crate::endpoints::token_count::TokenCounter;
use crate::host::GatewayHost;
use crate::request_log::RequestLog;
use crate::server::io_timeout::ConnectionState;
use crate::server::io_timeout::TimeoutStream;
use crate::server::limits::Limits;
use crate::server::memory;
use crate::server::pass_limiter::PassLimiter;
use crate::service::GatewayService;
use crate::translate::rejected_reasoning::RejectedReasoning;

/// Headers of one request, all together. Codex sends 4 KiB, Claude Code less.
const MAX_HEADER_BYTES: usize = 64 * 1024;
const MAX_HEADERS: usize = 128;
/// How long open answers may go on once the gateway is to end.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);
/// How long they may then take to say that they end.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);
/// How often open answers are looked at: a pass that another process revokes is refused within a second
/// (contract §3).
const REVOCATION_INTERVAL: Duration = Duration::from_millis(400);
/// How long there is no request before memory is given back.
const TRIM_AFTER_IDLE: Duration = Duration::from_secs(10);
/// A pause after a failure to accept, which is most often a lack of file handles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The gateway.
pub struct Gateway {
    host: Arc<dyn GatewayHost>,
    clock: Arc<dyn Clock>,
    log: Arc<RequestLog>,
    limits: Limits,
}

impl Gateway {
    /// One that asks `host`.
    pub fn new(host: Arc<dyn GatewayHost>, clock: Arc<dyn Clock>) -> Self {
        Self { host, clock, log: Arc::default(), limits: Limits::default() }
    }

    /// The same with other limits.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same with requests kept in `log`, where others see them.
    #[must_use]
    pub fn log(self, live: Arc<RequestLog>) -> Self {
        Self { log: live, ..self }
    }

    /// Serves what comes in at `listener` until `shutdown`; answers that are under way then have a few seconds more.
    pub async fn run(self, listener: TcpListener, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let path = Arc::new(GatewayService {
            port: listener.local_addr()?.port(),
            host: self.host,
            clock: self.clock,
            log: Arc::clone(&self.log),
            limits: self.limits,
            token_counter: TokenCounter::default(),
            pass_limiter: PassLimiter::default(),
            rejected_reasoning: RejectedReasoning::default(),
        });
        self.log.open();
        let open = GracefulShutdown::new();
        let (cut, _) = watch::channel(());
        let permits = Arc::new(Semaphore::new(self.limits.connections));
        let looking = close_revoked(Arc::clone(&path));
        tokio::pin!(shutdown, looking);
        loop {
            let accepted = tokio::select! {
                accepted = accept(&listener, &permits) => accepted,
                () = &mut shutdown => break,
                () = &mut looking => unreachable!("it looks for ever"),
            };
            match accepted {
                Ok((stream, permit)) => serve(Arc::clone(&path), stream, permit, &open, cut.subscribe()),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(listener);
        let ended = open.shutdown();
        tokio::pin!(ended);
        if tokio::time::timeout(SHUTDOWN_TIMEOUT, &mut ended).await.is_err() {
            tracing::info!("answers are still under way and are ended");
            self.log.close(&Failure::new(ErrorCode::Cancelled, "the gateway has ended"));
            // Whoever does not even read that is cut off.
            let _ = tokio::time::timeout(CLOSE_TIMEOUT, ended).await;
        }
        Ok(())
    }
}

/// The next connection, once there is a permit for it.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.expect("the semaphore is never closed");
    let (stream, _) = listener.accept().await?;
    Ok((stream, permit))
}

/// Serves a connection to its end, or until the other end of `cut` is gone.
fn serve(
    path: Arc<GatewayService>,
    stream: TcpStream,
    permit: OwnedSemaphorePermit,
    open: &GracefulShutdown,
    mut cut: watch::Receiver<()>,
) {
    // Events are small and wanted at once. A connection that refuses this works all the same.
    let _ = stream.set_nodelay(true);
    let serving = ConnectionState::default();
    let io = TokioIo::new(TimeoutStream::new(stream, serving.clone()));
    let service = service_fn(move |request| Arc::clone(&path).serve(request, serving.clone()));
    let connection = http1::Builder::new()
        .header_read_timeout(None)
        .max_buf_size(MAX_HEADER_BYTES)
        .max_headers(MAX_HEADERS)
        .serve_connection(io, service);
    let connection = open.watch(connection);
    tokio::spawn(async move {
        tokio::select! {
            ended = connection => if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            },
            _ = cut.changed() => {}
        }
        drop(permit);
    });
}

/// Ends answers whose pass or account is no longer good. Sleeps while there are none.
async fn close_revoked(path: Arc<GatewayService>) {
    let mut changes = path.log.changes();
    loop {
        if path.log.is_empty() {
            if tokio::time::timeout(TRIM_AFTER_IDLE, changes.changed()).await.is_err() {
                memory::trim_heap();
                // The sender lives in `path`.
                let _ = changes.changed().await;
            }
            continue;
        }
        tokio::time::sleep(REVOCATION_INTERVAL).await;
        let looking = Arc::clone(&path);
        // It reads files, and may wait for a keyring.
        let looked = spawn_blocking(move || looking.log.end_revoked(looking.host.as_ref())).await;
        if let Err(error) = looked {
            tracing::error!(%error, "open requests could not be looked at");
        }
    }
}
