//! Timeouts of a connection: idle, reading a header, writing, and draining.
//!
//! hyper has one timeout for the header of a request, which also runs while a connection is idle. Clients reuse
//! connections after more than 90 seconds and lose a request when the server closes first (features, section 3, no. 1),
//! but a header that arrives byte by byte must time out long before that. So the two are distinguished here, where the
//! bytes arrive. A client that stops reading, and one whose request was refused before it was read, have timeouts too.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// How long a header may take from its first byte on.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may be idle.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(150);
/// How long a connection may be idle on which no good pass was shown.
const STRANGER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client may read nothing of a response.
const WRITE_TIMEOUT: Duration = Duration::from_secs(300);
/// How long the rest of a refused request is read and discarded. Closing with unread bytes resets the connection, and
/// the client may never receive the response (RFC 9112 §9.6).
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
/// Extra time for a process that was suspended and resumes: the time of a connection has run out, while the request that
/// came meanwhile may not be seen yet.
const RESUME_GRACE: Duration = Duration::from_millis(250);

/// The state of a connection's current request.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConnectionState(Arc<Progress>);

#[derive(Debug, Default)]
struct Progress {
    /// Number of requests so far. Some are served between two polls of the connection.
    requests: AtomicUsize,
    /// A request is being served, so the client is not expected to send anything.
    is_serving: AtomicBool,
    /// Its body has not been read to the end.
    request_unread: AtomicBool,
    /// A good pass was shown on this connection.
    has_pass: AtomicBool,
}

/// A guard for a request that is being served; dropping it ends that.
pub(crate) struct ResponseGuard(Arc<Progress>);

impl ConnectionState {
    /// Marks a request as being served, until the guard is dropped.
    pub(crate) fn begin(&self, has_body: bool) -> ResponseGuard {
        self.0.requests.fetch_add(1, Ordering::Relaxed);
        self.0.is_serving.store(true, Ordering::Relaxed);
        self.0.request_unread.store(has_body, Ordering::Relaxed);
        ResponseGuard(Arc::clone(&self.0))
    }

    /// Returns whether no request is being served. A header may be on its way.
    pub(crate) fn is_idle(&self) -> bool {
        !self.0.is_serving.load(Ordering::Relaxed)
    }

    /// Returns whether a good pass was shown.
    pub(crate) fn has_pass(&self) -> bool {
        self.0.has_pass.load(Ordering::Relaxed)
    }
}

impl ResponseGuard {
    /// Marks the connection as one of a client with a good pass.
    pub(crate) fn has_pass(&self) {
        self.0.has_pass.store(true, Ordering::Relaxed);
    }

    /// Marks the request as read to its end.
    pub(crate) fn has_read(&self) {
        self.0.request_unread.store(false, Ordering::Relaxed);
    }
}

impl Drop for ResponseGuard {
    fn drop(&mut self) {
        self.0.is_serving.store(false, Ordering::Relaxed);
    }
}

/// A connection that fails with a timeout when its client is too slow.
pub(crate) struct TimeoutStream<S> {
    stream: S,
    connection: ConnectionState,
    timer: Pin<Box<Sleep>>,
    /// The time of this state has run out, and the timer is for the grace.
    is_in_grace: bool,
    state: State,
    /// Number of requests at the last poll.
    seen_requests: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    ReadingHeader,
    Responding,
    /// The client does not read.
    WriteBlocked,
    /// The response is sent, and the rest of the request is discarded.
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
    pub(crate) fn new(stream: S, connection: ConnectionState) -> Self {
        Self {
            stream,
            connection,
            timer: Box::pin(sleep(HEADER_TIMEOUT)),
            is_in_grace: false,
            state: State::ReadingHeader,
            seen_requests: 0,
        }
    }

    fn enter(&mut self, state: State) {
        if self.state != state {
            self.state = state;
            self.is_in_grace = false;
            let is_stranger = state == State::Idle && !self.connection.has_pass();
            let timeout = if is_stranger { STRANGER_TIMEOUT } else { state.timeout() };
            self.timer.as_mut().reset(Instant::now() + timeout);
        }
    }

    /// Waits until the time of this state has run out, and the grace too.
    fn poll_timeout(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        ready!(self.timer.as_mut().poll(cx));
        if !std::mem::replace(&mut self.is_in_grace, true) {
            self.timer.as_mut().reset(Instant::now() + RESUME_GRACE);
            ready!(self.timer.as_mut().poll(cx));
        }
        Poll::Ready(())
    }

    /// Follows the state of the current request.
    fn sync_state(&mut self) {
        let progress = &self.connection.0;
        let (requests, is_serving) =
            (progress.requests.load(Ordering::Relaxed), progress.is_serving.load(Ordering::Relaxed));
        if requests != self.seen_requests {
            self.seen_requests = requests;
            // A client that does not read stays blocked until it reads again.
            if self.state != State::WriteBlocked {
                self.enter(State::Responding);
            }
        }
        if !is_serving && self.state == State::Responding {
            self.enter(State::Idle);
        }
    }

    /// Returns the result of a write, or a timeout when it has been pending for too long.
    fn check_write<T>(&mut self, cx: &mut Context<'_>, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        self.sync_state();
        match (self.state, result.is_pending()) {
            (State::Draining, _) => result,
            // Also when a complete response is no longer being served, but not all of it is sent.
            (_, true) => {
                self.enter(State::WriteBlocked);
                ready!(self.poll_timeout(cx));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            (State::WriteBlocked, false) => {
                self.enter(State::Responding);
                self.sync_state();
                result
            }
            _ => result,
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
        ready!(this.poll_timeout(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TimeoutStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.check_write(cx, result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.state != State::Draining {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
            if !this.connection.0.request_unread.load(Ordering::Relaxed) {
                return Poll::Ready(Ok(()));
            }
            this.enter(State::Draining);
        }
        let mut discarded = [0; 8 * 1024];
        loop {
            if this.timer.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Ok(()));
            }
            let mut discarded = ReadBuf::new(&mut discarded);
            match ready!(Pin::new(&mut this.stream).poll_read(cx, &mut discarded)) {
                Ok(()) if !discarded.filled().is_empty() => {}
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
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.check_write(cx, result)
    }
}

#[cfg(test)]
mod tests;
