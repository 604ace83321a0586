//! Telling a streamed answer: in the dialect that it comes in, or in another.

use std::ops::ControlFlow;

use bytes::Bytes;
use serde_json::Value;
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::{self, Event};
use usher_dialect::sse::SseParser;
use usher_dialect::translate::ToolNames;
use usher_dialect::{StreamParseError, chat_completions};
use usher_domain::Wire;

use crate::request_log::{Outcome, TokenUsage};
use crate::response::encoding::ResponseEncoding;
use crate::response::error::ErrorResponse;
use crate::response::forward::Forwarder;
use crate::response::step::{Step, StreamError};

/// Tells one answer.
pub(crate) enum StreamEncoder {
    /// In the dialect that it comes in.
    Forward(Forwarder),
    /// In another.
    Translate(Box<StreamTranslator>),
}

/// Tells an answer in another dialect.
pub(crate) struct StreamTranslator {
    reader: EventReader,
    writer: Box<dyn ResponseWriter>,
    tools: ToolNames,
    out: Vec<u8>,
    has_started: bool,
    is_complete: bool,
    usage: Option<TokenUsage>,
}

/// Reads the events of an answer, whichever API it comes by.
enum EventReader {
    Responses(SseParser),
    ChatCompletions(Box<chat_completions::ChatCompletionsReader>),
}

impl EventReader {
    fn of(wire: Wire, tools: ToolNames) -> Self {
        match wire {
            Wire::Responses => Self::Responses(SseParser::default()),
            Wire::ChatCompletions => {
                Self::ChatCompletions(Box::new(chat_completions::ChatCompletionsReader::new(tools)))
            }
        }
    }

