//! The answer on its way back.
//!
//! Nothing stands between the server's connection and the caller's but this future: the caller reads, so we read; a
//! caller who reads slowly slows the server down, and one who leaves drops the future and with it the server's
//! connection. No task and no queue is made for an answer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, sleep_until};
use usher_domain::ports::Clock;
use usher_domain::{ErrorCode, Failure};
use usher_upstream::{Declined, Relayed};

use crate::live::{Outcome, Place};
use crate::pace::Turn;
use crate::prepare::Outgoing;
use crate::reply::Refusal;
use crate::stream::{Step, Teller, Trouble};

/// Silence after which a word is sent that says no more than that the line is open (contract section 3).
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Silence that ends a stream (protocol §8.3).
const SILENCE: Duration = Duration::from_secs(300);

/// The body of a response.
pub(crate) enum Body {
    /// All of it.
    Whole(Option<Bytes>),
    /// Piece by piece.
    Pieces(Pin<Box<dyn Stream<Item = Result<Bytes, Cut>> + Send>>, Option<Turn>),
}

/// The server's answer broke off where nothing could be said any more; so does ours, and the caller sees that.
#[derive(Debug)]
pub(crate) struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the answer broke off")
    }
}

impl std::error::Error for Cut {}

impl Body {
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self::Whole(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Pieces(pieces, turn) => {
                let polled = pieces.as_mut().poll_next(cx);
                if matches!(polled, Poll::Ready(None)) {
                    turn.take();
                }
                polled.map(|piece| piece.map(|piece| piece.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Pieces(..) => SizeHint::default(),
        }
    }
}

/// An answer that is being told, event by event.
pub(crate) struct Telling {
    source: Source,
    teller: Teller,
    outgoing: Outgoing,
    place: Place,
    clock: Arc<dyn Clock>,
    /// Another try is left for an answer that breaks off before it says anything.
    again: bool,
    /// When the provider last said anything.
    heard: Instant,
}

/// Where the answer comes from.
enum Source {
    Answer(Box<Relayed>),
    /// The request was sent once more, and there is no answer yet.
    Asked(Asking),
}

type Asking = Pin<Box<dyn Future<Output = Result<Relayed, Declined>> + Send>>;

/// What ends a wait.
enum Next {
    Piece(Bytes),
    End,
    Broken(Failure),
    /// Of the second try.
    Sent(Box<Result<Relayed, Declined>>),
    Silence,
    MustEnd(Failure),
}

impl Source {
    async fn next(&mut self) -> Next {
        match self {
            Self::Answer(relayed) => match relayed.chunk().await {
                Ok(Some(piece)) => Next::Piece(piece),
                Ok(None) => Next::End,
                Err(failure) => Next::Broken(failure),
            },
            Self::Asked(asking) => Next::Sent(Box::new(asking.await)),
        }
    }
}

impl Telling {
    /// `relayed` as the answer to `outgoing`.
    pub(crate) fn new(
        relayed: Relayed,
        teller: Teller,
        outgoing: Outgoing,
        place: Place,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let source = Source::Answer(Box::new(relayed));
        Self { source, teller, outgoing, place, clock, again: true, heard: Instant::now() }
    }

    /// The pieces for the caller.
    pub(crate) fn pieces(self) -> impl Stream<Item = Result<Bytes, Cut>> + Send {
        futures_util::stream::unfold(Some(self), |telling| async {
            let mut telling = telling?;
            let (piece, over) = telling.next_piece().await;
            let rest = (!over).then_some(telling);
            (!piece.is_empty()).then_some((Ok(piece), rest))
        })
    }

    /// The next piece that has something in it, and whether it is the last.
    async fn next_piece(&mut self) -> (Bytes, bool) {
        let mut word = Instant::now() + KEEP_ALIVE;
        loop {
            let step = match self.next(word).await {
                Next::Piece(piece) => self.take(piece),
                // Whatever becomes of the rest, the caller has had all of it.
                _ if self.teller.end().is_some() => Step::over(Bytes::new()),
                Next::End => self.ended(),
                Next::Broken(failure) => self.broken(&failure),
                Next::Sent(sent) => self.sent(*sent),
                Next::MustEnd(failure) => Step::over(self.fail(&failure)),
                Next::Silence if self.heard.elapsed() >= SILENCE => {
                    let failure = Failure::new(ErrorCode::Timeout, "the provider fell silent");
                    Step::over(self.fail(&failure))
                }
                Next::Silence => {
                    word = Instant::now() + KEEP_ALIVE;
                    Step::more(self.teller.idle())
                }
            };
            if let Some((outcome, tokens)) = self.teller.end() {
                self.place.came_to(outcome);
                self.place.cost(tokens);
            }
            if step.over || !step.bytes.is_empty() {
                return (step.bytes, step.over);
            }
        }
    }

    async fn next(&mut self, word: Instant) -> Next {
        tokio::select! {
            biased;
            next = self.source.next() => next,
            must = self.place.must_end() => Next::MustEnd(must),
            () = sleep_until(word) => Next::Silence,
        }
    }

    /// Tells what came.
    fn take(&mut self, piece: Bytes) -> Step {
        self.heard = Instant::now();
        match self.teller.take(piece) {
            Ok(step) => {
                if self.again && self.teller.has_begun() {
                    self.again = false;
                    self.outgoing.settle();
                }
                step
            }
            Err(trouble) => self.troubled(trouble),
        }
    }

    /// The server closed. Fine after the last event, and only then.
    fn ended(&mut self) -> Step {
        match self.teller.finish() {
            Ok(step) if step.over => step,
            Ok(_) => {
                let cause = "the provider's answer was cut off before its end";
                self.broken(&Failure::new(ErrorCode::UpstreamError, cause))
            }
            Err(trouble) => self.troubled(trouble),
        }
    }

    fn troubled(&mut self, trouble: Trouble) -> Step {
        match (trouble, &self.source) {
            (Trouble::Theirs(mut error), Source::Answer(relayed)) => {
                let Outgoing { route, .. } = &self.outgoing;
                let failure = route.backend.failed_in_stream(relayed, &route.model.id, &mut error);
                self.place.came_to(Outcome::Failed(failure.code));
                Step::over(self.teller.failed(Refusal::of(&failure, self.clock.now()), Some(error)))
            }
            (Trouble::Theirs(_), Source::Asked(_)) => unreachable!("nothing comes before the answer does"),
            (Trouble::Unreadable(why), _) => self.broken(&Failure::new(ErrorCode::MalformedAnswer, why)),
        }
    }

    /// The answer broke off. Before the first word there is one more try, of which the caller sees nothing.
    fn broken(&mut self, failure: &Failure) -> Step {
        if !std::mem::take(&mut self.again) || self.teller.has_begun() {
            return Step::over(self.fail(failure));
        }
        tracing::info!(cause = %failure, "the answer broke off before it began; asking once more");
        self.source = Source::Asked(self.outgoing.send_last());
        Step::more(Bytes::new())
    }

    /// What came of the second try.
    fn sent(&mut self, sent: Result<Relayed, Declined>) -> Step {
        self.heard = Instant::now();
        match sent {
            Ok(relayed) => {
                self.source = Source::Answer(Box::new(relayed));
                self.teller.begin_again();
                Step::more(Bytes::new())
            }
            Err(declined) => {
                self.place.came_to(Outcome::Failed(declined.failure.code));
                let refusal = Refusal::declined(&declined, self.clock.now());
                Step::over(self.teller.failed(refusal, None))
            }
        }
    }

    fn fail(&mut self, failure: &Failure) -> Bytes {
        self.place.came_to(Outcome::Failed(failure.code));
        self.teller.failed(Refusal::of(failure, self.clock.now()), None)
    }
}

/// The pieces of an answer that goes back as it is.
pub(crate) fn as_it_is(relayed: Relayed, place: Place) -> impl Stream<Item = Result<Bytes, Cut>> + Send {
    futures_util::stream::unfold(Some((relayed, place)), |state| async {
        let (mut relayed, mut place) = state?;
        let piece = tokio::select! {
            biased;
            piece = relayed.chunk() => piece,
            failure = place.must_end() => Err(failure),
        };
        match piece {
            Ok(Some(piece)) => Some((Ok(piece), Some((relayed, place)))),
            Ok(None) => {
                place.came_to(Outcome::Done);
                None
            }
            Err(failure) => {
                place.came_to(Outcome::Failed(failure.code));
                tracing::info!(cause = %failure, "an answer broke off");
                Some((Err(Cut), None))
            }
        }
    })
}
