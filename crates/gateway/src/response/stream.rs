//! The answer on its way back.
//!
//! Nothing stands between the server's connection and the caller's but this future: the caller reads, so we read; a
//! caller who reads slowly slows the server down, and one who leaves drops the future and with it the server's
//! connection. No task and no queue is made for an answer.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use tokio::time::{Instant, sleep_until};
use usher_domain::ports::Clock;
use usher_domain::{ErrorCode, Failure};
use usher_upstream::{ForwardResponse, UpstreamError};

use crate::request_log::{Outcome, RequestGuard};
use crate::response::body::BodyAborted;
use crate::response::encode::StreamEncoder;
use crate::response::error::ErrorResponse;
use crate::response::step::{Step, StreamError};
use crate::translate::plan::UpstreamCall;

/// Silence after which a word is sent that says no more than that the line is open (contract §3).
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(15);
/// Silence that ends a stream (protocol §8.3).
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);

/// An answer that is being told, event by event.
pub(crate) struct ResponseStream {
    source: Source,
    encoder: StreamEncoder,
    call: UpstreamCall,
    record: RequestGuard,
    clock: Arc<dyn Clock>,
    /// Another try is left for an answer that breaks off before it says anything.
    may_retry: bool,
    /// When the provider last said anything.
    last_data: Instant,
}

/// Where the answer comes from.
enum Source {
    Response(Box<ForwardResponse>),
    /// The request was sent once more, and there is no answer yet.
    Retrying(PendingResponse),
}

type PendingResponse = Pin<Box<dyn Future<Output = Result<ForwardResponse, UpstreamError>> + Send>>;

/// What ends a wait.
enum SourceEvent {
    Chunk(Bytes),
    End,
    Failed(Failure),
    /// Of the second try.
    Retried(Box<Result<ForwardResponse, UpstreamError>>),
    Idle,
    Revoked(Failure),
}

impl Source {
    async fn next(&mut self) -> SourceEvent {
        match self {
            Self::Response(response) => match response.chunk().await {
                Ok(Some(piece)) => SourceEvent::Chunk(piece),
                Ok(None) => SourceEvent::End,
                Err(failure) => SourceEvent::Failed(failure),
            },
            Self::Retrying(asking) => SourceEvent::Retried(Box::new(asking.await)),
        }
    }
}

impl ResponseStream {
    /// `relayed` as the answer to `call`.
    pub(crate) fn new(
        response: ForwardResponse,
        teller: StreamEncoder,
        call: UpstreamCall,
        record: RequestGuard,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let source = Source::Response(Box::new(response));
        Self { source, encoder: teller, call, record, clock, may_retry: true, last_data: Instant::now() }
    }

    /// The pieces for the caller.
    pub(crate) fn into_chunks(self) -> impl Stream<Item = Result<Bytes, BodyAborted>> + Send {
        futures_util::stream::unfold(Some(self), |stream| async {
            let mut stream = stream?;
            let (piece, over) = stream.next_chunk().await;
            let rest = (!over).then_some(stream);
            (!piece.is_empty()).then_some((Ok(piece), rest))
        })
    }

    /// The next piece that has something in it, and whether it is the last.
    async fn next_chunk(&mut self) -> (Bytes, bool) {
        let mut word = Instant::now() + KEEP_ALIVE_INTERVAL;
        loop {
            let step = match self.next(word).await {
                SourceEvent::Chunk(piece) => self.encode_chunk(piece),
                // Whatever becomes of the rest, the caller has had all of it.
                _ if self.encoder.outcome().is_some() => Step::last(Bytes::new()),
                SourceEvent::End => self.source_ended(),
                SourceEvent::Failed(failure) => self.retry_or_fail(&failure),
                SourceEvent::Retried(sent) => self.retried(*sent),
                SourceEvent::Revoked(failure) => Step::last(self.fail(&failure)),
                SourceEvent::Idle if self.last_data.elapsed() >= IDLE_TIMEOUT => {
                    let failure = Failure::new(ErrorCode::Timeout, "the provider fell silent");
                    Step::last(self.fail(&failure))
                }
                SourceEvent::Idle => {
                    word = Instant::now() + KEEP_ALIVE_INTERVAL;
                    Step::more(self.encoder.keep_alive())
                }
            };
            if let Some((outcome, tokens)) = self.encoder.outcome() {
                self.record.set_outcome(outcome);
                self.record.set_usage(tokens);
            }
            if step.is_last || !step.bytes.is_empty() {
                return (step.bytes, step.is_last);
            }
        }
    }

