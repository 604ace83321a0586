//! Translates a Chat Completions request into a Responses request.
//!
//! Rules that are not from the protocol page are from the public reference of the two endpoints, as in the types of
//! the `PyPI` package `openai` 2.54.0.

use serde::Serialize;
use serde_json::value::RawValue;

use super::input::Input;
use super::tools::{Choice, Tools, WebSearch};
use crate::chat_completions::unsupported_fields;
use crate::dropped_fields::DroppedFields;
use crate::error::BadRequest;
use crate::json::object::Object;
use crate::json::path::JsonPath;
use crate::json::{Raw, RawObject, Text};
use crate::reasoning_effort;
use crate::translate::{
    MIN_OUTPUT_TOKENS, Recipient, ResponseOptions, TOO_MANY_STOP_SEQUENCES, ToolNames, TranslatedRequest,
    validate_stop_sequences,
};

/// The request. The input comes last, so that the bytes of a longer conversation begin with those of the shorter
/// one, up to the closing brackets.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    stream: bool,
    store: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<Raw<'a>>,
    #[serde(skip_serializing_if = "Tools::is_empty")]
    tools: Tools<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Reasoning<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<TextOptions<'a>>,
    #[serde(flatten)]
    same: SharedFields<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_key: Option<Raw<'a>>,
    /// The position of the input.
    input: (),
}

/// The fields that both APIs share; only the token limit has another name.
#[derive(Serialize)]
struct SharedFields<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<Raw<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    safety_identifier: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    moderation: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_retention: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_options: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Reasoning<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'static str>,
}

#[derive(Serialize)]
struct TextOptions<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<Format<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verbosity: Option<&'a RawValue>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Format<'a> {
    Text {},
    JsonObject {},
    JsonSchema {
        name: &'a RawValue,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'a RawValue>,
        /// Always sent: Chat Completions is not strict by default.
        strict: bool,
        schema: &'a RawValue,
    },
}

/// Translates a Chat Completions request into a Responses request to `recipient`.
///
/// The result is always streamed, never stored, and has every field that the public API supports. Fields that a single backend rejects are removed by the code that knows it.
///
/// A leading system or developer message becomes the `instructions`: the subscription backend requires instructions
/// (protocol §8.2), and one message is the same however long the conversation grows, while all leading ones would
/// not be. Those that follow stay in place, as developer messages. With `json_object` the first one stays as well:
/// the backend looks for the word "json" in the input alone (BigDawnGhost/wenyi#66, miracodeai/mira#267).
///
/// A reasoning summary is requested of the plan only, where Codex asks for it as well: the Platform rejects it for
/// organizations that are not verified.
pub fn to_responses(
    body: &RawObject<'_>,
    recipient: &Recipient<'_>,
) -> Result<TranslatedRequest, BadRequest> {
    let mut request = Object::of(body);
    let mut dropped = DroppedFields::default();
    let root = JsonPath::Root;

    // The recipient decides the model.
    request.take("model");
    let text = text_options(&mut request, &mut dropped)?;
    let json_object = matches!(text, Some(TextOptions { format: Some(Format::JsonObject {}), .. }));
    let Input { instructions, items } = Input::read(&mut request, !json_object, &mut dropped)?;
    let search = WebSearch::read(&mut request, recipient, &mut dropped)?;
    let (tools, legacy_function_call) = Tools::read(&mut request, search, recipient, &mut dropped)?;
    let tool_choice = Choice::read(&mut request)?;
    let translated = Body {
        model: recipient.model,
        stream: true,
        store: false,
        instructions,
        tools,
        tool_choice,
        // A legacy response has room for one call.
        parallel_tool_calls: request
            .flag("parallel_tool_calls", &root)?
            .or(legacy_function_call.then_some(false)),
        reasoning: reasoning(&mut request, recipient)?,
        text,
        same: SharedFields::read(&mut request)?,
        prompt_cache_key: cache_key(&mut request, recipient)?,
        input: (),
    };
    let options = response_options(&mut request, legacy_function_call, &mut dropped)?;
    let sent = RawObject::with_large_field(&translated, "input", &items, body);
    unsupported_fields::check_chat(request, &mut dropped)?;
    Ok(TranslatedRequest { body: sent, dropped: dropped.into_names(), tools: ToolNames::default(), options })
}

impl<'a> SharedFields<'a> {
    fn read(request: &mut Object<'a>) -> Result<Self, BadRequest> {
        let root = JsonPath::Root;
        let newer = request.number("max_completion_tokens", &root)?;
        let older = request.number("max_tokens", &root)?;
        Ok(Self {
            max_output_tokens: newer.or(older).map(max_output_tokens),
            temperature: request.number("temperature", &root)?,
            top_p: request.number("top_p", &root)?,
            service_tier: request.string("service_tier", &root)?,
            user: request.string("user", &root)?,
            safety_identifier: request.string("safety_identifier", &root)?,
            metadata: request.take("metadata"),
            moderation: request.take("moderation"),
            prompt_cache_retention: request.string("prompt_cache_retention", &root)?,
            prompt_cache_options: request.take("prompt_cache_options"),
        })
    }
}

