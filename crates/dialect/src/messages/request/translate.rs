//! Translates a Messages request into a Responses request.

use serde::Serialize;
use serde_json::Value;

use super::dropped::add_lost_fields;
use super::input::Input;
use super::parse::text_or_list;
use super::reasoning::{self, OutputConfig};
use super::tools::{self, ResponsesTool, TranslatedTools};
use super::types::{Content, Fields, Message, TextOrList, read};
use super::{content, schema};
use crate::dropped_fields::DroppedFields;
use crate::error::BadRequest;
use crate::json::path::JsonPath;
use crate::json::{Raw, RawObject};
use crate::messages::options::{MessageOptions, ThinkingDisplay};
use crate::messages::signature;
use crate::translate::{
    MIN_OUTPUT_TOKENS, Recipient, TOO_MANY_STOP_SEQUENCES, ToolNames, TranslatedRequest,
    validate_stop_sequences,
};

/// The prefix of a line in Claude Code's system prompt that changes with each version and way of starting. It is
/// for Anthropic's accounting, and would invalidate the cache of everything after it.
const BILLING_LINE: &str = "x-anthropic-billing-header:";

/// A translated request, and how its response is encoded.
#[derive(Debug, Clone, PartialEq)]
pub struct MessagesRequest {
    /// The request, in full: fields that a backend rejects are removed by the code that knows the backend.
    pub request: TranslatedRequest,
    /// The options for [`MessagesWriter`](crate::messages::MessagesWriter) and
    /// [`translate_response`](crate::messages::translate_response()).
    pub options: MessageOptions,
}

/// A Responses request.
///
/// Fields that are the same for each turn of a conversation come first, always in the same order, so that the
/// beginning is the same bytes.
#[derive(Serialize)]
struct Body<'b> {
    model: &'b str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<ResponsesTool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tool_calls: Option<u64>,
    /// The position of the input.
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
    /// The backend stores nothing: the conversation is the caller's.
    store: bool,
    /// Always true; a response for callers who do not stream is collected.
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

/// Translates `request`, the body of `POST /v1/messages`, for `recipient`.
///
/// Both versions of the API (`anthropic-version` 2023-06-01 and 2026-10-21) have the same fields here. Unknown
/// fields and betas are never rejected; what cannot be carried is listed in [`TranslatedRequest::dropped`].
pub fn to_responses(
    request: &RawObject<'_>,
    recipient: &Recipient<'_>,
) -> Result<MessagesRequest, BadRequest> {
    let fields = Fields::of(request);
    let messages = messages(&fields)?;
    let tag = signature::owner_tag(recipient.reasoning_owner);
    let mut names = ToolNames::default();
    let mut dropped = DroppedFields::default();
    add_lost_fields(&fields, &mut dropped)?;

    let reasoning_options = reasoning::reasoning_options(&fields, &messages, recipient)?;
    let tools = tools::tools(&fields, &messages, recipient, &mut names, &mut dropped)?;
    let has_web_search = tools.has_web_search();
    let TranslatedTools { tools, choice, parallel, max_calls } = tools;
    let instructions = instructions(&fields, &mut dropped)?;
    let items = Input::new(&tag, &mut names, &mut dropped).translate(&messages)?;
    let body = Body {
        model: recipient.model,
        instructions,
        tools,
        tool_choice: choice,
        parallel_tool_calls: parallel,
        max_tool_calls: max_calls,
        input: (),
        include: include(reasoning_options.thinking, has_web_search),
        reasoning: reasoning(reasoning_options.thinking, reasoning_options.effort),
        text: format(&fields)?,
        max_output_tokens: number(&fields, "max_tokens")?.map(|tokens: u64| tokens.max(MIN_OUTPUT_TOKENS)),
        temperature: number(&fields, "temperature")?,
        top_p: number(&fields, "top_p")?,
        prompt_cache_key: recipient.cache_key,
        store: false,
        stream: true,
    };
    let options = MessageOptions {
        model: model(&fields)?,
        stream: flag(&fields, "stream")?,
        thinking: reasoning_options.thinking,
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

/// Returns the messages of a request.
pub(crate) fn messages<'f>(fields: &'f Fields<'_>) -> Result<Vec<Message<'f>>, BadRequest> {
    let at = JsonPath::root("messages");
    match text_or_list(fields.get("messages"), &at)? {
        TextOrList::List(messages) => Ok(messages),
        TextOrList::Absent => Err(at.error_with_path("field required")),
        TextOrList::Text(_) | TextOrList::Other => Err(at.error_with_path("should be a list")),
    }
}

/// Joins the blocks of `system` with blank lines.
fn instructions(fields: &Fields<'_>, dropped: &mut DroppedFields) -> Result<Option<String>, BadRequest> {
    let at = JsonPath::root("system");
    let system: Content<'_> = text_or_list(fields.get("system"), &at)?;
    let parts = content::content_parts(&system, "input_text", &at, dropped)?;
    let texts: Vec<_> = parts.iter().filter_map(|part| Some(part.text.as_ref()?.decode())).collect();
    let texts = texts.iter().map(|text| without_billing_line(text)).filter(|text| !text.is_empty());
    let texts: Vec<&str> = texts.collect();
    Ok((!texts.is_empty()).then(|| texts.join("\n\n")))
}

/// Returns `text` without its billing line.
///
/// Claude Code sends it as the complete first block; it means nothing to the model in any other block either.
pub(crate) fn without_billing_line(text: &str) -> &str {
    if !text.starts_with(BILLING_LINE) {
        return text;
    }
    text.split_once('\n').map_or("", |(_, rest)| rest)
}

/// Returns the `include` field.
fn include(thinking: ThinkingDisplay, has_web_search: bool) -> Vec<&'static str> {
    let mut include = Vec::new();
    if thinking != ThinkingDisplay::Disabled {
        include.push("reasoning.encrypted_content");
    }
    if has_web_search {
        // Without it a search reports its query but not its results (`openai` 6.49.0, `ResponseIncludable`).
        include.push("web_search_call.action.sources");
    }
    include
}

fn reasoning(thinking: ThinkingDisplay, effort: Option<String>) -> Option<Reasoning> {
    let summary = (thinking == ThinkingDisplay::Summarized).then_some("auto");
    (effort.is_some() || summary.is_some()).then_some(Reasoning { effort, summary })
}

/// Translates `output_config.format`, or `output_format`, its former name.
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