    async fn next(&mut self, word: Instant) -> SourceEvent {
        tokio::select! {
            biased;
            next = self.source.next() => next,
            must = self.record.revoked() => SourceEvent::Revoked(must),
            () = sleep_until(word) => SourceEvent::Idle,
        }
    }

    /// Tells what came.
    fn encode_chunk(&mut self, piece: Bytes) -> Step {
        self.last_data = Instant::now();
        match self.encoder.encode(piece) {
            Ok(step) => {
                if self.may_retry && self.encoder.has_started() {
                    self.may_retry = false;
                    self.call.drop_request();
                }
                step
            }
            Err(trouble) => self.stream_error(trouble),
        }
    }

    /// The server closed. Fine after the last event, and only then.
    fn source_ended(&mut self) -> Step {
        match self.encoder.finish() {
            Ok(step) if step.is_last => step,
            Ok(_) => {
                let cause = "the provider's answer was cut off before its end";
                self.retry_or_fail(&Failure::new(ErrorCode::UpstreamError, cause))
            }
            Err(trouble) => self.stream_error(trouble),
        }
    }

    fn stream_error(&mut self, trouble: StreamError) -> Step {
        match (trouble, &self.source) {
            (StreamError::Provider(mut error), Source::Response(response)) => {
                let UpstreamCall { route, .. } = &self.call;
                let failure = route.backend.stream_failure(response, &route.model.id, &mut error);
                self.record.set_outcome(Outcome::Failed(failure.code));
                Step::last(
                    self.encoder
                        .encode_failure(ErrorResponse::from_failure(&failure, self.clock.now()), Some(error)),
                )
            }
            (StreamError::Provider(_), Source::Retrying(_)) => {
                unreachable!("nothing comes before the answer does")
            }
            (StreamError::Malformed(why), _) => {
                self.retry_or_fail(&Failure::new(ErrorCode::MalformedAnswer, why))
            }
        }
    }

    /// The answer broke off. Before the first word there is one more try, of which the caller sees nothing.
    fn retry_or_fail(&mut self, failure: &Failure) -> Step {
        if !std::mem::take(&mut self.may_retry) || self.encoder.has_started() {
            return Step::last(self.fail(failure));
        }
        tracing::info!(cause = %failure, "the answer broke off before it began; asking once more");
        self.source = Source::Retrying(self.call.send_last());
        Step::more(Bytes::new())
    }

    /// What came of the second try.
    fn retried(&mut self, sent: Result<ForwardResponse, UpstreamError>) -> Step {
        self.last_data = Instant::now();
        match sent {
            Ok(response) => {
                self.source = Source::Response(Box::new(response));
                self.encoder.restart();
                Step::more(Bytes::new())
            }
            Err(declined) => {
                self.record.set_outcome(Outcome::Failed(declined.failure.code));
                let refusal = ErrorResponse::from_upstream(&declined, self.clock.now());
                Step::last(self.encoder.encode_failure(refusal, None))
            }
        }
    }

    fn fail(&mut self, failure: &Failure) -> Bytes {
        self.record.set_outcome(Outcome::Failed(failure.code));
        self.encoder.encode_failure(ErrorResponse::from_failure(failure, self.clock.now()), None)
    }
}

/// The pieces of an answer that goes back as it is.
pub(crate) fn passthrough(
    response: ForwardResponse,
    record: RequestGuard,
) -> impl Stream<Item = Result<Bytes, BodyAborted>> + Send {
    futures_util::stream::unfold(Some((response, record)), |state| async {
        let (mut response, mut record) = state?;
        let piece = tokio::select! {
            biased;
            piece = response.chunk() => piece,
            failure = record.revoked() => Err(failure),
        };
        match piece {
            Ok(Some(piece)) => Some((Ok(piece), Some((response, record)))),
            Ok(None) => {
                record.set_outcome(Outcome::Completed);
                None
            }
            Err(failure) => {
                record.set_outcome(Outcome::Failed(failure.code));
                tracing::info!(cause = %failure, "an answer broke off");
                Some((Err(BodyAborted), None))
            }
        }
    })
}
