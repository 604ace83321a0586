//! Forwards a stream to a client that uses the provider's own dialect.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use usher_dialect::error::ApiError;
use usher_dialect::json::{Raw, RawObject};
use usher_dialect::responses;
use usher_domain::ErrorCode;

use crate::request_log::{Outcome, TokenCounts};
use crate::response::sse_frames::{Frame, FrameAction, Frames};
use crate::response::step::{Step, StreamError};

/// Forwards the events of a stream.
///
/// Their bytes are unchanged, with two exceptions that clients of the public Responses API need: unknown events are
/// left out, because they make some clients throw (protocol correction 14), and the last event gets the complete
/// output, which the Codex backend sometimes leaves empty (protocol §8.3).
pub(crate) struct Forwarder {
    frames: Frames,
    filter: EventFilter,
    phase: Phase,
    /// The provider sent an error event, which was forwarded.
    failed: bool,
    usage: Option<TokenCounts>,
    /// The client has seen the first events of the response, and a retry sends them again.
    is_retry: bool,
}

/// Which events are forwarded.
enum EventFilter {
    /// All: the first-party client knows them, and needs no output in the last event.
    Codex,
    /// Public events. Completed items are stored for the last event.
    Responses { items: Vec<Box<RawValue>> },
    /// All chunks of the Chat Completions API.
    ChatCompletions,
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
        Self::new(if codex { EventFilter::Codex } else { EventFilter::Responses { items: Vec::new() } })
    }

    /// Creates a forwarder for the Chat Completions API.
    pub(crate) fn for_chat() -> Self {
        Self::new(EventFilter::ChatCompletions)
    }

    fn new(filter: EventFilter) -> Self {
        Self {
            frames: Frames::default(),
            filter,
            phase: Phase::NotStarted,
            failed: false,
            usage: None,
            is_retry: false,
        }
    }

    pub(crate) fn has_started(&self) -> bool {
        self.phase > Phase::NotStarted
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.phase == Phase::Completed
    }

    /// Returns the outcome and the token counts, once the last event was forwarded.
    pub(crate) fn outcome(&self) -> Option<(Outcome, Option<TokenCounts>)> {
        let outcome =
            if self.failed { Outcome::Failed(ErrorCode::UpstreamError) } else { Outcome::Completed };
        self.is_complete().then_some((outcome, self.usage))
    }

    pub(crate) fn forward_chunk(&mut self, chunk: Bytes) -> Result<Step, StreamError> {
        let Self { frames, filter, phase, is_retry, failed, usage } = self;
        let forwarded = frames.push(chunk, |frame| {
            record_usage(frame, filter, failed, usage);
            match filter {
                EventFilter::Codex => forward_event(frame, phase, *is_retry, None),
                EventFilter::Responses { items } => forward_event(frame, phase, *is_retry, Some(items)),
                EventFilter::ChatCompletions => forward_chat_chunk(frame, phase),
            }
        });
        let bytes = forwarded.map_err(|_| StreamError::Malformed("an event has no end".into()))?;
        Ok(Step::more(bytes))
    }

    pub(crate) fn restart(&mut self) {
        self.frames = Frames::default();
        if let EventFilter::Responses { items } = &mut self.filter {
            items.clear();
        }
        self.is_retry = true;
    }

    /// Returns an SSE comment, which keeps the connection open.
    pub(crate) fn keep_alive() -> Bytes {
        Bytes::from_static(b": keep-alive\n\n")
    }

    /// Encodes an error event: `response.failed`, or a chunk with an error for Chat Completions.
    pub(crate) fn failed(&self, error: &ApiError) -> Bytes {
        let mut out = Vec::new();
        match self.filter {
            EventFilter::Codex | EventFilter::Responses { .. } => {
                responses::write_failed_event(error, &mut out);
            }
            EventFilter::ChatCompletions => {
                out.extend_from_slice(b"data: ");
                out.extend_from_slice(&responses::translate_error(error));
                out.extend_from_slice(b"\n\n");
            }
        }
        out.into()
    }
}

