//! A connection that may be idle for long, but not slow in saying what it wants.
//!
//! hyper has one timeout for the head of a request, and it runs while a connection is idle too. Clients keep
//! connections for more than 90 seconds and lose a request when the server closes first (features, section 3, no. 1);
//! a head that is sent byte by byte must end long before that. So the two times are told apart here, where the bytes
//! come in.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// How long a head may take from its first byte on.
const HEAD: Duration = Duration::from_secs(10);
/// How long a connection may be idle.
const IDLE: Duration = Duration::from_secs(150);

/// Whether a request is being served, and so the caller has nothing to say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Serving(Arc<AtomicBool>);

/// Lasts as long as a request is served.
pub(crate) struct Turn(Arc<AtomicBool>);

impl Serving {
    /// A request begins to be served; it ends when what this gives is dropped.
    pub(crate) fn begin(&self) -> Turn {
        self.0.store(true, Ordering::Relaxed);
        Turn(Arc::clone(&self.0))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// A connection that is given up when its caller is too slow.
pub(crate) struct Paced<S> {
    stream: S,
    serving: Serving,
    timer: Pin<Box<Sleep>>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    Head,
    Serving,
}

impl<S> Paced<S> {
    pub(crate) fn new(stream: S, serving: Serving) -> Self {
        Self { stream, serving, timer: Box::pin(sleep(HEAD)), state: State::Head }
    }

    /// Moves to `state`; true when it is another than before.
    fn enter(&mut self, state: State) {
        if self.state != state {
            self.state = state;
            let time = if state == State::Head { HEAD } else { IDLE };
            self.timer.as_mut().reset(Instant::now() + time);
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
        let serving = this.serving.0.load(Ordering::Relaxed);
        match (serving, this.state) {
            (true, _) => this.enter(State::Serving),
            (false, State::Serving) => this.enter(State::Idle),
            (false, _) => {}
        }
        let before = buf.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut this.stream).poll_read(cx, buf) {
            if buf.filled().len() > before && this.state == State::Idle {
                this.enter(State::Head);
            }
            return Poll::Ready(read);
        }
        if this.state == State::Serving {
            return Poll::Pending;
        }
        ready!(this.timer.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }
}
