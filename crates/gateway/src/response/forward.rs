//! A stream passed on to a caller who speaks the server's own dialect.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use usher_dialect::error::ApiError;
use usher_dialect::json::{Raw, RawObject};
use usher_dialect::responses;
use usher_domain::ErrorCode;

use crate::request_log::{Outcome, TokenUsage};
use crate::response::sse_frames::{Frame, FrameAction, Frames};
use crate::response::step::{Step, StreamError};

/// Passes events on. Their bytes stay as they came, but for two things that clients of the public Responses API cannot
/// do without: an event that they do not know makes some of them throw (protocol correction 14), and the last
/// event is to hold the whole output, which the Codex backend leaves empty at times (§8.3).
pub(crate) struct Forwarder {
    frames: Frames,
    dialect: EventFilter,
    phase: Phase,
    /// The provider gave up, and the caller has heard so from it.
    failed: bool,
    usage: Option<TokenUsage>,
    /// The caller has seen the answer begin, and it begins once more.
    is_retry: bool,
}

/// What is passed on.
enum EventFilter {
    /// To a caller who knows the first-party vocabulary, and needs no output in the last event.
    Codex,
    /// To any other: items that are done are kept for the last event.
    Responses {
        items: Vec<Box<RawValue>>,
    },
    ChatCompletions,
}

/// How far the caller has been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// At most that there is an answer.
    NotStarted,
    /// A word of it.
    Started,
    /// All.
    Completed,
}

impl Forwarder {
    /// Of the Responses API; `codex` is the first-party client.
    pub(crate) fn for_responses(codex: bool) -> Self {
        Self::new(if codex { EventFilter::Codex } else { EventFilter::Responses { items: Vec::new() } })
    }

    /// Of the Chat Completions API.
    pub(crate) fn for_chat() -> Self {
        Self::new(EventFilter::ChatCompletions)
    }

    fn new(dialect: EventFilter) -> Self {
        Self {
            frames: Frames::default(),
            dialect,
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

    /// What came of it and what it cost, once all is told.
    pub(crate) fn outcome(&self) -> Option<(Outcome, Option<TokenUsage>)> {
        let outcome =
            if self.failed { Outcome::Failed(ErrorCode::UpstreamError) } else { Outcome::Completed };
        self.is_complete().then_some((outcome, self.usage))
    }

    pub(crate) fn forward_chunk(&mut self, piece: Bytes) -> Result<Step, StreamError> {
        let Self { frames, dialect, phase: told, is_retry: again, failed: gave_up, usage: cost } = self;
        let passed = frames.pass(piece, |frame| {
            record_usage(frame, dialect, gave_up, cost);
            match dialect {
                EventFilter::Codex => response(frame, told, *again, None),
                EventFilter::Responses { items } => response(frame, told, *again, Some(items)),
                EventFilter::ChatCompletions => chunk(frame, told),
            }
        });
        let bytes = passed.map_err(|_| StreamError::Malformed("an event has no end".into()))?;
        Ok(Step::more(bytes))
    }

    pub(crate) fn restart(&mut self) {
        self.frames = Frames::default();
        if let EventFilter::Responses { items } = &mut self.dialect {
            items.clear();
        }
        self.is_retry = true;
    }

    /// A word that says no more than that the line is open: a comment.
    pub(crate) fn keep_alive() -> Bytes {
        Bytes::from_static(b": keep-alive\n\n")
    }

    /// Codex and the public clients both read `response.failed`, and clients of the other API a chunk with an error.
    pub(crate) fn failed(&self, trouble: &ApiError) -> Bytes {
        let mut out = Vec::new();
        match self.dialect {
            EventFilter::Codex | EventFilter::Responses { .. } => {
                responses::write_failed_event(trouble, &mut out);
            }
            EventFilter::ChatCompletions => {
                out.extend_from_slice(b"data: ");
                out.extend_from_slice(&responses::translate_error(trouble));
                out.extend_from_slice(b"\n\n");
            }
        }
        out.into()
    }
}

/// Notes whether the provider gave up, and what the answer cost.
fn record_usage(frame: Frame<'_>, dialect: &EventFilter, gave_up: &mut bool, cost: &mut Option<TokenUsage>) {
    if matches!(dialect, EventFilter::ChatCompletions) {
        if memchr::memmem::find(frame.data, br#""usage":{"#).is_some() {
            *cost = serde_json::from_slice(frame.data).map(|chunk: Chunk| chunk.usage.into()).ok().or(*cost);
        }
        *gave_up |= is_error(frame.data);
        return;
    }
    match frame.kind().as_ref() {
        "response.completed" | "response.done" | "response.incomplete" => {
            let last = serde_json::from_slice::<CompletedEvent>(frame.data).ok();
            *cost = last.and_then(|last| last.response.usage).map(TokenUsage::from).or(*cost);
        }
        "response.failed" | "error" => *gave_up = true,
        _ => {}
    }
}

/// The last event of the Responses API, for what it cost.
#[derive(Deserialize)]
struct CompletedEvent {
    response: LastResponse,
}

#[derive(Deserialize)]
struct LastResponse {
    usage: Option<Usage>,
}

/// A chunk of the Chat Completions API that says what the answer cost.
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

impl From<Usage> for TokenUsage {
    fn from(usage: Usage) -> Self {
        Self { input: usage.input_tokens, output: usage.output_tokens }
    }
}

/// An event of the Responses API. `items` are kept for callers of the public API.
fn response(
    frame: Frame<'_>,
    told: &mut Phase,
    again: bool,
    items: Option<&mut Vec<Box<RawValue>>>,
) -> FrameAction {
    let kind = frame.kind();
    match (kind.as_ref(), items) {
        // A second try begins as the first did, of which the caller knows.
        ("response.created" | "response.in_progress" | "response.queued", _) if again => {
            return FrameAction::Skip;
        }
        ("response.created" | "response.in_progress" | "response.queued" | "", _) => {}
        ("response.completed" | "response.done" | "response.incomplete", items) => {
            *told = Phase::Completed;
            return items.map_or(FrameAction::Pass, |items| completed(frame, items));
        }
        ("response.failed" | "error", _) => *told = Phase::Completed,
        (kind, Some(_)) if !responses::is_public_event(kind) => return FrameAction::Skip,
        ("response.output_item.done", Some(items)) => {
            *told = (*told).max(Phase::Started);
            items.extend(item(frame));
        }
        (kind, _) if responses::is_public_event(kind) => *told = (*told).max(Phase::Started),
        _ => {}
    }
    FrameAction::Pass
}

/// A chunk of the Chat Completions API. Some services close after the reason to finish, without the last word.
fn chunk(frame: Frame<'_>, told: &mut Phase) -> FrameAction {
    let has = |text: &str| memchr::memmem::find(frame.data, text.as_bytes()).is_some();
    let ends = frame.data == b"[DONE]" || has(r#""finish_reason":""#) || has(r#""finish_reason": ""#);
    if ends || is_error(frame.data) {
        *told = Phase::Completed;
    } else if !frame.data.is_empty() {
        *told = (*told).max(Phase::Started);
    }
    FrameAction::Pass
}

/// Whether a chunk tells of an error in place of an answer.
fn is_error(chunk: &[u8]) -> bool {
    [&br#""error":{"#[..], br#""error": {"#].iter().any(|said| memchr::memmem::find(chunk, said).is_some())
}

fn item(frame: Frame<'_>) -> Option<Box<RawValue>> {
    let members = RawObject::parse(frame.data).ok()?;
    members.raw("item").map(|item| RawValue::from_string(item.get().to_owned()).ok())?
}

/// The last event with the output in it.
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