/// Returns the limit, or the least that the Responses API accepts.
fn max_output_tokens(limit: &RawValue) -> Raw<'_> {
    let is_low = limit.get().parse().is_ok_and(|limit: u64| limit < MIN_OUTPUT_TOKENS);
    if is_low { Raw::from_value(&MIN_OUTPUT_TOKENS) } else { Raw::Borrowed(limit) }
}

/// Returns the key of the conversation: the gateway's, which is derived from the caller's if there is one, else the
/// caller's.
fn cache_key<'a>(request: &mut Object<'a>, recipient: &Recipient<'_>) -> Result<Option<Raw<'a>>, BadRequest> {
    let own = request.string("prompt_cache_key", &JsonPath::Root)?;
    Ok(recipient.cache_key.map(|key| Raw::from_value(&key)).or(own.map(Raw::Borrowed)))
}

fn reasoning<'a>(
    request: &mut Object<'_>,
    recipient: &Recipient<'a>,
) -> Result<Option<Reasoning<'a>>, BadRequest> {
    let root = JsonPath::Root;
    let effort = match request.text("reasoning_effort", &root)? {
        Some(requested) => {
            let path = root.field("reasoning_effort");
            Some(Text::from(reasoning_effort::nearest_effort(&requested, recipient, &path)?.to_owned()))
        }
        None => recipient.default_effort.map(|effort| reasoning_effort::wire_name(effort).into()),
    };
    let reasons = effort.as_deref() != Some("none");
    let summary = (recipient.reasoning_summary && reasons).then_some("auto");
    Ok((effort.is_some() || summary.is_some()).then_some(Reasoning { effort, summary }))
}

fn text_options<'a>(
    request: &mut Object<'a>,
    dropped: &mut DroppedFields,
) -> Result<Option<TextOptions<'a>>, BadRequest> {
    let format = format(request, dropped)?;
    let verbosity = request.string("verbosity", &JsonPath::Root)?;
    Ok((format.is_some() || verbosity.is_some()).then_some(TextOptions { format, verbosity }))
}

fn format<'a>(
    request: &mut Object<'a>,
    dropped: &mut DroppedFields,
) -> Result<Option<Format<'a>>, BadRequest> {
    let path = JsonPath::Root.field("response_format");
    let Some(mut format) = request.object("response_format", &JsonPath::Root)? else { return Ok(None) };
    let kind = format.text("type", &path)?.unwrap_or_default();
    let read = match &*kind {
        "text" => Format::Text {},
        "json_object" => Format::JsonObject {},
        "json_schema" => schema(&mut format, &path, dropped)?,
        _ => return Err(path.field("type").error("This must be text, json_object or json_schema.")),
    };
    dropped.add_remaining("response_format.", format);
    Ok(Some(read))
}

fn schema<'a>(
    format: &mut Object<'a>,
    path: &JsonPath<'_>,
    dropped: &mut DroppedFields,
) -> Result<Format<'a>, BadRequest> {
    let at = path.field("json_schema");
    let mut schema = format.object("json_schema", path)?.ok_or_else(|| at.error("This is required."))?;
    let read = Format::JsonSchema {
        name: schema.required("name", &at)?,
        description: schema.string("description", &at)?,
        strict: schema.flag("strict", &at)?.unwrap_or(false),
        schema: schema.take("schema").ok_or_else(|| at.field("schema").error("This is required."))?,
    };
    dropped.add_remaining("response_format.json_schema.", schema);
    Ok(read)
}

fn response_options(
    request: &mut Object<'_>,
    legacy_function_call: bool,
    dropped: &mut DroppedFields,
) -> Result<ResponseOptions, BadRequest> {
    let root = JsonPath::Root;
    let mut options = ResponseOptions {
        stream: request.flag("stream", &root)?.unwrap_or(false),
        stop_sequences: stop_sequences(request.take("stop"))?,
        legacy_function_call,
        ..ResponseOptions::default()
    };
    if let Some(mut stream_options) = request.object("stream_options", &root)? {
        let path = root.field("stream_options");
        options.include_usage =
            stream_options.flag("include_usage", &path)?.unwrap_or(false) && options.stream;
        // Random padding against observers who count bytes; this response does not leave the computer.
        if stream_options.flag("include_obfuscation", &path)?.unwrap_or(false) {
            dropped.add("stream_options.include_obfuscation");
        }
        dropped.add_remaining("stream_options.", stream_options);
    }
    Ok(options)
}

/// Reads one sequence or several.
fn stop_sequences(raw: Option<&RawValue>) -> Result<Vec<String>, BadRequest> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Stop {
        One(String),
        Several(Vec<String>),
    }
    let bad = |what: &str| JsonPath::Root.field("stop").error(what);
    let sequences = match raw.map(|raw| serde_json::from_str(raw.get())) {
        None => Vec::new(),
        Some(Ok(Stop::One(text))) => vec![text],
        Some(Ok(Stop::Several(sequences))) => sequences,
        Some(Err(_)) => return Err(bad("This must be a string or a list of strings.")),
    };
    validate_stop_sequences(sequences).ok_or_else(|| bad(TOO_MANY_STOP_SEQUENCES))
}
