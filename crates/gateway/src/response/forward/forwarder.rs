//! Forwards a stream to a client that uses the provider's own dialect.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::Value;
use usher_dialect::StrayError;
use usher_dialect::chat_completions;
use usher_dialect::error::ApiError;
use usher_dialect::json::RawObject;
use usher_dialect::json_body::JsonBody;
use usher_dialect::response_writer::ResponseWriter as _;
use usher_dialect::responses::{self, Event};
use usher_dialect::sse::is_done;
use usher_domain::ErrorCode;

use crate::request_log::{Outcome, TokenCounts};
use crate::response::forward::chat_choices::ChatChoices;
use crate::response::forward::kept_items::KeptItems;
use crate::response::forward::output_events::is_output;
use crate::response::forward::response_head::ResponseHead;
use crate::response::forward::sequence_numbers::SequenceNumbers;
use crate::response::forward::sse_frames::{Frame, FrameAction, Frames};
use crate::response::forward::usage;
use crate::response::step::{Step, StreamError};

/// Forwards the events of a stream.
///
/// Their bytes are unchanged, with four exceptions that clients of the public Responses API need: unknown events are
/// left out, because they make some clients throw (protocol correction 14), the last event gets the complete output,
/// which the Codex backend sometimes leaves empty (protocol §8.3), events without a number get one, and the response
/// keeps the id of the first event. Failures get a number for every client. Keep-alive comments get the form that all
/// clients read, and a body in place of a stream is forwarded as a stream.
pub(crate) struct Forwarder {
    /// The body, if the provider sends one instead of a stream.
    body: JsonBody,
    frames: Frames,
    filter: EventFilter,
    phase: Phase,
    /// Text or a part of a tool call was forwarded.
    has_output: bool,
    /// The provider sent an error event, which was forwarded.
    failed: Option<ErrorCode>,
    usage: Option<TokenCounts>,
    /// The client has seen the first events of the response, and a retry sends them again.
    is_retry: bool,
    numbers: SequenceNumbers,
    head: ResponseHead,
    /// What the provider sent outside of the protocol.
    stray: StrayError,
}

/// What is done with an error event of the provider before it is forwarded: the event may be changed. Returns what it
/// means.
pub(crate) type OnFailure<'a> = &'a mut dyn FnMut(&mut Value) -> ErrorCode;

/// Which events are forwarded.
enum EventFilter {
    /// All: the first-party client knows them, and needs no output in the last event.
    Codex,
    /// Public events. Completed items are stored for the last event.
    Responses(KeptItems),
    /// All chunks of the Chat Completions API.
    ChatCompletions(ChatChoices),
}

/// A comment that keeps the connection open. No blank line follows: some SDKs take one for the end of an event, and fail
/// because that has no data (openai/openai-go#556, openai/openai-python#2722).
const KEEP_ALIVE: &[u8] = b": keep-alive\n";

/// The end of a stream of Chat Completions.
const DONE: &[u8] = b"[DONE]";

fn encode_done() -> Vec<u8> {
    [b"data: ", DONE, b"\n\n"].concat()
}

/// How much of the response has been forwarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// No content yet.
    NotStarted,
    /// Some content.
    Started,
    /// The last event.
    Completed,
}

impl Forwarder {
    /// Creates a forwarder for the Responses API. `codex`: the client is Codex.
    pub(crate) fn for_responses(codex: bool) -> Self {
        Self::new(if codex { EventFilter::Codex } else { EventFilter::Responses(KeptItems::default()) })
    }

    /// Creates a forwarder for the Chat Completions API, for a request of this many choices.
    pub(crate) fn for_chat(choices: u32) -> Self {
        Self::new(EventFilter::ChatCompletions(ChatChoices::new(choices)))
    }

