//! Sends a prepared list of events as an event stream, with the pauses and the fault that a test set, and counts a
//! client that disconnects before the end.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use crate::model_output;
use crate::server::fault::Fault;
use crate::state::SandboxState;

pub(crate) struct EventStream {
    events: VecDeque<Event>,
    sent: usize,
    pause: Duration,
    fault: Option<Fault>,
    client: ClientGuard,
}

impl EventStream {
    /// `endpoint` is the name that a disconnect is counted under.
    pub(crate) fn new(
        state: &Arc<SandboxState>,
        endpoint: &'static str,
        events: Vec<Event>,
        fault: Option<Fault>,
    ) -> Self {
        Self {
            events: events.into(),
            sent: 0,
            pause: Duration::from_millis(state.settings().event_delay_ms),
            fault,
            client: ClientGuard { state: Arc::clone(state), endpoint, phase: Phase::NotStarted },
        }
    }

    async fn next(&mut self) -> Option<io::Result<Event>> {
        if self.client.phase == Phase::NotStarted {
            self.client.phase = Phase::Sending;
        }
        match self.fault.take() {
            Some(Fault::Cut { after_events, clean }) if self.sent >= after_events => {
                self.client.phase = Phase::Finished;
                if clean {
                    return None;
                }
                // One turn of the scheduler, so that earlier events are sent before the connection breaks.
                tokio::task::yield_now().await;
                return Some(Err(io::Error::other("cut on purpose")));
            }
            Some(Fault::HangAfter { events }) if self.sent >= events => std::future::pending().await,
            Some(Fault::Event { event, after_events }) if self.sent >= after_events => {
                if is_terminal(event["type"].as_str().unwrap_or_default()) {
                    self.events.clear();
                }
                self.events.push_front(model_output::sse_event(&event));
            }
            Some(Fault::PlanUsage { error, after_events: Some(after_events) })
                if self.sent >= after_events =>
            {
                self.events.clear();
                self.events.push_front(model_output::sse_event(&error.failed_event()));
            }
            other => self.fault = other,
        }
        let Some(event) = self.events.pop_front() else {
            self.client.phase = Phase::Finished;
            return None;
        };
        if self.sent > 0 && !self.pause.is_zero() {
            tokio::time::sleep(self.pause).await;
        }
        self.sent += 1;
        if self.events.is_empty() && self.fault.is_none() {
            // A client may disconnect as soon as it has the terminal event.
            self.client.phase = Phase::Finished;
        }
        Some(Ok(event))
    }
}

impl IntoResponse for EventStream {
    fn into_response(self) -> Response {
        Sse::new(stream::unfold(self, |mut event_stream| async move {
            let item = event_stream.next().await?;
            Some((item, event_stream))
        }))
        .into_response()
    }
}

/// The terminal events of protocol §8.3.
fn is_terminal(kind: &str) -> bool {
    matches!(
        kind,
        "response.completed" | "response.failed" | "response.incomplete" | "response.done" | "error"
    )
}

/// Counts `<endpoint>.cancelled` when the stream is dropped between its first event and its end.
struct ClientGuard {
    state: Arc<SandboxState>,
    endpoint: &'static str,
    phase: Phase,
}

#[derive(PartialEq, Eq)]
enum Phase {
    NotStarted,
    Sending,
    Finished,
}

impl Drop for ClientGuard {
    fn drop(&mut self) {
        if self.phase == Phase::Sending {
            self.state.request_log.mark(format!("{}.cancelled", self.endpoint));
        }
    }
}
