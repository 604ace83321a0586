//! What every codec takes and gives. A request crosses from a caller's dialect into the Responses API's own JSON,
//! and perhaps from there into Chat Completions; an answer crosses back event by event.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::members::Members;
use crate::responses::Event;

/// Where a request goes, as far as its translation depends on it.
#[derive(Debug, Clone, Default)]
pub struct Target<'a> {
    /// The model's id at the provider; takes the place of whatever the caller named.
    pub model: &'a str,
    /// Efforts that the model knows, lowest first; empty when that is not known.
    pub efforts: &'a [&'a str],
    /// Effort when the caller names none; absent leaves it to the model.
    pub default_effort: Option<&'a str>,
    /// Whether the backend has web search of its own.
    pub web_search: bool,
    /// Of the conversation: the same for each of its turns.
    pub cache_key: Option<&'a str>,
    /// Who can open the reasoning that the backend seals: one name for each account. What was sealed for another is
    /// left out, because a backend refuses the whole request for it. Absent: whatever was sealed here is sent back.
    pub origin: Option<&'a str>,
}

/// A request in another dialect.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Translated {
    /// It, field by field.
    pub body: Members<'static>,
    /// Names of what could not be carried, sorted, each once: for `x-usher-dropped`.
    pub dropped: Vec<Cow<'static, str>>,
    /// What the tools are called on the other side.
    pub tools: ToolNames,
    /// How the caller wants the answer told.
    pub wanted: Wanted,
}

/// How a caller wants the answer told. Not for the other side, which always streams, knows no stop sequences and
/// always counts; the writer of the answer sees to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// In events as it comes, rather than whole in the end.
    pub stream: bool,
    /// Texts before which the answer ends.
    pub stop: Vec<String>,
    /// The stream says what it cost (`stream_options.include_usage` of Chat Completions).
    pub usage: bool,
    /// Calls are told as `function_call`, which was there before `tool_calls` (Chat Completions).
    pub functions: bool,
}

/// Most stop sequences, and the longest. The API of Chat Completions takes four; each is looked for in every piece of an
/// answer.
const MOST_STOPS: usize = 64;
const LONGEST_STOP: usize = 1000;

/// `sequences` as they can be looked for: one of no length would end each answer before it begins, which nobody means.
/// Nothing when they are too many or too long.
pub(crate) fn stops(mut sequences: Vec<String>) -> Option<Vec<String>> {
    sequences.retain(|sequence| !sequence.is_empty());
    let bearable =
        sequences.len() <= MOST_STOPS && sequences.iter().all(|sequence| sequence.len() <= LONGEST_STOP);
    bearable.then_some(sequences)
}

/// What is said of stop sequences that cannot be looked for.
pub(crate) const TOO_MANY_STOPS: &str = "at most 64 stop sequences of at most 1000 bytes are looked for";

/// Names that a dialect does not allow and the ones that stand for them. Empty for nearly every request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolNames {
    original: BTreeMap<String, CallerTool>,
}

/// A tool as the caller knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerTool {
    /// Its name.
    pub name: String,
    /// Where the name is looked up, in dialects that have such a thing.
    pub namespace: Option<String>,
    /// It takes text in a grammar of its own rather than JSON; the text is wrapped as `{"input":…}`.
    pub custom: bool,
}

impl ToolNames {
    /// From now on `stands_for` is the caller's `tool`.
    pub fn insert(&mut self, stands_for: String, tool: CallerTool) {
        self.original.insert(stands_for, tool);
    }

    /// The caller's tool that `name` stands for; nothing when it stands for itself.
    pub fn original(&self, name: &str) -> Option<&CallerTool> {
        self.original.get(name)
    }
}

/// A request that cannot be carried, or means nothing. The caller's to mend: a 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadRequest {
    /// The field that it is about, as a path such as `messages[2].content[0]`.
    pub param: Option<String>,
    /// What is wrong, for a person. Never repeats content.
    pub message: String,
}

impl BadRequest {
    /// About the field `param`.
    pub fn at(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self { param: Some(param.into()), message: message.into() }
    }

    /// About the whole request.
    pub fn whole(message: impl Into<String>) -> Self {
        Self { param: None, message: message.into() }
    }
}

/// Why there is no answer, or no more of it; each dialect has its own way to say it.
#[derive(Debug, Clone, PartialEq)]
pub struct Trouble {
    /// HTTP status. Inside a stream it is what the status would have been.
    pub status: u16,
    /// For machines: the provider's word where it has one, else one of ours.
    pub code: String,
    /// For people.
    pub message: String,
    /// The field of the request that it is about.
    pub param: Option<String>,
    /// The provider's error object, so that fields such as `resets_at` reach a caller of the provider's own
    /// dialect as they came.
    pub original: Option<Value>,
}

/// Writes one streamed answer in the caller's dialect.
pub trait AnswerWriter: Send {
    /// Writes what `event` comes to, if anything.
    ///
    /// [`Event::Failed`] is not given to it: what failed is told by [`failed`](Self::failed).
    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>);

    /// Writes something that says no more than that the line is open.
    fn idle(&mut self, out: &mut Vec<u8>);

    /// Ends the answer by the dialect's own error, wherever it stands.
    fn failed(&mut self, trouble: &Trouble, out: &mut Vec<u8>);

    /// Whether the answer is over although the other side may go on: a stop sequence came. Nothing more is written.
    fn ended(&self) -> bool {
        false
    }
}
