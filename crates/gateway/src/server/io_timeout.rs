//! A connection that may be idle for long, but not slow in saying what it wants.
//!
//! hyper has one timeout for the head of a request, and it runs while a connection is idle too. Clients keep
//! connections for more than 90 seconds and lose a request when the server closes first (features, section 3, no. 1);
//! a head that is sent byte by byte must end long before that. So the two times are told apart here, where the bytes
//! come in. So is a caller who stops reading, and one who is answered before all that it sends was read.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// How long a head may take from its first byte on.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may be idle.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(150);
/// How long a caller may leave unread what is sent to it.
const WRITE_TIMEOUT: Duration = Duration::from_secs(300);
/// How long the rest of a request that was refused is still taken in. To close with bytes unread makes the system
/// throw away what was sent, and the caller never learns why it was refused (RFC 9112 §9.6).
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// How far a connection's request is.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectionState(Arc<Progress>);

#[derive(Debug, Default)]
struct Progress {
    /// How many requests there were. Some are served between two looks at the connection.
    requests: AtomicUsize,
    /// A request is being served, and so the caller has nothing to say.
    connection: AtomicBool,
    /// Not all of it has been read.
    request_unread: AtomicBool,
}

/// Lasts as long as a request is served.
pub(crate) struct ResponseGuard(Arc<Progress>);

impl ConnectionState {
    /// A request begins to be served; it ends when what this gives is dropped.
    pub(crate) fn begin(&self, has_body: bool) -> ResponseGuard {
        self.0.requests.fetch_add(1, Ordering::Relaxed);
        self.0.connection.store(true, Ordering::Relaxed);
        self.0.request_unread.store(has_body, Ordering::Relaxed);
        ResponseGuard(Arc::clone(&self.0))
    }
}

impl ResponseGuard {
    /// All of the request has been read.
    pub(crate) fn has_read(&self) {
        self.0.request_unread.store(false, Ordering::Relaxed);
    }
}

impl Drop for ResponseGuard {
    fn drop(&mut self) {
        self.0.connection.store(false, Ordering::Relaxed);
    }
}

/// A connection that is given up when its caller is too slow.
pub(crate) struct TimeoutStream<S> {
    stream: S,
    serving: ConnectionState,
    timer: Pin<Box<Sleep>>,
    state: State,
    /// Requests that were noticed.
    seen_requests: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    ReadingHeader,
    Responding,
    /// The caller does not read.
    WriteBlocked,
    /// The answer is out, and the rest of the request is thrown away.
    Draining,
}

impl State {
    fn timeout(self) -> Duration {
        match self {
            Self::ReadingHeader => HEADER_TIMEOUT,
            Self::Idle | Self::Responding => KEEP_ALIVE_TIMEOUT,
            Self::WriteBlocked => WRITE_TIMEOUT,
            Self::Draining => DRAIN_TIMEOUT,
        }
    }
}

impl<S> TimeoutStream<S> {
    pub(crate) fn new(stream: S, serving: ConnectionState) -> Self {
        Self {
            stream,
            serving,
            timer: Box::pin(sleep(HEADER_TIMEOUT)),
            state: State::ReadingHeader,
            seen_requests: 0,
        }
    }

    fn enter(&mut self, state: State) {
        if self.state != state {
            self.state = state;
            self.timer.as_mut().reset(Instant::now() + state.timeout());
        }
    }

    /// Follows the request that is being served.
    fn sync_state(&mut self) {
        let progress = &self.serving.0;
        let (begun, serving) =
            (progress.requests.load(Ordering::Relaxed), progress.connection.load(Ordering::Relaxed));
        if begun != self.seen_requests {
            self.seen_requests = begun;
            // Only a caller who reads again has not stalled.
            if self.state != State::WriteBlocked {
                self.enter(State::Responding);
            }
        }
        if !serving && self.state == State::Responding {
            self.enter(State::Idle);
        }
    }

    /// What came of a try to write: one that waits for too long fails.
    fn written<T>(&mut self, cx: &mut Context<'_>, tried: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        self.sync_state();
        match (self.state, tried.is_pending()) {
            (State::Draining, _) => tried,
            // An answer that is whole is no longer served, and still on its way.
            (_, true) => {
                self.enter(State::WriteBlocked);
                ready!(self.timer.as_mut().poll(cx));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            (State::WriteBlocked, false) => {
                self.enter(State::Responding);
                self.sync_state();
                tried
            }
            _ => tried,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TimeoutStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.sync_state();
        let before = buf.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut this.stream).poll_read(cx, buf) {
            if buf.filled().len() > before && this.state == State::Idle {
                this.enter(State::ReadingHeader);
            }
            return Poll::Ready(read);
        }
        if matches!(this.state, State::Responding | State::WriteBlocked) {
            return Poll::Pending;
        }
        ready!(this.timer.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TimeoutStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let tried = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.written(cx, tried)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.state != State::Draining {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
            if !this.serving.0.request_unread.load(Ordering::Relaxed) {
                return Poll::Ready(Ok(()));
            }
            this.enter(State::Draining);
        }
        let mut waste = [0; 8 * 1024];
        loop {
            if this.timer.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Ok(()));
            }
            let mut waste = ReadBuf::new(&mut waste);
            match ready!(Pin::new(&mut this.stream).poll_read(cx, &mut waste)) {
                Ok(()) if !waste.filled().is_empty() => {}
                _ => return Poll::Ready(Ok(())),
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let tried = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.written(cx, tried)
    }
}

#[cfg(test)]
mod tests;
