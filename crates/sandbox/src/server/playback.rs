//! Sends a prepared list of events as an event stream, with the pauses and faults asked for, and notices when the
//! client goes away before the end.

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

pub(crate) struct Playback {
    events: VecDeque<Event>,
    sent: usize,
    pause: Duration,
    fault: Option<Fault>,
    client: ClientGuard,
}

impl Playback {
    /// `endpoint` is under whose name a departure is counted.
    pub(crate) fn new(
        world: &Arc<SandboxState>,
        endpoint: &'static str,
        events: Vec<Event>,
        fault: Option<Fault>,
    ) -> Self {
        Self {
            events: events.into(),
            sent: 0,
            pause: Duration::from_millis(world.settings().event_delay_ms),
            fault,
            client: ClientGuard { world: Arc::clone(world), endpoint, phase: Phase::NotStarted },
        }
    }

    async fn next(&mut self) -> Option<io::Result<Event>> {
        if self.client.phase == Phase::NotStarted {
            self.client.phase = Phase::Playing;
        }
        match self.fault.take() {
            Some(Fault::Cut { after_events, clean }) if self.sent >= after_events => {
                self.client.phase = Phase::Finished;
                if clean {
                    return None;
                }
                // One turn of the scheduler, so that what was sent leaves before the connection breaks.
                tokio::task::yield_now().await;
                return Some(Err(io::Error::other("cut on purpose")));
            }
            Some(Fault::HangAfter { events }) if self.sent >= events => std::future::pending().await,
            Some(Fault::Event { event, after_events }) if self.sent >= after_events => {
                if is_terminal(event["type"].as_str().unwrap_or_default()) {
                    self.events.clear();
                }
                self.events.push_front(model_output::event(&event));
            }
            later => self.fault = later,
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
            // A client may leave as soon as it has the terminal event; it has missed nothing.
            self.client.phase = Phase::Finished;
        }
        Some(Ok(event))
    }
}

impl IntoResponse for Playback {
    fn into_response(self) -> Response {
        Sse::new(stream::unfold(self, |mut playback| async move {
            let item = playback.next().await?;
            Some((item, playback))
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
    world: Arc<SandboxState>,
    endpoint: &'static str,
    phase: Phase,
}

#[derive(PartialEq, Eq)]
enum Phase {
    NotStarted,
    Playing,
    Finished,
}

impl Drop for ClientGuard {
    fn drop(&mut self) {
        if self.phase == Phase::Playing {
            self.world.request_log.mark(format!("{}.cancelled", self.endpoint));
        }
    }
}