/// Records whether the provider sent an error, and the token counts.
fn record_usage(frame: Frame<'_>, filter: &EventFilter, failed: &mut bool, usage: &mut Option<TokenCounts>) {
    if matches!(filter, EventFilter::ChatCompletions) {
        if memchr::memmem::find(frame.data, br#""usage":{"#).is_some() {
            *usage =
                serde_json::from_slice(frame.data).map(|chunk: Chunk| chunk.usage.into()).ok().or(*usage);
        }
        *failed |= is_error(frame.data);
        return;
    }
    match frame.kind().as_ref() {
        "response.completed" | "response.done" | "response.incomplete" => {
            let last = serde_json::from_slice::<CompletedEvent>(frame.data).ok();
            *usage = last.and_then(|last| last.response.usage).map(TokenCounts::from).or(*usage);
        }
        "response.failed" | "error" => *failed = true,
        _ => {}
    }
}

/// The last event of the Responses API, for its token counts.
#[derive(Deserialize)]
struct CompletedEvent {
    response: LastResponse,
}

#[derive(Deserialize)]
struct LastResponse {
    usage: Option<Usage>,
}

/// A chunk of the Chat Completions API with token counts.
#[derive(Deserialize)]
struct Chunk {
    usage: Usage,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(alias = "prompt_tokens")]
    input_tokens: u64,
    #[serde(alias = "completion_tokens")]
    output_tokens: u64,
}

impl From<Usage> for TokenCounts {
    fn from(usage: Usage) -> Self {
        Self { input: usage.input_tokens, output: usage.output_tokens }
    }
}

/// Decides what to do with an event of the Responses API.
///
/// With `items`, which is for clients of the public API, completed items are stored there for the last event.
fn forward_event(
    frame: Frame<'_>,
    phase: &mut Phase,
    is_retry: bool,
    items: Option<&mut Vec<Box<RawValue>>>,
) -> FrameAction {
    let kind = frame.kind();
    match (kind.as_ref(), items) {
        // The client has already received these from the first attempt.
        ("response.created" | "response.in_progress" | "response.queued", _) if is_retry => {
            return FrameAction::Skip;
        }
        ("response.created" | "response.in_progress" | "response.queued" | "", _) => {}
        ("response.completed" | "response.done" | "response.incomplete", items) => {
            *phase = Phase::Completed;
            return items.map_or(FrameAction::Pass, |items| completed(frame, items));
        }
        ("response.failed" | "error", _) => *phase = Phase::Completed,
        (kind, Some(_)) if !responses::is_public_event(kind) => return FrameAction::Skip,
        ("response.output_item.done", Some(items)) => {
            *phase = (*phase).max(Phase::Started);
            items.extend(item(frame));
        }
        (kind, _) if responses::is_public_event(kind) => *phase = (*phase).max(Phase::Started),
        _ => {}
    }
    FrameAction::Pass
}

/// Forwards a chunk of the Chat Completions API. Some services close after `finish_reason`, without `[DONE]`.
fn forward_chat_chunk(frame: Frame<'_>, phase: &mut Phase) -> FrameAction {
    let has = |text: &str| memchr::memmem::find(frame.data, text.as_bytes()).is_some();
    let ends = frame.data == b"[DONE]" || has(r#""finish_reason":""#) || has(r#""finish_reason": ""#);
    if ends || is_error(frame.data) {
        *phase = Phase::Completed;
    } else if !frame.data.is_empty() {
        *phase = (*phase).max(Phase::Started);
    }
    FrameAction::Pass
}

/// Returns whether a chunk is an error object instead of a part of the response.
fn is_error(chunk: &[u8]) -> bool {
    [&br#""error":{"#[..], br#""error": {"#].iter().any(|start| memchr::memmem::find(chunk, start).is_some())
}

fn item(frame: Frame<'_>) -> Option<Box<RawValue>> {
    let event = RawObject::parse(frame.data).ok()?;
    event.raw("item").map(|item| RawValue::from_string(item.get().to_owned()).ok())?
}

/// Adds `items` to the last event if its output is empty.
fn completed(frame: Frame<'_>, items: &[Box<RawValue>]) -> FrameAction {
    let rebuilt = || {
        let mut event = RawObject::parse(frame.data).ok()?;
        let mut response = RawObject::parse(event.raw("response")?.get().as_bytes()).ok()?;
        let empty =
            response.raw("output").is_none_or(|output| output.get() == "[]" || output.get() == "null");
        if !empty || items.is_empty() {
            return None;
        }
        response.set("output", Raw::from_value(&items));
        let response = Raw::from_value(&response);
        event.set("response", response);
        let mut out = format!("event: {}\ndata: ", frame.kind()).into_bytes();
        out.extend_from_slice(&event.to_bytes());
        out.extend_from_slice(b"\n\n");
        Some(out)
    };
    rebuilt().map_or(FrameAction::Pass, FrameAction::Replace)
}
