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

use crate::codec::Shape;
use crate::forward::Forwarder;
use crate::live::{Outcome, Tokens};
use crate::reply::Refusal;

/// What goes to the caller now, and whether that is all.
pub(crate) struct Step {
    pub(crate) bytes: Bytes,
    pub(crate) over: bool,
}

impl Step {
    pub(crate) fn more(bytes: Bytes) -> Self {
        Self { bytes, over: false }
    }

    pub(crate) fn over(bytes: Bytes) -> Self {
        Self { bytes, over: true }
    }
}

/// Why an answer cannot be told on.
pub(crate) enum Trouble {
    /// The provider gave up, and said this.
    Theirs(Value),
    /// It is no stream of this kind.
    Unreadable(String),
}

/// Tells one answer.
pub(crate) enum Teller {
    /// In the dialect that it comes in.
    Forward(Forwarder),
    /// In another.
    Write(Box<Translator>),
}

/// Tells an answer in another dialect.
pub(crate) struct Translator {
    reader: Reader,
    writer: Box<dyn ResponseWriter>,
    tools: ToolNames,
    out: Vec<u8>,
    begun: bool,
    through: bool,
    cost: Option<Tokens>,
}

/// Reads the events of an answer, whichever API it comes by.
enum Reader {
    Responses(SseParser),
    ChatCompletions(Box<chat_completions::ChatCompletionsReader>),
}

impl Reader {
    fn of(wire: Wire, tools: ToolNames) -> Self {
        match wire {
            Wire::Responses => Self::Responses(SseParser::default()),
            Wire::ChatCompletions => {
                Self::ChatCompletions(Box::new(chat_completions::ChatCompletionsReader::new(tools)))
            }
        }
    }

