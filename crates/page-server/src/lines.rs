//! Newline-delimited JSON on its way to the page.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use serde::Serialize;
use tokio::sync::mpsc;

/// How many lines wait for a page that does not read.
const MAX_WAITING: usize = 1024;

/// Sends lines to a page.
#[derive(Clone)]
pub(crate) struct Lines {
    sender: mpsc::Sender<String>,
    /// The page did not read: its response ends, so that it does not miss lines without noticing.
    is_full: Arc<AtomicBool>,
}

impl Lines {
    /// Returns a sender, and the response that has what it sends. The response ends when the last sender is dropped.
    pub(crate) fn response() -> (Self, Response) {
        let (sender, receiver) = mpsc::channel(MAX_WAITING);
        let lines = Self { sender, is_full: Arc::default() };
        let is_full = Arc::clone(&lines.is_full);
        let body = stream::unfold((receiver, is_full), |(mut receiver, is_full)| async move {
            let line = receiver.recv().await.filter(|_| !is_full.load(Ordering::Relaxed))?;
            Some((Ok::<_, Infallible>(line), (receiver, is_full)))
        });
        (lines, ([(CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(body)).into_response())
    }

    /// Sends `value` as a line. Without a page it is dropped.
    pub(crate) fn send(&self, value: &impl Serialize) {
        let line = serde_json::to_string(value).expect("views always encode");
        if let Err(mpsc::error::TrySendError::Full(_)) = self.sender.try_send(line + "\n") {
            self.is_full.store(true, Ordering::Relaxed);
        }
    }

    /// Returns when the page has gone.
    pub(crate) async fn closed(&self) {
        self.sender.closed().await;
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    #[tokio::test]
    async fn lines_arrive_in_order_and_end_with_the_sender() {
        let (lines, response) = Lines::response();
        lines.send(&1);
        lines.send(&"two");
        drop(lines);
        assert_eq!(to_bytes(response.into_body(), 99).await.unwrap(), "1\n\"two\"\n");
    }

    #[tokio::test]
    async fn page_that_does_not_read_loses_its_response() {
        let (lines, response) = Lines::response();
        for number in 0..=MAX_WAITING {
            lines.send(&number);
        }
        assert_eq!(
            to_bytes(response.into_body(), 99).await.unwrap(),
            "",
            "it ends although the sender is there"
        );
    }
}
