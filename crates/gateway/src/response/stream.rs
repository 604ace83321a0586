//! Streams a response to the client.
//!
//! The stream is polled by the client's connection, without a task or a queue in between. So a client that reads slowly
//! slows the provider down (backpressure), and one that disconnects drops the stream and with it the provider's
//! connection.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use serde_json::Value;
use tokio::time::{Instant, sleep_until};
use usher_domain::ports::Clock;
use usher_domain::{ErrorCode, Failure, UnixTime};
use usher_upstream::{ForwardResponse, UpstreamError};

use crate::request_log::{Outcome, RequestGuard};
use crate::response::body::BodyAborted;
use crate::response::encode::stream_encoder::StreamEncoder;
use crate::response::error::{GatewayError, name_retry_time};
use crate::response::forward::error_event::error_of_event;
use crate::response::forward::forwarder::OnFailure;
use crate::response::forward::usage_scanner::UsageScanner;
use crate::response::step::{Step, StreamError};
use crate::translate::plan::UpstreamCall;

/// How long the provider may be silent before the client is sent a keep-alive event (contract §3).
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(15);
/// How long the provider may be silent before the stream is ended (protocol §8.3).
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);

/// A response that is streamed event by event.
pub(crate) struct ResponseStream {
    source: Source,
    encoder: StreamEncoder,
    call: UpstreamCall,
    guard: RequestGuard,
    clock: Arc<dyn Clock>,
    /// A response that breaks off before its first event may still be retried.
    may_retry: bool,
    /// When the provider last sent anything.
    last_data: Instant,
}

/// Where the response comes from.
enum Source {
    Response(Box<ForwardResponse>),
    /// The request was sent again, and there is no response yet.
    Retrying(PendingResponse),
}

type PendingResponse = Pin<Box<dyn Future<Output = Result<ForwardResponse, UpstreamError>> + Send>>;

/// What the stream waits for.
enum SourceEvent {
    Chunk(Bytes),
    End,
    Failed(Failure),
    /// The result of the retry.
    Retried(Box<Result<ForwardResponse, UpstreamError>>),
    Idle,
    Revoked(Failure),
}

impl Source {
    async fn next(&mut self) -> SourceEvent {
        match self {
            Self::Response(response) => match response.chunk().await {
                Ok(Some(chunk)) => SourceEvent::Chunk(chunk),
                Ok(None) => SourceEvent::End,
                Err(failure) => SourceEvent::Failed(failure),
            },
            Self::Retrying(sent) => SourceEvent::Retried(Box::new(sent.await)),
        }
    }
}

impl ResponseStream {
    /// Creates the stream of `response`, the provider's to `call`.
    pub(crate) fn new(
        response: ForwardResponse,
        encoder: StreamEncoder,
        call: UpstreamCall,
        guard: RequestGuard,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let mut guard = guard;
        guard.set_response(&response);
        let source = Source::Response(Box::new(response));
        Self { source, encoder, call, guard, clock, may_retry: true, last_data: Instant::now() }
    }

    /// Returns the chunks for the client.
    pub(crate) fn into_chunks(self) -> impl Stream<Item = Result<Bytes, BodyAborted>> + Send {
        futures_util::stream::unfold(Some(self), |stream| async {
            let mut stream = stream?;
            let (chunk, is_last) = stream.next_chunk().await;
            let rest = (!is_last).then_some(stream);
            (!chunk.is_empty()).then_some((Ok(chunk), rest))
        })
    }

    /// Returns the next chunk that is not empty, and whether it is the last. Only the last may be empty.
    async fn next_chunk(&mut self) -> (Bytes, bool) {
        let mut keep_alive_at = Instant::now() + KEEP_ALIVE_INTERVAL;
        loop {
            let step = match self.next(keep_alive_at).await {
                SourceEvent::Chunk(chunk) => self.encode_chunk(chunk),
                // The client has the complete response, so how the stream ends does not matter.
                _ if self.encoder.outcome().is_some() => Step::last(self.with_encoder(StreamEncoder::close)),
                SourceEvent::End => self.source_ended(),
                SourceEvent::Failed(failure) => self.retry_or_fail(&failure),
                SourceEvent::Retried(sent) => self.retried(*sent),
                SourceEvent::Revoked(failure) => Step::last(self.fail(&failure)),
                SourceEvent::Idle if self.last_data.elapsed() >= IDLE_TIMEOUT => {
                    let failure = Failure::new(ErrorCode::Timeout, "the provider fell silent");
                    Step::last(self.fail(&failure))
                }
                SourceEvent::Idle => {
                    keep_alive_at = Instant::now() + KEEP_ALIVE_INTERVAL;
                    Step::more(self.encoder.keep_alive())
                }
            };
            if self.encoder.has_output() {
                self.guard.has_output();
            }
            if let Some((outcome, tokens)) = self.encoder.outcome() {
                self.guard.set_outcome(outcome);
                self.guard.set_usage(tokens);
            }
            if step.is_last || !step.bytes.is_empty() {
                return (step.bytes, step.is_last);
            }
        }
    }

    async fn next(&mut self, keep_alive_at: Instant) -> SourceEvent {
        tokio::select! {
            // First, so that a provider that always has more to read does not delay the end.
            biased;
            failure = self.guard.revoked() => SourceEvent::Revoked(failure),
            next = self.source.next() => next,
            () = sleep_until(keep_alive_at) => SourceEvent::Idle,
        }
    }

