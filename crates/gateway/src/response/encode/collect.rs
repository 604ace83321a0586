//! Collects the response of a provider that only streams, for a client that wants it in one piece.

use std::ops::ControlFlow;

use serde_json::Value;
use usher_dialect::responses::{Event, Response, ResponseCollector};
use usher_domain::{ErrorCode, Failure};
use usher_upstream::{ForwardResponse, UpstreamError};

use crate::request_log::RequestGuard;
use crate::response::encode::encoding::ResponseEncoding;
use crate::response::encode::event_reader::{EventReader, is_content};
use crate::response::size_limit::SizeLimit;
use crate::response::step::StreamError;
use crate::translate::plan::UpstreamCall;

/// Why no response could be collected.
pub(crate) enum CollectError {
    /// The stream broke off, or the request was ended early.
    Failed(Failure),
    /// The provider ended the stream with this error object.
    Provider(Failure, Value),
    /// The provider refused the retry.
    Refused(UpstreamError),
}

/// Why a stream was not read to its end.
enum Interruption {
    Revoked(Failure),
    /// The stream broke off. `before_first_event`: before it had any content.
    Broken {
        failure: Failure,
        before_first_event: bool,
    },
    Provider {
        error: Value,
        has_started: bool,
    },
}

/// Reads `response` to its end. Retries once if it breaks off before it has any content.
pub(crate) async fn collect(
    mut response: ForwardResponse,
    encoding: &ResponseEncoding,
    call: &mut UpstreamCall,
    guard: &mut RequestGuard,
) -> Result<Response<'static>, CollectError> {
    let mut may_retry = true;
    loop {
        guard.set_response(&response);
        match collect_events(&mut response, encoding, guard).await {
            Ok(collected) => return Ok(collected),
            Err(Interruption::Broken { failure, before_first_event: true })
                if std::mem::take(&mut may_retry) =>
            {
                tracing::info!(
                    cause = failure.chain(),
                    "the response broke off before its first event; retrying"
                );
                response = tokio::select! {
                    sent = call.send_last() => sent.map_err(CollectError::Refused)?,
                    failure = guard.revoked() => return Err(CollectError::Failed(failure)),
                };
            }
            Err(Interruption::Revoked(failure) | Interruption::Broken { failure, .. }) => {
                return Err(CollectError::Failed(failure));
            }
            Err(Interruption::Provider { mut error, has_started }) => {
                let route = &call.route;
                let failure =
                    route.backend.stream_failure(&response, &route.model.id, &mut error, has_started);
                return Err(CollectError::Provider(failure, error));
            }
        }
    }
}

async fn collect_events(
    response: &mut ForwardResponse,
    encoding: &ResponseEncoding,
    guard: &mut RequestGuard,
) -> Result<Response<'static>, Interruption> {
    let mut collector = StreamCollector::new(encoding);
    loop {
        let chunk = tokio::select! {
            // First, so that a provider that always has more to read does not delay the end.
            biased;
            failure = guard.revoked() => return Err(Interruption::Revoked(failure)),
            chunk = response.chunk() => chunk,
        };
        let broken = |failure: Failure, collector: &StreamCollector| {
            Err(Interruption::Broken { failure, before_first_event: !collector.has_started })
        };
        let (is_complete, closed) = match chunk {
            Ok(Some(chunk)) => (collector.push(&chunk), false),
            Ok(None) => (collector.close(), true),
            Err(failure) => return broken(failure, &collector),
        };
        match is_complete {
            Ok(true) => return Ok(collector.events.finish()),
            Ok(false) if closed => {
                let cause = "the provider's answer was cut off before its end";
                return broken(Failure::new(ErrorCode::UpstreamError, cause), &collector);
            }
            Ok(false) => {}
            Err(StreamError::Provider(error)) => {
                return Err(Interruption::Provider { error, has_started: collector.has_started });
            }
            Err(StreamError::Malformed(cause)) => {
                return broken(Failure::new(ErrorCode::MalformedAnswer, cause), &collector);
            }
        }
    }
}

/// Collects the events of a stream, given its chunks.
struct StreamCollector {
    reader: EventReader,
    events: ResponseCollector,
    size: SizeLimit,
    /// Content of the response has arrived.
    has_started: bool,
}

impl StreamCollector {
    fn new(encoding: &ResponseEncoding) -> Self {
        let reader =
            EventReader::new(encoding.wire, encoding.tools.clone(), encoding.reasoning_owner.as_deref());
        Self { reader, events: ResponseCollector::default(), size: SizeLimit::default(), has_started: false }
    }

    /// Reads a chunk. Returns true after the last event.
    fn push(&mut self, chunk: &[u8]) -> Result<bool, StreamError> {
        let Self { reader, events, size, has_started } = self;
        let mut failed = None;
        reader.push(chunk, |event| {
            *has_started |= is_content(&event);
            size.count(&event);
            if size.check().is_err() {
                return ControlFlow::Break(());
            }
            collect_event(&event, events, &mut failed)
        })?;
        self.size.check()?;
        self.is_complete(failed)
    }

    /// Reads the rest after the provider has closed the stream. Returns whether the response is complete.
    fn close(&mut self) -> Result<bool, StreamError> {
        let Self { reader, events, size, .. } = self;
        let mut failed = None;
        reader.finish(|event| {
            size.count(&event);
            collect_event(&event, events, &mut failed)
        });
        self.size.check()?;
        self.is_complete(failed)
    }

    fn is_complete(&self, failed: Option<Value>) -> Result<bool, StreamError> {
        failed.map_or(Ok(self.events.is_complete()), |error| Err(StreamError::Provider(error)))
    }
}

fn collect_event(
    event: &Event<'_>,
    events: &mut ResponseCollector,
    failed: &mut Option<Value>,
) -> ControlFlow<()> {
    match event {
        Event::Failed { error } => *failed = Some(error.clone()),
        event => events.take(event),
    }
    if failed.is_some() || events.is_complete() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}