    /// Gives the events of `piece` to `encode_chunk` until that has enough.
    fn push(
        &mut self,
        mut piece: &[u8],
        mut take: impl FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<(), StreamParseError> {
        match self {
            Self::Responses(parser) => {
                while let Some(sse) = parser.next_event(&mut piece)? {
                    // Some services of the Responses API end as those of the other API do.
                    if sse.data != b"[DONE]" && take(Event::parse(sse)?).is_break() {
                        break;
                    }
                }
            }
            Self::ChatCompletions(reader) => {
                reader.push(piece, &mut |event| {
                    let _ = take(event);
                })?;
            }
        }
        Ok(())
    }

    /// The stream is over: what is still to be said.
    fn finish(&mut self, mut take: impl FnMut(Event<'_>) -> ControlFlow<()>) {
        if let Self::ChatCompletions(reader) = self {
            reader.finish(&mut |event| {
                let _ = take(event);
            });
        }
    }
}

impl StreamEncoder {
    pub(crate) fn encode(&mut self, piece: Bytes) -> Result<Step, StreamError> {
        match self {
            Self::Forward(forwarder) => forwarder.forward_chunk(piece),
            Self::Translate(translator) => translator.take(&piece),
        }
    }

    /// Whether the caller has had a word of the answer itself.
    pub(crate) fn has_started(&self) -> bool {
        match self {
            Self::Forward(forwarder) => forwarder.has_started(),
            Self::Translate(translator) => translator.has_started,
        }
    }

    /// What came of the answer and what it cost, once the caller has had all of it.
    pub(crate) fn outcome(&self) -> Option<(Outcome, Option<TokenUsage>)> {
        match self {
            Self::Forward(forwarder) => forwarder.outcome(),
            Self::Translate(translator) => {
                translator.is_complete.then_some((Outcome::Completed, translator.usage))
            }
        }
    }

    /// The server has closed: what is still to be told, and whether that was the end of the answer.
    pub(crate) fn finish(&mut self) -> Result<Step, StreamError> {
        match self {
            Self::Forward(forwarder) => Ok(Step { bytes: Bytes::new(), is_last: forwarder.is_complete() }),
            Self::Translate(translator) => translator.finish(),
        }
    }

    /// The answer comes once more from its beginning.
    pub(crate) fn restart(&mut self) {
        match self {
            Self::Forward(forwarder) => forwarder.restart(),
            Self::Translate(translator) => translator.begin_again(),
        }
    }

    /// A word that says no more than that the line is open.
    pub(crate) fn keep_alive(&mut self) -> Bytes {
        match self {
            Self::Forward(_) => Forwarder::keep_alive(),
            Self::Translate(translator) => translator.write(|writer, out| writer.write_keep_alive(out)),
        }
    }

    /// Ends the answer by the dialect's own error. `original` is the provider's error object.
    pub(crate) fn encode_failure(&mut self, mut refusal: ErrorResponse, original: Option<Value>) -> Bytes {
        if original.is_some() {
            refusal.error.original = original;
        }
        match self {
            Self::Forward(forwarder) => forwarder.failed(&refusal.error),
            Self::Translate(translator) => {
                translator.write(|writer, out| writer.write_error(&refusal.error, out))
            }
        }
    }
}

impl StreamTranslator {
    pub(crate) fn new(shape: ResponseEncoding) -> Self {
        let tools = shape.tools.clone();
        Self {
            reader: EventReader::of(shape.wire, tools.clone()),
            tools,
            writer: shape.into_writer(),
            out: Vec::new(),
            has_started: false,
            is_complete: false,
            usage: None,
        }
    }

    fn take(&mut self, piece: &[u8]) -> Result<Step, StreamError> {
        let Self { reader, writer, out, has_started: begun, is_complete: through, usage: cost, .. } = self;
        let mut failed = None;
        let tell = |event: Event<'_>| {
            *cost = usage_of(&event).or(*cost);
            encode_event(&event, writer.as_mut(), out, begun, through, &mut failed)
        };
        reader.push(piece, tell).map_err(malformed)?;
        self.step(failed)
    }

    /// What is still to be told once the server has closed.
    fn finish(&mut self) -> Result<Step, StreamError> {
        let Self { reader, writer, out, has_started: begun, is_complete: through, usage: cost, .. } = self;
        let mut failed = None;
        reader.finish(|event| {
            *cost = usage_of(&event).or(*cost);
            encode_event(&event, writer.as_mut(), out, begun, through, &mut failed)
        });
        self.step(failed)
    }

    fn step(&mut self, failed: Option<Value>) -> Result<Step, StreamError> {
        match failed {
            Some(error) => Err(StreamError::Provider(error)),
            None => Ok(Step { bytes: std::mem::take(&mut self.out).into(), is_last: self.is_complete }),
        }
    }

    /// What was written and not yet handed out stands before what `say` writes.
    fn write(&mut self, say: impl FnOnce(&mut dyn ResponseWriter, &mut Vec<u8>)) -> Bytes {
        say(self.writer.as_mut(), &mut self.out);
        std::mem::take(&mut self.out).into()
    }

    fn begin_again(&mut self) {
        let wire = match self.reader {
            EventReader::Responses(_) => Wire::Responses,
            EventReader::ChatCompletions(_) => Wire::ChatCompletions,
        };
        self.reader = EventReader::of(wire, self.tools.clone());
    }
}

/// Tells one event, and what it means for the whole answer.
fn encode_event(
    event: &Event<'_>,
    writer: &mut dyn ResponseWriter,
    out: &mut Vec<u8>,
    begun: &mut bool,
    through: &mut bool,
    failed: &mut Option<Value>,
) -> ControlFlow<()> {
    if *through || failed.is_some() {
        return ControlFlow::Break(());
    }
    if let Event::Failed { error } = event {
        *failed = Some(error.clone());
        return ControlFlow::Break(());
    }
    *begun |= is_content(event);
    writer.write_event(event, out);
    *through = matches!(event, Event::Completed { .. } | Event::Incomplete { .. }) || writer.is_finished();
    if *through { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// Whether with `event` there is more than that there will be an answer.
fn is_content(event: &Event<'_>) -> bool {
    !matches!(event, Event::Created { .. } | Event::Other { .. })
}

fn usage_of(event: &Event<'_>) -> Option<TokenUsage> {
    match event {
        Event::Completed { response } | Event::Incomplete { response } => {
            response.usage.as_ref().map(usage_of_body)
        }
        _ => None,
    }
}

/// The two numbers that are shown.
pub(crate) fn usage_of_body(tokens: &responses::TokenUsage) -> TokenUsage {
    TokenUsage { input: tokens.input_tokens, output: tokens.output_tokens }
}

fn malformed(why: StreamParseError) -> StreamError {
    StreamError::Malformed(why.to_string())
}

/// Reads a whole answer.
pub(crate) struct ResponseCollector {
    reader: EventReader,
    collector: responses::ResponseCollector,
    begun: bool,
}

impl ResponseCollector {
    pub(crate) fn new(shape: &ResponseEncoding) -> Self {
        let collector = responses::ResponseCollector::default();
        Self { reader: EventReader::of(shape.wire, shape.tools.clone()), collector, begun: false }
    }

    /// Whether a word of the answer itself has come.
    pub(crate) fn has_begun(&self) -> bool {
        self.begun
    }

    /// Reads on; true once the last event is in.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<bool, StreamError> {
        let Self { reader, collector, begun } = self;
        let mut failed = None;
        let take = |event: Event<'_>| {
            *begun |= is_content(&event);
            collect_event(&event, collector, &mut failed)
        };
        reader.push(piece, take).map_err(malformed)?;
        failed.map_or(Ok(self.collector.is_complete()), |error| Err(StreamError::Provider(error)))
    }

    /// The server has closed; the answer, if that was its end.
    pub(crate) fn close(&mut self) -> Result<bool, StreamError> {
        let (collector, mut failed) = (&mut self.collector, None);
        self.reader.finish(|event| collect_event(&event, collector, &mut failed));
        failed.map_or(Ok(self.collector.is_complete()), |error| Err(StreamError::Provider(error)))
    }

    /// What came.
    pub(crate) fn finish(self) -> responses::Response<'static> {
        self.collector.finish()
    }
}

fn collect_event(
    event: &Event<'_>,
    collector: &mut responses::ResponseCollector,
    failed: &mut Option<Value>,
) -> ControlFlow<()> {
    match event {
        Event::Failed { error } => *failed = Some(error.clone()),
        event => collector.take(event),
    }
    if failed.is_some() || collector.is_complete() {
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    }
}
