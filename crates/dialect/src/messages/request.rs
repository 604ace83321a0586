//! A Messages request as a Responses request.

use serde::Serialize;
use serde_json::Value;

use super::content;
use super::dropped::Dropped;
use super::effort::{self, OutputConfig, Thinking};
use super::input::Input;
use super::path::At;
use super::reading::listed;
use super::schema;
use super::shape::{Content, Fields, Listed, Message, read};
use super::signature;
use super::tools::{self, Sent, Tools};
use super::writer::Wanted;
use crate::crossing::{self, BadRequest, TOO_MANY_STOPS, Target, ToolNames, Translated};
use crate::json::Raw;
use crate::members::Members;

/// What the line of Claude Code's own system prompt begins with that changes with each version and way of starting
/// (`clients.md`, Claude Code): it is for Anthropic's books, and would spoil the cache of everything after it.
const BILLING_LINE: &str = "x-anthropic-billing-header:";

/// Least `max_output_tokens` that the Responses API takes; callers who only want to warm a cache or check a key ask
/// for 0 or 1.
const LEAST_OUTPUT: u64 = 16;

/// A translated request, and what its answer has to be like.
#[derive(Debug, Clone, PartialEq)]
pub struct Translation {
    /// The request, in full: fields that a backend refuses are taken out by whoever knows the backend.
    pub request: Translated,
    /// For [`Writer`](super::Writer) and [`whole`](super::whole()). The stop sequences are in here, because the
    /// Responses API has none.
    pub wanted: Wanted,
}

/// A Responses request. Whatever is the same for each turn of a conversation stands first, and every field in the same
/// order, so that the beginning is the same bytes.
#[derive(Serialize)]
struct Body<'b> {
    model: &'b str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Sent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tool_calls: Option<u64>,
    /// The place where the input stands.
    input: (),
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Reasoning>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<TextConfig<'b>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    include: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_key: Option<&'b str>,
    /// The backend keeps nothing: the conversation is the caller's.
    store: bool,
    /// Callers who want the answer whole get it put together.
    stream: bool,
}

#[derive(Serialize)]
struct Reasoning {
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'static str>,
}

#[derive(Serialize)]
struct TextConfig<'b> {
    format: Format<'b>,
}

#[derive(Serialize)]
struct Format<'b> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'static str,
    schema: Raw<'b>,
    strict: bool,
}

/// Translates `request`, the body of `POST /v1/messages`, for `target`.
///
/// Both versions of the API (`anthropic-version` 2023-06-01 and 2026-10-21) have the same fields here. Unknown ones,
/// and betas, are never a reason to refuse; what cannot be carried is named in
/// [`Translated::dropped`](crate::crossing::Translated).
pub fn to_responses(request: &Members<'_>, target: &Target<'_>) -> Result<Translation, BadRequest> {
    let fields = Fields::of(request);
    let messages = messages(&fields)?;
    let tag = signature::tag(target.origin);
    let mut names = ToolNames::default();
    let mut dropped = Dropped::default();
    dropped.fields(&fields);

    let asked = effort::asked(&fields, &messages, target)?;
    let tools = tools::tools(&fields, &messages, target, &mut names, &mut dropped)?;
    let search_the_web = tools.search_the_web();
    let Tools { sent, choice, parallel, max_calls } = tools;
    let instructions = instructions(&fields, &mut dropped)?;
    let items = Input::new(&tag, &mut names, &mut dropped).of(&messages)?;
    let body = Body {
        model: target.model,
        instructions,
        tools: sent,
        tool_choice: choice,
        parallel_tool_calls: parallel,
        max_tool_calls: max_calls,
        input: (),
        include: include(asked.thinking, search_the_web),
        reasoning: reasoning(asked.thinking, asked.effort),
        text: format(&fields)?,
        max_output_tokens: number(&fields, "max_tokens")?.map(|tokens: u64| tokens.max(LEAST_OUTPUT)),
        temperature: number(&fields, "temperature")?,
        top_p: number(&fields, "top_p")?,
        prompt_cache_key: target.cache_key,
        store: false,
        stream: true,
    };
    let wanted = Wanted {
        model: model(&fields)?,
        stream: flag(&fields, "stream")?,
        thinking: asked.thinking,
        stop_sequences: stop_sequences(&fields)?,
        tools: names.clone(),
        tag,
    };
    if messages.is_empty() {
        return Err(At::root("messages").wrong("at least one message is required"));
    }
    Ok(Translation {
        request: Translated {
            body: Members::written(&body, "input", &items, request),
            dropped: dropped.into_names(),
            tools: names,
            ..Translated::default()
        },
        wanted,
    })
}

