//! A stream passed on to a caller who speaks the server's own dialect.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use usher_dialect::error::ApiError;
use usher_dialect::json::{Raw, RawObject};
use usher_dialect::responses;
use usher_domain::ErrorCode;

use crate::frames::{Frame, Frames, Verdict};
use crate::live::{Outcome, Tokens};
use crate::stream::{Step, Trouble};

/// Passes events on. Their bytes stay as they came, but for two things that clients of the public Responses API cannot
/// do without: an event that they do not know makes some of them throw (protocol, corrections no. 14), and the last
/// event is to hold the whole output, which the Codex backend leaves empty at times (§8.3).
pub(crate) struct Forwarder {
    frames: Frames,
    dialect: Passing,
    told: Told,
    /// The provider gave up, and the caller has heard so from it.
    gave_up: bool,
    cost: Option<Tokens>,
    /// The caller has seen the answer begin, and it begins once more.
    again: bool,
}

/// What is passed on.
enum Passing {
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
enum Told {
    /// At most that there is an answer.
    Beginning,
    /// A word of it.
    Words,
    /// All.
    All,
}

impl Forwarder {
    /// Of the Responses API; `codex` is the first-party client.
    pub(crate) fn of_responses(codex: bool) -> Self {
        Self::new(if codex { Passing::Codex } else { Passing::Responses { items: Vec::new() } })
    }

    /// Of the Chat Completions API.
    pub(crate) fn of_chat() -> Self {
        Self::new(Passing::ChatCompletions)
    }

    fn new(dialect: Passing) -> Self {
        Self {
            frames: Frames::default(),
            dialect,
            told: Told::Beginning,
            gave_up: false,
            cost: None,
            again: false,
        }
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.told > Told::Beginning
    }

    pub(crate) fn is_through(&self) -> bool {
        self.told == Told::All
    }

    /// What came of it and what it cost, once all is told.
    pub(crate) fn end(&self) -> Option<(Outcome, Option<Tokens>)> {
        let outcome = if self.gave_up { Outcome::Failed(ErrorCode::UpstreamError) } else { Outcome::Done };
        self.is_through().then_some((outcome, self.cost))
    }

    pub(crate) fn take(&mut self, piece: Bytes) -> Result<Step, Trouble> {
        let Self { frames, dialect, told, again, gave_up, cost } = self;
        let passed = frames.pass(piece, |frame| {
            note_end(frame, dialect, gave_up, cost);
            match dialect {
                Passing::Codex => response(frame, told, *again, None),
                Passing::Responses { items } => response(frame, told, *again, Some(items)),
                Passing::ChatCompletions => chunk(frame, told),
            }
        });
        let bytes = passed.map_err(|_| Trouble::Unreadable("an event has no end".into()))?;
        Ok(Step::more(bytes))
    }

    pub(crate) fn begin_again(&mut self) {
        self.frames = Frames::default();
        if let Passing::Responses { items } = &mut self.dialect {
            items.clear();
        }
        self.again = true;
    }

    /// A word that says no more than that the line is open: a comment.
    pub(crate) fn idle() -> Bytes {
        Bytes::from_static(b": keep-alive\n\n")
    }

    /// Codex and the public clients both read `response.failed`, and clients of the other API a chunk with an error.
    pub(crate) fn failed(&self, trouble: &ApiError) -> Bytes {
        let mut out = Vec::new();
        match self.dialect {
            Passing::Codex | Passing::Responses { .. } => responses::write_failed_event(trouble, &mut out),
            Passing::ChatCompletions => {
                out.extend_from_slice(b"data: ");
                out.extend_from_slice(&responses::translate_error(trouble));
                out.extend_from_slice(b"\n\n");
            }
        }
        out.into()
    }
}

/// Notes whether the provider gave up, and what the answer cost.
fn note_end(frame: Frame<'_>, dialect: &Passing, gave_up: &mut bool, cost: &mut Option<Tokens>) {
    if matches!(dialect, Passing::ChatCompletions) {
        if memchr::memmem::find(frame.data, br#""usage":{"#).is_some() {
            *cost = serde_json::from_slice(frame.data).map(|chunk: Chunk| chunk.usage.into()).ok().or(*cost);
        }
        *gave_up |= is_error(frame.data);
        return;
    }
    match frame.kind().as_ref() {
        "response.completed" | "response.done" | "response.incomplete" => {
            let last = serde_json::from_slice::<Last>(frame.data).ok();
            *cost = last.and_then(|last| last.response.usage).map(Tokens::from).or(*cost);
        }
        "response.failed" | "error" => *gave_up = true,
        _ => {}
    }
}

/// The last event of the Responses API, for what it cost.
#[derive(Deserialize)]
struct Last {
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

impl From<Usage> for Tokens {
    fn from(usage: Usage) -> Self {
        Self { input: usage.input_tokens, output: usage.output_tokens }
    }
}

/// An event of the Responses API. `items` are kept for callers of the public API.
fn response(
    frame: Frame<'_>,
    told: &mut Told,
    again: bool,
    items: Option<&mut Vec<Box<RawValue>>>,
) -> Verdict {
    let kind = frame.kind();
    match (kind.as_ref(), items) {
        // A second try begins as the first did, of which the caller knows.
        ("response.created" | "response.in_progress" | "response.queued", _) if again => {
            return Verdict::Skip;
        }
        ("response.created" | "response.in_progress" | "response.queued" | "", _) => {}
        ("response.completed" | "response.done" | "response.incomplete", items) => {
            *told = Told::All;
            return items.map_or(Verdict::Pass, |items| completed(frame, items));
        }
        ("response.failed" | "error", _) => *told = Told::All,
        (kind, Some(_)) if !responses::is_public_event(kind) => return Verdict::Skip,
        ("response.output_item.done", Some(items)) => {
            *told = (*told).max(Told::Words);
            items.extend(item(frame));
        }
        (kind, _) if responses::is_public_event(kind) => *told = (*told).max(Told::Words),
        _ => {}
    }
    Verdict::Pass
}

/// A chunk of the Chat Completions API. Some services close after the reason to finish, without the last word.
fn chunk(frame: Frame<'_>, told: &mut Told) -> Verdict {
    let has = |text: &str| memchr::memmem::find(frame.data, text.as_bytes()).is_some();
    let ends = frame.data == b"[DONE]" || has(r#""finish_reason":""#) || has(r#""finish_reason": ""#);
    if ends || is_error(frame.data) {
        *told = Told::All;
    } else if !frame.data.is_empty() {
        *told = (*told).max(Told::Words);
    }
    Verdict::Pass
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
fn completed(frame: Frame<'_>, items: &[Box<RawValue>]) -> Verdict {
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
    rebuilt().map_or(Verdict::Pass, Verdict::Replace)
}
