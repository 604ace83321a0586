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
const HEAD: Duration = Duration::from_secs(10);
/// How long a connection may be idle.
const IDLE: Duration = Duration::from_secs(150);
/// How long a caller may leave unread what is sent to it.
const UNREAD: Duration = Duration::from_secs(300);
/// How long the rest of a request that was refused is still taken in. To close with bytes unread makes the system
/// throw away what was sent, and the caller never learns why it was refused (RFC 9112 §9.6).
const LAST: Duration = Duration::from_secs(5);

/// How far a connection's request is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Serving(Arc<Progress>);

#[derive(Debug, Default)]
struct Progress {
    /// How many requests there were. Some are served between two looks at the connection.
    begun: AtomicUsize,
    /// A request is being served, and so the caller has nothing to say.
    serving: AtomicBool,
    /// Not all of it has been read.
    unread: AtomicBool,
}

/// Lasts as long as a request is served.
pub(crate) struct Turn(Arc<Progress>);

impl Serving {
    /// A request begins to be served; it ends when what this gives is dropped.
    pub(crate) fn begin(&self, has_body: bool) -> Turn {
        self.0.begun.fetch_add(1, Ordering::Relaxed);
        self.0.serving.store(true, Ordering::Relaxed);
        self.0.unread.store(has_body, Ordering::Relaxed);
        Turn(Arc::clone(&self.0))
    }
}

impl Turn {
    /// All of the request has been read.
    pub(crate) fn has_read(&self) {
        self.0.unread.store(false, Ordering::Relaxed);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.serving.store(false, Ordering::Relaxed);
    }
}

/// A connection that is given up when its caller is too slow.
pub(crate) struct Paced<S> {
    stream: S,
    serving: Serving,
    timer: Pin<Box<Sleep>>,
    state: State,
    /// Requests that were noticed.
    seen: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    Head,
    Serving,
    /// The caller does not read.
    Stalled,
    /// The answer is out, and the rest of the request is thrown away.
    Leaving,
}

impl State {
    fn patience(self) -> Duration {
        match self {
            Self::Head => HEAD,
            Self::Idle | Self::Serving => IDLE,
            Self::Stalled => UNREAD,
            Self::Leaving => LAST,
        }
    }
}

impl<S> Paced<S> {
    pub(crate) fn new(stream: S, serving: Serving) -> Self {
        Self { stream, serving, timer: Box::pin(sleep(HEAD)), state: State::Head, seen: 0 }
    }

    fn enter(&mut self, state: State) {
        if self.state != state {
            self.state = state;
            self.timer.as_mut().reset(Instant::now() + state.patience());
        }
    }

    /// Follows the request that is being served.
    fn follow(&mut self) {
        let progress = &self.serving.0;
        let (begun, serving) =
            (progress.begun.load(Ordering::Relaxed), progress.serving.load(Ordering::Relaxed));
        if begun != self.seen {
            self.seen = begun;
            // Only a caller who reads again has not stalled.
            if self.state != State::Stalled {
                self.enter(State::Serving);
            }
        }
        if !serving && self.state == State::Serving {
            self.enter(State::Idle);
        }
    }

    /// What came of a try to write: one that waits for too long fails.
    fn written<T>(&mut self, cx: &mut Context<'_>, tried: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        self.follow();
        match (self.state, tried.is_pending()) {
            (State::Leaving, _) => tried,
            // An answer that is whole is no longer served, and still on its way.
            (_, true) => {
                self.enter(State::Stalled);
                ready!(self.timer.as_mut().poll(cx));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            (State::Stalled, false) => {
                self.enter(State::Serving);
                self.follow();
                tried
            }
            _ => tried,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.follow();
        let before = buf.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut this.stream).poll_read(cx, buf) {
            if buf.filled().len() > before && this.state == State::Idle {
                this.enter(State::Head);
            }
            return Poll::Ready(read);
        }
        if matches!(this.state, State::Serving | State::Stalled) {
            return Poll::Pending;
        }
        ready!(this.timer.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let tried = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.written(cx, tried)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.state != State::Leaving {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
            if !this.serving.0.unread.load(Ordering::Relaxed) {
                return Poll::Ready(Ok(()));
            }
            this.enter(State::Leaving);
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