    fn new(filter: EventFilter) -> Self {
        Self {
            body: JsonBody::default(),
            frames: Frames::default(),
            filter,
            phase: Phase::NotStarted,
            has_output: false,
            failed: None,
            usage: None,
            is_retry: false,
            numbers: SequenceNumbers::default(),
            head: ResponseHead::default(),
            stray: StrayError::default(),
        }
    }

    pub(crate) fn has_started(&self) -> bool {
        self.phase > Phase::NotStarted
    }

    /// Returns whether the client has received text or a tool call.
    pub(crate) fn has_output(&self) -> bool {
        self.has_output || self.is_complete()
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.phase == Phase::Completed
    }

    /// Returns the outcome and the token counts, once the last event was forwarded.
    pub(crate) fn outcome(&self) -> Option<(Outcome, Option<TokenCounts>)> {
        let outcome = self.failed.map_or(Outcome::Completed, Outcome::Failed);
        self.is_complete().then_some((outcome, self.usage))
    }

    /// Forwards a chunk. `on_failure` is given an error event of the provider.
    pub(crate) fn forward_chunk(
        &mut self,
        chunk: Bytes,
        on_failure: OnFailure<'_>,
    ) -> Result<Step, StreamError> {
        if self.body.take(&chunk).map_err(|error| StreamError::Malformed(error.to_string()))? {
            return Ok(Step::more(Bytes::new()));
        }
        let mut frames = std::mem::take(&mut self.frames);
        let forwarded = frames.push(chunk, |frame| self.forward(&frame, on_failure));
        self.frames = frames;
        let bytes = forwarded.map_err(|_| StreamError::Malformed("an event has no end".into()))?;
        if let EventFilter::Responses(items) = &self.filter {
            items.check_size()?;
        }
        Ok(Step::more(bytes))
    }

    /// Decides what to do with an event, and records what it says of the response.
    fn forward(&mut self, frame: &Frame<'_>, on_failure: OnFailure<'_>) -> FrameAction {
        if frame.is_blank() {
            return FrameAction::Replace(KEEP_ALIVE.to_vec());
        }
        let Self { filter, phase, is_retry, has_output, failed, usage, numbers, head, stray, .. } = self;
        let kind =
            if matches!(filter, EventFilter::ChatCompletions(_)) { Cow::default() } else { frame.kind() };
        // It is reported in the protocol's form if the response does not come.
        if is_stray(&kind, &frame.data, filter) && stray.take(&frame.data) {
            return FrameAction::Skip;
        }
        let mut on_failure = |event: &mut Value| *failed = Some(on_failure(event));
        let counts = match filter {
            EventFilter::ChatCompletions(_) => usage::of_chunk(&frame.data),
            EventFilter::Codex | EventFilter::Responses(_) => usage::of_event(&kind, &frame.data),
        };
        *usage = counts.or(*usage);
        *has_output = *has_output || is_output(&kind, &frame.data);
        let items = match filter {
            EventFilter::Codex => None,
            EventFilter::Responses(items) => Some(items),
            EventFilter::ChatCompletions(choices) => {
                return forward_chat_chunk(frame, phase, choices, &mut on_failure);
            }
        };
        let described = matches!(&*kind, "response.failed" | "error")
            .then(|| described(&frame.data, &mut on_failure))
            .flatten();
        forward_event(&kind, &frame.data, described.as_deref(), phase, *is_retry, items, (numbers, head))
    }

    /// Forwards the rest after the provider has closed the stream. The step is the last one if the response is complete.
    pub(crate) fn finish(&mut self, on_failure: OnFailure<'_>) -> Result<Step, StreamError> {
        if let Some(body) = self.body.finish() {
            return self.forward_body(&body);
        }
        let bytes = self.close(on_failure);
        match self.stray.take_error().filter(|_| !self.is_complete() && bytes.is_empty()) {
            Some(error) => Err(StreamError::Provider(error)),
            None => Ok(Step { bytes, is_last: self.is_complete() }),
        }
    }