    /// Gives the events of `piece` to `take` until that has enough.
    fn push(
        &mut self,
        mut piece: &[u8],
        mut take: impl FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<(), StreamParseError> {
        match self {
            Self::Responses(parser) => {
                while let Some(sse) = parser.next_event(&mut piece)? {
                    // Some services of the Responses API end as those of the other API do.
                    if sse.data != b"[DONE]" && take(Event::read(sse)?).is_break() {
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

impl Teller {
    pub(crate) fn take(&mut self, piece: Bytes) -> Result<Step, Trouble> {
        match self {
            Self::Forward(forwarder) => forwarder.take(piece),
            Self::Write(translator) => translator.take(&piece),
        }
    }

    /// Whether the caller has had a word of the answer itself.
    pub(crate) fn has_begun(&self) -> bool {
        match self {
            Self::Forward(forwarder) => forwarder.has_begun(),
            Self::Write(translator) => translator.begun,
        }
    }

    /// What came of the answer and what it cost, once the caller has had all of it.
    pub(crate) fn end(&self) -> Option<(Outcome, Option<Tokens>)> {
        match self {
            Self::Forward(forwarder) => forwarder.end(),
            Self::Write(translator) => translator.through.then_some((Outcome::Done, translator.cost)),
        }
    }

    /// The server has closed: what is still to be told, and whether that was the end of the answer.
    pub(crate) fn finish(&mut self) -> Result<Step, Trouble> {
        match self {
            Self::Forward(forwarder) => Ok(Step { bytes: Bytes::new(), over: forwarder.is_through() }),
            Self::Write(translator) => translator.finish(),
        }
    }

    /// The answer comes once more from its beginning.
    pub(crate) fn begin_again(&mut self) {
        match self {
            Self::Forward(forwarder) => forwarder.begin_again(),
            Self::Write(translator) => translator.begin_again(),
        }
    }

    /// A word that says no more than that the line is open.
    pub(crate) fn idle(&mut self) -> Bytes {
        match self {
            Self::Forward(_) => Forwarder::idle(),
            Self::Write(translator) => translator.write(|writer, out| writer.write_keep_alive(out)),
        }
    }

    /// Ends the answer by the dialect's own error. `original` is the provider's error object.
    pub(crate) fn failed(&mut self, mut refusal: Refusal, original: Option<Value>) -> Bytes {
        if original.is_some() {
            refusal.trouble.original = original;
        }
        match self {
            Self::Forward(forwarder) => forwarder.failed(&refusal.trouble),
            Self::Write(translator) => {
                translator.write(|writer, out| writer.write_error(&refusal.trouble, out))
            }
        }
    }
}

impl Translator {
    pub(crate) fn new(shape: Shape) -> Self {
        let tools = shape.tools.clone();
        Self {
            reader: Reader::of(shape.wire, tools.clone()),
            tools,
            writer: shape.writer(),
            out: Vec::new(),
            begun: false,
            through: false,
            cost: None,
        }
    }

    fn take(&mut self, piece: &[u8]) -> Result<Step, Trouble> {
        let Self { reader, writer, out, begun, through, cost, .. } = self;
        let mut failed = None;
        let tell = |event: Event<'_>| {
            *cost = cost_of(&event).or(*cost);
            tell(&event, writer.as_mut(), out, begun, through, &mut failed)
        };
        reader.push(piece, tell).map_err(unreadable)?;
        self.step(failed)
    }

    /// What is still to be told once the server has closed.
    fn finish(&mut self) -> Result<Step, Trouble> {
        let Self { reader, writer, out, begun, through, cost, .. } = self;
        let mut failed = None;
        reader.finish(|event| {
            *cost = cost_of(&event).or(*cost);
            tell(&event, writer.as_mut(), out, begun, through, &mut failed)
        });
        self.step(failed)
    }

    fn step(&mut self, failed: Option<Value>) -> Result<Step, Trouble> {
        match failed {
            Some(error) => Err(Trouble::Theirs(error)),
            None => Ok(Step { bytes: std::mem::take(&mut self.out).into(), over: self.through }),
        }
    }

    /// What was written and not yet handed out stands before what `say` writes.
    fn write(&mut self, say: impl FnOnce(&mut dyn ResponseWriter, &mut Vec<u8>)) -> Bytes {
        say(self.writer.as_mut(), &mut self.out);
        std::mem::take(&mut self.out).into()
    }

    fn begin_again(&mut self) {
        let wire = match self.reader {
            Reader::Responses(_) => Wire::Responses,
            Reader::ChatCompletions(_) => Wire::ChatCompletions,
        };
        self.reader = Reader::of(wire, self.tools.clone());
    }
}

/// Tells one event, and what it means for the whole answer.
fn tell(
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
    *begun |= begins(event);
    writer.write_event(event, out);
    *through = matches!(event, Event::Completed { .. } | Event::Incomplete { .. }) || writer.is_finished();
    if *through { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// Whether with `event` there is more than that there will be an answer.
fn begins(event: &Event<'_>) -> bool {
    !matches!(event, Event::Created { .. } | Event::Other { .. })
}

fn cost_of(event: &Event<'_>) -> Option<Tokens> {
    match event {
        Event::Completed { response } | Event::Incomplete { response } => {
            response.usage.as_ref().map(counted)
        }
        _ => None,
    }
}

/// The two numbers that are shown.
pub(crate) fn counted(tokens: &responses::TokenUsage) -> Tokens {
    Tokens { input: tokens.input_tokens, output: tokens.output_tokens }
}

fn unreadable(why: StreamParseError) -> Trouble {
    Trouble::Unreadable(why.to_string())
}

/// Reads a whole answer.
pub(crate) struct Gatherer {
    reader: Reader,
    collector: responses::ResponseCollector,
    begun: bool,
}

impl Gatherer {
    pub(crate) fn new(shape: &Shape) -> Self {
        let collector = responses::ResponseCollector::default();
        Self { reader: Reader::of(shape.wire, shape.tools.clone()), collector, begun: false }
    }

    /// Whether a word of the answer itself has come.
    pub(crate) fn has_begun(&self) -> bool {
        self.begun
    }

    /// Reads on; true once the last event is in.
    pub(crate) fn take(&mut self, piece: &[u8]) -> Result<bool, Trouble> {
        let Self { reader, collector, begun } = self;
        let mut failed = None;
        let take = |event: Event<'_>| {
            *begun |= begins(&event);
            collect(&event, collector, &mut failed)
        };
        reader.push(piece, take).map_err(unreadable)?;
        failed.map_or(Ok(self.collector.is_complete()), |error| Err(Trouble::Theirs(error)))
    }

    /// The server has closed; the answer, if that was its end.
    pub(crate) fn close(&mut self) -> Result<bool, Trouble> {
        let (collector, mut failed) = (&mut self.collector, None);
        self.reader.finish(|event| collect(&event, collector, &mut failed));
        failed.map_or(Ok(self.collector.is_complete()), |error| Err(Trouble::Theirs(error)))
    }

    /// What came.
    pub(crate) fn finish(self) -> responses::Response<'static> {
        self.collector.finish()
    }
}

fn collect(
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
