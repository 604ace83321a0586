//! The types that the translation of a request takes and returns, in every dialect.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::json::RawObject;

/// Where a request goes, as far as its translation depends on it.
#[derive(Debug, Clone, Default)]
pub struct Recipient<'a> {
    /// The model's id at the provider; replaces whatever the caller named.
    pub model: &'a str,
    /// The reasoning efforts that the model supports, lowest first; empty if unknown.
    pub efforts: &'a [&'a str],
    /// The effort when the caller names none; `None` leaves it to the model.
    pub default_effort: Option<&'a str>,
    /// Whether the backend summarizes its reasoning for every account, so that it can be shown to callers whose API does
    /// not ask for it.
    pub reasoning_summary: bool,
    /// Whether the backend has a web search of its own.
    pub web_search: bool,
    /// The prompt cache key of the conversation: the same for each of its turns.
    pub cache_key: Option<&'a str>,
    /// The account that can decrypt the backend's reasoning; one name for each account.
    ///
    /// Reasoning that was encrypted for another account is left out, because a backend rejects the whole request for
    /// it. `None` sends back all reasoning that came through here.
    pub reasoning_owner: Option<&'a str>,
}

/// A request translated into another dialect.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TranslatedRequest {
    /// The body, field by field.
    pub body: RawObject<'static>,
    /// Names of the fields that could not be carried, sorted, without duplicates: for `x-usher-dropped`.
    pub dropped: Vec<Cow<'static, str>>,
    /// The tools that had to be renamed.
    pub tools: ToolNames,
    /// How the caller wants the response encoded.
    pub options: ResponseOptions,
}

/// How a caller wants the response encoded.
///
/// The upstream does not see it: it always streams, has no stop sequences and always reports usage. The encoder of
/// the response applies these options.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResponseOptions {
    /// Whether to send events as they come rather than one body at the end.
    pub stream: bool,
    /// Texts before which the response ends.
    pub stop_sequences: Vec<String>,
    /// Whether the stream ends with usage (`stream_options.include_usage` of Chat Completions).
    pub include_usage: bool,
    /// Whether calls are encoded as the legacy `function_call` rather than `tool_calls` (Chat Completions).
    pub legacy_function_call: bool,
}

/// The least `max_output_tokens` of the Responses API; callers who only warm a cache or check a key request 0 or 1.
pub(crate) const MIN_OUTPUT_TOKENS: u64 = 16;

/// Most stop sequences of a request. Chat Completions allows four; each is searched for in every delta.
const MAX_STOP_SEQUENCES: usize = 64;

/// Longest stop sequence, in bytes.
const MAX_STOP_SEQUENCE_LENGTH: usize = 1000;

/// The error message for stop sequences over the limits.
pub(crate) const TOO_MANY_STOP_SEQUENCES: &str =
    "at most 64 stop sequences of at most 1000 bytes are supported";

/// Returns `sequences` without empty ones, or `None` if they are too many or too long.
///
/// An empty sequence would end each response before it begins, which nobody means.
pub(crate) fn validate_stop_sequences(mut sequences: Vec<String>) -> Option<Vec<String>> {
    sequences.retain(|sequence| !sequence.is_empty());
    let within_limits = sequences.len() <= MAX_STOP_SEQUENCES
        && sequences.iter().all(|sequence| sequence.len() <= MAX_STOP_SEQUENCE_LENGTH);
    within_limits.then_some(sequences)
}

/// The tools whose names the other dialect does not allow, by the names that replace them. Empty for nearly every
/// request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolNames {
    original: BTreeMap<String, CallerTool>,
}

/// A tool as the caller knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerTool {
    /// The tool's name.
    pub name: String,
    /// The namespace of the name, in dialects that have namespaces.
    pub namespace: Option<String>,
    /// Whether the tool takes text in a grammar of its own rather than JSON; the text is wrapped as `{"input":…}`.
    pub custom: bool,
}

impl ToolNames {
    /// Records that `replacement` stands for the caller's `tool`.
    pub fn insert(&mut self, replacement: String, tool: CallerTool) {
        self.original.insert(replacement, tool);
    }

    /// Returns the caller's tool that `name` stands for, or `None` if the name was not replaced.
    pub fn original(&self, name: &str) -> Option<&CallerTool> {
        self.original.get(name)
    }
}