    /// Returns what is missing at the end: the last event if it lacks its blank line, and the `[DONE]` that some services
    /// leave out.
    pub(crate) fn close(&mut self, on_failure: OnFailure<'_>) -> Bytes {
        let mut frames = std::mem::take(&mut self.frames);
        let rest = frames.finish(|frame| self.forward(&frame, on_failure));
        let EventFilter::ChatCompletions(choices) = &mut self.filter else { return rest };
        let is_complete = self.phase == Phase::Completed && self.failed.is_none();
        if !is_complete || std::mem::replace(&mut choices.is_done, true) {
            return rest;
        }
        [&rest[..], &encode_done()].concat().into()
    }

    /// Forwards a complete body as a stream. One that is no response is an error.
    fn forward_body(&mut self, body: &[u8]) -> Result<Step, StreamError> {
        let mut out = Vec::new();
        let mut error = None;
        if let EventFilter::ChatCompletions(_) = self.filter {
            match chat_completions::stream_of_body(body) {
                Ok(stream) => out = stream,
                Err(reported) => error = Some(reported),
            }
        } else {
            let mut writer = responses::ResponsesWriter::new("", 0);
            let read = responses::read_body(body, &mut |event| match event {
                Event::Failed { error: reported } => error = Some(reported),
                event => writer.write_event(&event, &mut out),
            });
            read.map_err(|invalid| StreamError::Malformed(invalid.to_string()))?;
        }
        match error {
            Some(Value::Null) => {
                Err(StreamError::Malformed("the provider's answer was cut off before its end".into()))
            }
            Some(error) => Err(StreamError::Provider(error)),
            None => {
                self.phase = Phase::Completed;
                self.usage = usage::of_body(body);
                Ok(Step::last(out.into()))
            }
        }
    }

    pub(crate) fn restart(&mut self) {
        self.frames = Frames::default();
        self.body = JsonBody::default();
        if let EventFilter::Responses(items) = &mut self.filter {
            *items = KeptItems::default();
        }
        self.is_retry = true;
    }

    /// Returns an SSE comment, which keeps the connection open.
    pub(crate) fn keep_alive() -> Bytes {
        Bytes::from_static(KEEP_ALIVE)
    }

    /// Encodes an error event: `response.failed`, or a chunk with an error for Chat Completions.
    pub(crate) fn failed(&self, error: &ApiError) -> Bytes {
        let mut out = Vec::new();
        match self.filter {
            EventFilter::Codex | EventFilter::Responses(_) => {
                responses::write_failed_event(error, self.head.members(), self.numbers.next(), &mut out);
            }
            EventFilter::ChatCompletions(_) => {
                out.extend_from_slice(b"data: ");
                out.extend_from_slice(&responses::translate_error(error));
                out.extend_from_slice(b"\n\n");
            }
        }
        out.into()
    }
}

/// Returns whether an event is none of the protocol.
fn is_stray(kind: &str, data: &[u8], filter: &EventFilter) -> bool {
    let data = data.trim_ascii_start();
    if data.is_empty() || is_done(data) {
        return false;
    }
    match filter {
        _ if !data.starts_with(b"{") => true,
        EventFilter::ChatCompletions(_) => {
            !is_error(data) && memchr::memmem::find(data, b"\"choices\"").is_none()
        }
        EventFilter::Codex | EventFilter::Responses(_) => kind.is_empty(),
    }
}

/// Gives an error event to `on_failure`. Returns the event if that changed it.
fn described(event: &[u8], on_failure: &mut dyn FnMut(&mut Value)) -> Option<Vec<u8>> {
    let before: Value = serde_json::from_slice(event).ok().filter(Value::is_object)?;
    let mut event = before.clone();
    on_failure(&mut event);
    (event != before).then(|| event.to_string().into_bytes())
}

