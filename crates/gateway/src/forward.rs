//! A Responses stream passed on to a caller of the Responses API.

use bytes::Bytes;
use serde_json::value::RawValue;
use usher_dialect::crossing::Trouble as Said;
use usher_dialect::json::Raw;
use usher_dialect::members::Members;
use usher_dialect::responses;

use crate::frames::{Frame, Frames, Verdict};
use crate::stream::{Step, Trouble};

/// Passes events on. Their bytes stay as they came, but for two things that clients of the public API cannot do
/// without: an event that they do not know makes some of them throw (protocol, corrections no. 14), and the last event
/// is to hold the whole output, which the Codex backend leaves empty at times (§8.3).
pub(crate) struct Forwarder {
    frames: Frames,
    /// The caller knows the first-party vocabulary, and needs no output in the last event.
    codex: bool,
    /// Items that are done, for the last event.
    items: Vec<Box<RawValue>>,
    told: Told,
    /// The caller has seen the response begin, and it begins once more.
    again: bool,
}

/// How far the caller has been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    /// At most that there is a response.
    Beginning,
    /// A word of it.
    Words,
    /// All.
    All,
}

impl Forwarder {
    pub(crate) fn new(codex: bool) -> Self {
        Self { frames: Frames::default(), codex, items: Vec::new(), told: Told::Beginning, again: false }
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.told > Told::Beginning
    }

    pub(crate) fn is_through(&self) -> bool {
        self.told == Told::All
    }

    pub(crate) fn take(&mut self, piece: Bytes) -> Result<Step, Trouble> {
        let Self { frames, codex, items, told, again } = self;
        let passed = frames.pass(piece, |frame| {
            let kind = frame.kind();
            match kind.as_ref() {
                // A second try begins as the first did, of which the caller knows.
                "response.created" | "response.in_progress" | "response.queued" if *again => {
                    return Verdict::Skip;
                }
                "response.created" | "response.queued" | "response.in_progress" | "" => {}
                "response.completed" | "response.done" | "response.incomplete" => {
                    *told = Told::All;
                    return if *codex { Verdict::Pass } else { completed(frame, items) };
                }
                "response.failed" | "error" => *told = Told::All,
                kind if !*codex && !responses::is_public(kind) => return Verdict::Skip,
                "response.output_item.done" if !*codex => {
                    *told = (*told).max(Told::Words);
                    items.extend(item(frame));
                }
                kind if responses::is_public(kind) => *told = (*told).max(Told::Words),
                _ => {}
            }
            Verdict::Pass
        });
        let bytes = passed.map_err(|_| Trouble::Unreadable("an event has no end".into()))?;
        Ok(Step::more(bytes))
    }

    pub(crate) fn begin_again(&mut self) {
        self.frames = Frames::default();
        self.items.clear();
        self.again = true;
    }

    /// Codex and the public clients both read `response.failed`.
    pub(crate) fn failed(trouble: &Said) -> Bytes {
        let mut out = Vec::new();
        responses::write_failed(trouble, &mut out);
        out.into()
    }
}

fn item(frame: Frame<'_>) -> Option<Box<RawValue>> {
    let members = Members::read(frame.data).ok()?;
    members.raw("item").map(|item| RawValue::from_string(item.get().to_owned()).ok())?
}

/// The last event with the output in it.
fn completed(frame: Frame<'_>, items: &[Box<RawValue>]) -> Verdict {
    let rebuilt = || {
        let mut event = Members::read(frame.data).ok()?;
        let mut response = Members::read(event.raw("response")?.get().as_bytes()).ok()?;
        let empty =
            response.raw("output").is_none_or(|output| output.get() == "[]" || output.get() == "null");
        if !empty || items.is_empty() {
            return None;
        }
        response.set("output", Raw::of(&items));
        let response = Raw::of(&response);
        event.set("response", response);
        let mut out = format!("event: {}\ndata: ", frame.kind()).into_bytes();
        out.extend_from_slice(&event.to_bytes());
        out.extend_from_slice(b"\n\n");
        Some(out)
    };
    rebuilt().map_or(Verdict::Pass, Verdict::Replace)
}