    /// Calls `encode` with what to do with an error event that is forwarded.
    fn with_encoder<T>(&mut self, encode: impl FnOnce(&mut StreamEncoder, OnFailure<'_>) -> T) -> T {
        let Self { source, encoder, call, clock, .. } = self;
        let mut on_failure = |event: &mut Value| match source {
            Source::Response(response) => describe_failure(event, response, call, clock.now()),
            Source::Retrying(_) => unreachable!("nothing is encoded while the retry is pending"),
        };
        encode(encoder, &mut on_failure)
    }

    fn encode_chunk(&mut self, chunk: Bytes) -> Step {
        self.last_data = Instant::now();
        match self.with_encoder(|encoder, on_failure| encoder.encode(chunk, on_failure)) {
            Ok(step) => {
                if self.may_retry && self.encoder.has_started() {
                    self.may_retry = false;
                    self.call.drop_request();
                }
                step
            }
            Err(error) => self.stream_error(error),
        }
    }

    /// Handles the end of the stream, which is an error before the last event.
    fn source_ended(&mut self) -> Step {
        match self.with_encoder(StreamEncoder::finish) {
            Ok(step) if step.is_last => step,
            Ok(step) => {
                let cause = "the provider's answer was cut off before its end";
                let failed = self.retry_or_fail(&Failure::new(ErrorCode::UpstreamError, cause));
                let bytes = [step.bytes, failed.bytes].concat().into();
                Step { bytes, is_last: failed.is_last }
            }
            Err(error) => self.stream_error(error),
        }
    }

    fn stream_error(&mut self, error: StreamError) -> Step {
        match (error, &self.source) {
            (StreamError::Provider(mut error), Source::Response(response)) => {
                let UpstreamCall { route, .. } = &self.call;
                let has_started = self.encoder.has_started();
                let failure =
                    route.backend.stream_failure(response, &route.model.id, &mut error, has_started);
                self.guard.set_outcome(Outcome::Failed(failure.code));
                let now = self.clock.now();
                let error = GatewayError::from_failure(&failure, now).with_original(error, &failure, now);
                Step::last(self.encoder.encode_failure(&error))
            }
            (StreamError::Provider(_), Source::Retrying(_)) => {
                unreachable!("no chunk is encoded while the retry is pending")
            }
            (StreamError::Malformed(cause), _) => {
                self.retry_or_fail(&Failure::new(ErrorCode::MalformedAnswer, cause))
            }
        }
    }

    /// Handles a response that broke off. Before its first event it is retried once, unseen by the client.
    fn retry_or_fail(&mut self, failure: &Failure) -> Step {
        if !std::mem::take(&mut self.may_retry) || self.encoder.has_started() {
            return Step::last(self.fail(failure));
        }
        tracing::info!(cause = failure.chain(), "the response broke off before its first event; retrying");
        self.source = Source::Retrying(self.call.send_last());
        Step::more(Bytes::new())
    }

    /// Handles the result of the retry.
    fn retried(&mut self, sent: Result<ForwardResponse, UpstreamError>) -> Step {
        self.last_data = Instant::now();
        match sent {
            Ok(response) => {
                self.guard.set_response(&response);
                self.source = Source::Response(Box::new(response));
                self.encoder.restart();
                Step::more(Bytes::new())
            }
            Err(error) => {
                self.guard.set_outcome(Outcome::Failed(error.failure.code));
                let error = GatewayError::from_upstream(&error, self.clock.now());
                Step::last(self.encoder.encode_failure(&error))
            }
        }
    }

    fn fail(&mut self, failure: &Failure) -> Bytes {
        self.guard.set_outcome(Outcome::Failed(failure.code));
        self.encoder.encode_failure(&GatewayError::from_failure(failure, self.clock.now()))
    }
}

/// Makes the provider's error event fit for the client: without credentials, and with the time of a limit. Returns what
/// it means.
fn describe_failure(
    event: &mut Value,
    response: &ForwardResponse,
    call: &UpstreamCall,
    now: UnixTime,
) -> ErrorCode {
    let UpstreamCall { route, .. } = call;
    route.backend.redact(response, event);
    let error = error_of_event(event);
    let failure = route.backend.stream_failure(response, &route.model.id, error, true);
    name_retry_time(error, &failure, now);
    failure.code
}

/// Returns the chunks of a response that is passed through unchanged.
pub(crate) fn passthrough(
    response: ForwardResponse,
    mut guard: RequestGuard,
) -> impl Stream<Item = Result<Bytes, BodyAborted>> + Send {
    guard.set_response(&response);
    let state = (response, guard, UsageScanner::default());
    futures_util::stream::unfold(Some(state), move |state| async move {
        let (mut response, mut guard, mut scanner) = state?;
        let chunk = tokio::select! {
            // First, as in `ResponseStream::next`.
            biased;
            failure = guard.revoked() => Err(failure),
            chunk = response.chunk() => chunk,
        };
        match chunk {
            Ok(Some(chunk)) => {
                guard.has_output();
                // Not at the end of the stream: a client may leave as soon as it has the whole body.
                guard.set_usage(scanner.push(&chunk));
                Some((Ok(chunk), Some((response, guard, scanner))))
            }
            Ok(None) => {
                guard.set_outcome(Outcome::Completed);
                None
            }
            Err(failure) => {
                guard.set_outcome(Outcome::Failed(failure.code));
                tracing::info!(cause = failure.chain(), "a response broke off");
                Some((Err(BodyAborted), None))
            }
        }
    })
}