/// Decides what to do with an event of the Responses API.
///
/// With `items`, which is for clients of the public API, completed items are stored there for the last event.
/// `described` replaces the data.
fn forward_event(
    kind: &str,
    data: &[u8],
    described: Option<&[u8]>,
    phase: &mut Phase,
    is_retry: bool,
    mut items: Option<&mut KeptItems>,
    (numbers, head): (&mut SequenceNumbers, &mut ResponseHead),
) -> FrameAction {
    let is_public = responses::is_public_event(kind);
    let (mut is_last, mut is_failure) = (false, false);
    match kind {
        // The client has already received these from the first attempt.
        "response.created" | "response.in_progress" | "response.queued" if is_retry => {
            return FrameAction::Skip;
        }
        "response.created" | "response.in_progress" | "response.queued" | "" => {}
        "response.completed" | "response.done" | "response.incomplete" => is_last = true,
        "response.failed" | "error" => is_failure = true,
        _ if items.is_some() && !is_public => return FrameAction::Skip,
        _ if is_public => *phase = (*phase).max(Phase::Started),
        _ => {}
    }
    if is_last || is_failure {
        *phase = Phase::Completed;
    }
    let is_kept = kind == "response.output_item.done" && items.is_some();
    if !(kind == "response.created" || is_kept || is_last || is_failure) && numbers.accept(data) {
        return FrameAction::Pass;
    }
    // Comments have no data, and some services end with `[DONE]`.
    let data = described.unwrap_or(data);
    let Ok(mut event) = RawObject::parse(data) else { return FrameAction::Pass };
    if let Some(items) = items.as_deref_mut().filter(|_| is_kept) {
        items.add(&event);
    }
    let mut is_changed = described.is_some();
    if let Some(items) = items.as_deref().filter(|_| is_last) {
        is_changed |= items.fill_output(&mut event);
    }
    if kind == "response.created" || is_last || is_failure {
        if items.is_some() {
            is_changed |= head.assign(&mut event);
        } else {
            head.observe(&event);
        }
    }
    if items.is_some() || is_failure {
        is_changed |= numbers.assign(&mut event);
    } else {
        numbers.observe(&event);
    }
    if is_changed { FrameAction::Replace(encode_event(kind, &event)) } else { FrameAction::Pass }
}

/// Encodes an event that was changed.
fn encode_event(kind: &str, event: &RawObject<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    if !kind.is_empty() {
        out.extend_from_slice(format!("event: {kind}\n").as_bytes());
    }
    out.extend_from_slice(b"data: ");
    // Between values JSON may have line ends; within them it has none.
    let data = event.to_bytes().into_iter();
    out.extend(data.map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }));
    out.extend_from_slice(b"\n\n");
    out
}

/// Forwards a chunk of the Chat Completions API. Some services close after `finish_reason`, without `[DONE]`.
fn forward_chat_chunk(
    frame: &Frame<'_>,
    phase: &mut Phase,
    choices: &mut ChatChoices,
    on_failure: &mut dyn FnMut(&mut Value),
) -> FrameAction {
    if is_error(&frame.data) {
        *phase = Phase::Completed;
        let described = described(&frame.data, on_failure).and_then(|data| {
            let event = RawObject::parse(&data).ok()?;
            Some(encode_event("", &event))
        });
        return described.map_or(FrameAction::Pass, FrameAction::Replace);
    }
    if choices.end_in(&frame.data) {
        *phase = Phase::Completed;
        if choices.is_done && !frame.data.starts_with(DONE) {
            return FrameAction::Replace(encode_done());
        }
    } else if !frame.data.is_empty() {
        *phase = (*phase).max(Phase::Started);
    }
    FrameAction::Pass
}

/// Returns whether a chunk is an error object instead of a part of the response.
fn is_error(chunk: &[u8]) -> bool {
    [&br#""error":{"#[..], br#""error": {"#].iter().any(|start| memchr::memmem::find(chunk, start).is_some())
}

#[cfg(test)]
mod tests;
