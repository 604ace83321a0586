//! Encodes a streamed response for the client: in the provider's own dialect, or translated.

use std::ops::ControlFlow;

use bytes::Bytes;
use serde_json::Value;
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::Event;
use usher_dialect::translate::ToolNames;

use crate::request_log::{Outcome, TokenCounts};
use crate::response::encode::encoding::ResponseEncoding;
use crate::response::encode::event_reader::{EventReader, is_content, is_output, usage_of};
use crate::response::error::GatewayError;
use crate::response::forward::forwarder::{Forwarder, OnFailure};
use crate::response::size_limit::SizeLimit;
use crate::response::step::{Step, StreamError};

/// Encodes one streamed response.
pub(crate) enum StreamEncoder {
    /// Forwards the events in the dialect that they arrive in.
    Forward(Box<Forwarder>),
    /// Translates them to another dialect.
    Translate(Box<StreamTranslator>),
}

/// Translates a streamed response to another dialect.
pub(crate) struct StreamTranslator {
    reader: EventReader,
    writer: Box<dyn ResponseWriter>,
    tools: ToolNames,
    /// Who gets the reasoning back.
    owner: Option<String>,
    out: Vec<u8>,
    size: SizeLimit,
    has_started: bool,
    /// The client has received text or a tool call.
    has_output: bool,
    is_complete: bool,
    usage: Option<TokenCounts>,
}

impl StreamEncoder {
    /// Encodes a chunk. `on_failure` is given an error event that is forwarded.
    pub(crate) fn encode(&mut self, chunk: Bytes, on_failure: OnFailure<'_>) -> Result<Step, StreamError> {
        match self {
            Self::Forward(forwarder) => forwarder.forward_chunk(chunk, on_failure),
            Self::Translate(translator) => translator.push(&chunk),
        }
    }

    /// Returns whether the client has received content of the response.
    pub(crate) fn has_started(&self) -> bool {
        match self {
            Self::Forward(forwarder) => forwarder.has_started(),
            Self::Translate(translator) => translator.has_started,
        }
    }

    /// Returns whether the client has received text or a tool call.
    pub(crate) fn has_output(&self) -> bool {
        match self {
            Self::Forward(forwarder) => forwarder.has_output(),
            Self::Translate(translator) => translator.has_output || translator.is_complete,
        }
    }

    /// Returns the outcome and the token counts, once the client has received the complete response.
    pub(crate) fn outcome(&self) -> Option<(Outcome, Option<TokenCounts>)> {
        match self {
            Self::Forward(forwarder) => forwarder.outcome(),
            Self::Translate(translator) => {
                translator.is_complete.then_some((Outcome::Completed, translator.usage))
            }
        }
    }

    /// Encodes the rest after the provider has closed the stream. The step is the last one if the response is complete.
    pub(crate) fn finish(&mut self, on_failure: OnFailure<'_>) -> Result<Step, StreamError> {
        match self {
            Self::Forward(forwarder) => forwarder.finish(on_failure),
            Self::Translate(translator) => translator.finish(),
        }
    }

    /// Returns what is missing after a complete response.
    pub(crate) fn close(&mut self, on_failure: OnFailure<'_>) -> Bytes {
        match self {
            Self::Forward(forwarder) => forwarder.close(on_failure),
            Self::Translate(_) => Bytes::new(),
        }
    }

    /// Prepares for a retry, whose response starts from the beginning.
    pub(crate) fn restart(&mut self) {
        match self {
            Self::Forward(forwarder) => forwarder.restart(),
            Self::Translate(translator) => translator.restart(),
        }
    }

    /// Encodes an event without content that keeps the connection open.
    pub(crate) fn keep_alive(&mut self) -> Bytes {
        match self {
            Self::Forward(_) => Forwarder::keep_alive(),
            Self::Translate(translator) => translator.write(|writer, out| writer.write_keep_alive(out)),
        }
    }

    /// Encodes the dialect's own error event.
    pub(crate) fn encode_failure(&mut self, error: &GatewayError) -> Bytes {
        match self {
            Self::Forward(forwarder) => forwarder.failed(&error.error),
            Self::Translate(translator) => {
                translator.write(|writer, out| writer.write_error(&error.error, out))
            }
        }
    }
}

impl StreamTranslator {
    pub(crate) fn new(encoding: ResponseEncoding) -> Self {
        let (tools, owner) = (encoding.tools.clone(), encoding.reasoning_owner.clone());
        Self {
            reader: EventReader::new(encoding.wire, tools.clone(), owner.as_deref()),
            tools,
            owner,
            writer: encoding.into_writer(),
            out: Vec::new(),
            size: SizeLimit::default(),
            has_started: false,
            has_output: false,
            is_complete: false,
            usage: None,
        }
    }

    fn push(&mut self, chunk: &[u8]) -> Result<Step, StreamError> {
        let Self { reader, writer, out, size, has_started, has_output, is_complete, usage, .. } = self;
        let mut failed = None;
        let encode = |event: Event<'_>| {
            *usage = usage_of(&event).or(*usage);
            *has_output |= is_output(&event);
            size.count(&event);
            if size.check().is_err() {
                return ControlFlow::Break(());
            }
            encode_event(&event, writer.as_mut(), out, has_started, is_complete, &mut failed)
        };
        reader.push(chunk, encode)?;
        self.size.check()?;
        self.step(failed)
    }

    fn finish(&mut self) -> Result<Step, StreamError> {
        let Self { reader, writer, out, size, has_started, is_complete, usage, .. } = self;
        let mut failed = None;
        reader.finish(|event| {
            *usage = usage_of(&event).or(*usage);
            size.count(&event);
            encode_event(&event, writer.as_mut(), out, has_started, is_complete, &mut failed)
        });
        self.size.check()?;
        self.step(failed)
    }

    fn step(&mut self, failed: Option<Value>) -> Result<Step, StreamError> {
        match failed {
            Some(error) => Err(StreamError::Provider(error)),
            None => Ok(Step { bytes: std::mem::take(&mut self.out).into(), is_last: self.is_complete }),
        }
    }

    /// Returns what `write_event` writes, after anything written before that was not yet sent.
    fn write(&mut self, write_event: impl FnOnce(&mut dyn ResponseWriter, &mut Vec<u8>)) -> Bytes {
        write_event(self.writer.as_mut(), &mut self.out);
        std::mem::take(&mut self.out).into()
    }

    fn restart(&mut self) {
        self.reader = EventReader::new(self.reader.wire(), self.tools.clone(), self.owner.as_deref());
        self.size = SizeLimit::default();
    }
}

/// Encodes one event and updates the state of the response. Breaks after the last event.
fn encode_event(
    event: &Event<'_>,
    writer: &mut dyn ResponseWriter,
    out: &mut Vec<u8>,
    has_started: &mut bool,
    is_complete: &mut bool,
    failed: &mut Option<Value>,
) -> ControlFlow<()> {
    if *is_complete || failed.is_some() {
        return ControlFlow::Break(());
    }
    if let Event::Failed { error } = event {
        *failed = Some(error.clone());
        return ControlFlow::Break(());
    }
    *has_started |= is_content(event);
    writer.write_event(event, out);
    *is_complete =
        matches!(event, Event::Completed { .. } | Event::Incomplete { .. }) || writer.is_finished();
    if *is_complete { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}
