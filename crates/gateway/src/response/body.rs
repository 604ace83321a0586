//! The body of a response to the client.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use http_body::{Frame, SizeHint};

use crate::server::io_timeout::ResponseGuard;

/// The body of a response.
pub(crate) enum ResponseBody {
    /// All bytes at once.
    Full(Option<Bytes>),
    /// Chunk by chunk; the guard is dropped with the last one.
    Stream(Pin<Box<dyn Stream<Item = Result<Bytes, BodyAborted>> + Send>>, Option<ResponseGuard>),
}

/// Aborts the connection, because the provider's response broke off where no error can be sent any more.
#[derive(Debug)]
pub(crate) struct BodyAborted;

impl std::fmt::Display for BodyAborted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the answer broke off")
    }
}

impl std::error::Error for BodyAborted {}

impl ResponseBody {
    pub(crate) fn full(bytes: Bytes) -> Self {
        Self::Full(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }
}

impl http_body::Body for ResponseBody {
    type Data = Bytes;
    type Error = BodyAborted;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyAborted>>> {
        match &mut *self {
            Self::Full(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Stream(chunks, guard) => {
                let polled = chunks.as_mut().poll_next(cx);
                if matches!(polled, Poll::Ready(None)) {
                    guard.take();
                }
                polled.map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Full(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Full(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Stream(..) => SizeHint::default(),
        }
    }
}