fn model(fields: &Fields<'_>) -> Result<String, BadRequest> {
    let at = At::root("model");
    let raw = fields.get("model").ok_or_else(|| at.wrong("field required"))?;
    raw.read().ok_or_else(|| at.wrong("should be a string"))
}

/// The messages of a request.
pub(super) fn messages<'f>(fields: &'f Fields<'_>) -> Result<Vec<Message<'f>>, BadRequest> {
    let at = At::root("messages");
    match listed(fields.get("messages"), &at)? {
        Listed::List(messages) => Ok(messages),
        Listed::Absent => Err(at.wrong("field required")),
        Listed::Text(_) | Listed::Other => Err(at.wrong("should be a list")),
    }
}

/// `system` as one text, its blocks apart by a blank line.
fn instructions(fields: &Fields<'_>, dropped: &mut Dropped) -> Result<Option<String>, BadRequest> {
    let at = At::root("system");
    let system: Content<'_> = listed(fields.get("system"), &at)?;
    let parts = content::all(&system, "input_text", &at, dropped)?;
    let texts: Vec<_> = parts.iter().filter_map(|part| Some(part.text.as_ref()?.read())).collect();
    let texts = texts.iter().map(|text| without_billing_line(text)).filter(|text| !text.is_empty());
    let texts: Vec<&str> = texts.collect();
    Ok((!texts.is_empty()).then(|| texts.join("\n\n")))
}

/// `text` without its billing line. It is the whole of the first block where it was seen; wherever else it stands at
/// the beginning of one, it is no more to the model.
pub(super) fn without_billing_line(text: &str) -> &str {
    if !text.starts_with(BILLING_LINE) {
        return text;
    }
    text.split_once('\n').map_or("", |(_, rest)| rest)
}

fn include(thinking: Thinking, search_the_web: bool) -> Vec<&'static str> {
    let mut include = Vec::new();
    if thinking != Thinking::Unasked {
        include.push("reasoning.encrypted_content");
    }
    if search_the_web {
        // Without it a search tells its words and not what it found (`openai` 6.49.0, `ResponseIncludable`).
        include.push("web_search_call.action.sources");
    }
    include
}

fn reasoning(thinking: Thinking, effort: Option<String>) -> Option<Reasoning> {
    let summary = (thinking == Thinking::Shown).then_some("auto");
    (effort.is_some() || summary.is_some()).then_some(Reasoning { effort, summary })
}

/// `output_config.format`, or `output_format` as it was called before.
fn format<'f>(fields: &'f Fields<'_>) -> Result<Option<TextConfig<'f>>, BadRequest> {
    let config: Option<OutputConfig<'_>> = fields.get("output_config").and_then(Raw::read);
    let (at, format) = match config.and_then(|config| config.format) {
        Some(format) => ("output_config.format", Some(format)),
        None => ("output_format", fields.get("output_format").cloned()),
    };
    let at = At::root(at);
    let Some(format) = format else { return Ok(None) };
    let format: Fields<'_> = read(&format, &at)?;
    let kind: Option<String> = format.get("type").and_then(Raw::read);
    if kind.as_deref() != Some("json_schema") {
        return Err(at.field("type").wrong("should be json_schema"));
    }
    let schema = format.get("schema").filter(|schema| schema.get().starts_with('{'));
    let schema = schema.ok_or_else(|| at.field("schema").wrong("should be an object"))?.clone().into_owned();
    let strict = schema::can_be_strict(&schema);
    Ok(Some(TextConfig { format: Format { kind: "json_schema", name: "output", schema, strict } }))
}

fn stop_sequences(fields: &Fields<'_>) -> Result<Vec<String>, BadRequest> {
    let Some(raw) = fields.get("stop_sequences") else {
        return Ok(Vec::new());
    };
    let at = At::root("stop_sequences");
    let sequences: Vec<String> = raw.read().ok_or_else(|| at.wrong("should be a list of strings"))?;
    crossing::stops(sequences).ok_or_else(|| at.wrong(TOO_MANY_STOPS))
}

fn number<'f, T: serde::Deserialize<'f>>(
    fields: &'f Fields<'_>,
    name: &'static str,
) -> Result<Option<T>, BadRequest> {
    let Some(raw) = fields.get(name) else { return Ok(None) };
    raw.read().map(Some).ok_or_else(|| At::root(name).wrong("should be a number"))
}

fn flag(fields: &Fields<'_>, name: &'static str) -> Result<bool, BadRequest> {
    let Some(raw) = fields.get(name) else { return Ok(false) };
    raw.read().ok_or_else(|| At::root(name).wrong("should be true or false"))
}
