//! A Messages request as a Responses request.

use serde::Serialize;
use serde_json::Value;

use super::dropped::add_lost_fields;
use super::input::Input;
use super::parse::text_or_list;
use super::reasoning::{self, OutputConfig};
use super::tools::{self, Sent, Tools};
use super::types::{Content, Fields, Message, TextOrList, read};
use super::{content, schema};
use crate::dropped_fields::DroppedFields;
use crate::error::BadRequest;
use crate::json::path::JsonPath;
use crate::json::{Raw, RawObject};
use crate::messages::options::{MessageOptions, ThinkingDisplay};
use crate::messages::signature;
use crate::translate::{
    TOO_MANY_STOP_SEQUENCES, Target, ToolNames, TranslatedRequest, validate_stop_sequences,
};

/// What the line of Claude Code's own system prompt begins with that changes with each version and way of starting
/// (`clients.md`, Claude Code): it is for Anthropic's books, and would spoil the cache of everything after it.
const BILLING_LINE: &str = "x-anthropic-billing-header:";

/// Least `max_output_tokens` that the Responses API takes; callers who only want to warm a cache or check a key ask
/// for 0 or 1.
const LEAST_OUTPUT: u64 = 16;

/// A translated request, and what its answer has to be like.
#[derive(Debug, Clone, PartialEq)]
pub struct MessagesRequest {
    /// The request, in full: fields that a backend refuses are taken out by whoever knows the backend.
    pub request: TranslatedRequest,
    /// For [`Writer`](super::Writer) and [`whole`](super::whole()). The stop sequences are in here, because the
    /// Responses API has none.
    pub options: MessageOptions,
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
/// [`TranslatedRequest::dropped`](crate::crossing::TranslatedRequest).
pub fn to_responses(request: &RawObject<'_>, target: &Target<'_>) -> Result<MessagesRequest, BadRequest> {
    let fields = Fields::of(request);
    let messages = messages(&fields)?;
    let tag = signature::owner_tag(target.reasoning_owner);
    let mut names = ToolNames::default();
    let mut dropped = DroppedFields::default();
    add_lost_fields(&fields, &mut dropped);

    let asked = reasoning::reasoning_options(&fields, &messages, target)?;
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
    let options = MessageOptions {
        model: model(&fields)?,
        stream: flag(&fields, "stream")?,
        thinking: asked.thinking,
        stop_sequences: stop_sequences(&fields)?,
        tools: names.clone(),
        owner_tag: tag,
    };
    if messages.is_empty() {
        return Err(JsonPath::root("messages").error_with_path("at least one message is required"));
    }
    Ok(MessagesRequest {
        request: TranslatedRequest {
            body: RawObject::with_large_field(&body, "input", &items, request),
            dropped: dropped.into_names(),
            tools: names,
            ..TranslatedRequest::default()
        },
        options,
    })
}

fn model(fields: &Fields<'_>) -> Result<String, BadRequest> {
    let at = JsonPath::root("model");
    let raw = fields.get("model").ok_or_else(|| at.error_with_path("field required"))?;
    raw.read().ok_or_else(|| at.error_with_path("should be a string"))
}

/// The messages of a request.
pub(crate) fn messages<'f>(fields: &'f Fields<'_>) -> Result<Vec<Message<'f>>, BadRequest> {
    let at = JsonPath::root("messages");
    match text_or_list(fields.get("messages"), &at)? {
        TextOrList::List(messages) => Ok(messages),
        TextOrList::Absent => Err(at.error_with_path("field required")),
        TextOrList::Text(_) | TextOrList::Other => Err(at.error_with_path("should be a list")),
    }
}

/// `system` as one text, its blocks apart by a blank line.
fn instructions(fields: &Fields<'_>, dropped: &mut DroppedFields) -> Result<Option<String>, BadRequest> {
    let at = JsonPath::root("system");
    let system: Content<'_> = text_or_list(fields.get("system"), &at)?;
    let parts = content::all(&system, "input_text", &at, dropped)?;
    let texts: Vec<_> = parts.iter().filter_map(|part| Some(part.text.as_ref()?.decode())).collect();
    let texts = texts.iter().map(|text| without_billing_line(text)).filter(|text| !text.is_empty());
    let texts: Vec<&str> = texts.collect();
    Ok((!texts.is_empty()).then(|| texts.join("\n\n")))
}

/// `text` without its billing line. It is the whole of the first block where it was seen; wherever else it stands at
/// the beginning of one, it is no more to the model.
pub(crate) fn without_billing_line(text: &str) -> &str {
    if !text.starts_with(BILLING_LINE) {
        return text;
    }
    text.split_once('\n').map_or("", |(_, rest)| rest)
}

fn include(thinking: ThinkingDisplay, search_the_web: bool) -> Vec<&'static str> {
    let mut include = Vec::new();
    if thinking != ThinkingDisplay::Disabled {
        include.push("reasoning.encrypted_content");
    }
    if search_the_web {
        // Without it a search tells its words and not what it found (`openai` 6.49.0, `ResponseIncludable`).
        include.push("web_search_call.action.sources");
    }
    include
}

fn reasoning(thinking: ThinkingDisplay, effort: Option<String>) -> Option<Reasoning> {
    let summary = (thinking == ThinkingDisplay::Summarized).then_some("auto");
    (effort.is_some() || summary.is_some()).then_some(Reasoning { effort, summary })
}

/// `output_config.format`, or `output_format` as it was called before.
fn format<'f>(fields: &'f Fields<'_>) -> Result<Option<TextConfig<'f>>, BadRequest> {
    let config: Option<OutputConfig<'_>> = fields.get("output_config").and_then(Raw::read);
    let (at, format) = match config.and_then(|config| config.format) {
        Some(format) => ("output_config.format", Some(format)),
        None => ("output_format", fields.get("output_format").cloned()),
    };
    let at = JsonPath::root(at);
    let Some(format) = format else { return Ok(None) };
    let format: Fields<'_> = read(&format, &at)?;
    let kind: Option<String> = format.get("type").and_then(Raw::read);
    if kind.as_deref() != Some("json_schema") {
        return Err(at.field("type").error_with_path("should be json_schema"));
    }
    let schema = format.get("schema").filter(|schema| schema.get().starts_with('{'));
    let schema =
        schema.ok_or_else(|| at.field("schema").error_with_path("should be an object"))?.clone().into_owned();
    let strict = schema::can_be_strict(&schema);
    Ok(Some(TextConfig { format: Format { kind: "json_schema", name: "output", schema, strict } }))
}

fn stop_sequences(fields: &Fields<'_>) -> Result<Vec<String>, BadRequest> {
    let Some(raw) = fields.get("stop_sequences") else {
        return Ok(Vec::new());
    };
    let at = JsonPath::root("stop_sequences");
    let sequences: Vec<String> =
        raw.read().ok_or_else(|| at.error_with_path("should be a list of strings"))?;
    validate_stop_sequences(sequences).ok_or_else(|| at.error_with_path(TOO_MANY_STOP_SEQUENCES))
}

fn number<'f, T: serde::Deserialize<'f>>(
    fields: &'f Fields<'_>,
    name: &'static str,
) -> Result<Option<T>, BadRequest> {
    let Some(raw) = fields.get(name) else { return Ok(None) };
    raw.read().map(Some).ok_or_else(|| JsonPath::root(name).error_with_path("should be a number"))
}

fn flag(fields: &Fields<'_>, name: &'static str) -> Result<bool, BadRequest> {
    let Some(raw) = fields.get(name) else { return Ok(false) };
    raw.read().ok_or_else(|| JsonPath::root(name).error_with_path("should be true or false"))
}
