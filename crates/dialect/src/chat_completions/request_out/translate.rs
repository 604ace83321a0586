//! Translates a Responses request into a Chat Completions request, for services that have nothing else.
//!
//! Only what such services have in common is sent: the role `system` rather than `developer`, `max_tokens` rather
//! than `max_completion_tokens`, strings rather than lists of parts. Newer services accept the older names as well;
//! those that do not are `OpenAI`'s, and they have the Responses API.

use serde::Serialize;
use serde_json::value::RawValue;

use super::messages;
use super::tools::{Choice, NameMap, OfferedTools, Tool};
use crate::chat_completions::unsupported_fields;
use crate::dropped_fields::DroppedFields;
use crate::error::BadRequest;
use crate::json::RawObject;
use crate::json::object::Object;
use crate::json::path::JsonPath;
use crate::messages::owner_tag;
use crate::reasoning_effort;
use crate::translate::{ResponseOptions, TranslatedRequest};

/// The request. The messages come last, so that the bytes of a longer conversation begin with those of the shorter
/// one, up to the closing brackets.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a RawValue,
    stream: bool,
    stream_options: StreamOptions,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Choice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<Format<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a RawValue>,
    /// The position of the messages.
    messages: (),
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Format<'a> {
    Text {},
    JsonObject {},
    JsonSchema { json_schema: JsonSchema<'a> },
}

#[derive(Serialize)]
struct JsonSchema<'a> {
    name: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
    schema: &'a RawValue,
}

/// Translates a Responses request into a Chat Completions request, always streamed.
///
/// Besides the public format it accepts Codex's: tools in the input, tools in namespaces, tools with a grammar of
/// their own. [`ChatCompletionsReader`](super::super::ChatCompletionsReader) needs the result's tool names to
/// restore the caller's.
///
/// Of the reasoning in the input only that of `owner` is sent. The model stays as it is named; references to what another service stores are rejected.
pub fn from_responses(body: &RawObject<'_>, owner: Option<&str>) -> Result<TranslatedRequest, BadRequest> {
    let mut request = Object::of(body);
    let mut dropped = DroppedFields::default();
    let root = JsonPath::Root;

    let mut names = NameMap::default();
    let mut items = messages::items(&mut request)?;
    let update = ConfigurationUpdate::take(&mut items, &mut dropped)?;
    let offered = OfferedTools::read(&mut request, &mut items, &mut names, &mut dropped)?;
    let (tools, tool_choice) = offered.chosen(&mut request, &mut names)?;
    let parallel = request.flag("parallel_tool_calls", &root)?;
    let (response_format, reasoning_effort) =
        (format(&mut request, update.text, &mut dropped)?, reasoning_effort(&mut request, &mut dropped)?);
    let reasoning_effort = update.effort.or(reasoning_effort);
    let instructions = request.string("instructions", &root)?;
    let messages = messages::messages(instructions, items, &owner_tag(owner), &mut names, &mut dropped)?;
    let translated = Body {
        model: request.required("model", &root)?,
        stream: true,
        stream_options: StreamOptions { include_usage: true },
        // Without tools, services reject it.
        parallel_tool_calls: parallel.filter(|_| !tools.is_empty()),
        tools,
        tool_choice,
        reasoning_effort,
        response_format,
        max_tokens: request.number("max_output_tokens", &root)?,
        temperature: request.number("temperature", &root)?,
        top_p: request.number("top_p", &root)?,
        user: request.string("user", &root)?,
        messages: (),
    };
    let options = ResponseOptions {
        stream: request.flag("stream", &root)?.unwrap_or(false),
        ..ResponseOptions::default()
    };
    let sent = RawObject::with_large_field(&translated, "messages", &messages, body);
    unsupported_fields::check_responses(request, &mut dropped)?;
    Ok(TranslatedRequest { body: sent, dropped: dropped.into_names(), tools: names.into_names(), options })
}

/// What the conversation's `configuration_update` items set. They are in force from their place on, and the next
/// response comes after all of them: the last one wins.
#[derive(Default)]
struct ConfigurationUpdate<'a> {
    effort: Option<String>,
    text: Option<Object<'a>>,
}

impl<'a> ConfigurationUpdate<'a> {
    /// Takes the items out of the input.
    fn take(items: &mut Vec<Object<'a>>, dropped: &mut DroppedFields) -> Result<Self, BadRequest> {
        let mut update = Self::default();
        let list = JsonPath::Root.field("input");
        for (index, item) in items.iter_mut().enumerate().filter(|(_, item)| is_update(item)) {
            let path = list.index(index);
            if let Some(mut reasoning) = item.object("reasoning", &path)? {
                let effort = reasoning.text("effort", &path.field("reasoning"))?;
                update.effort =
                    effort.map(|effort| reasoning_effort::wire_name(&effort).to_owned()).or(update.effort);
                dropped.add_remaining("input[].reasoning.", reasoning);
            }
            update.text = item.object("text", &path)?.or(update.text);
            for name in ["id", "status"] {
                item.take(name);
            }
        }
        for mut item in items.extract_if(.., |item| is_update(item)) {
            item.take("type");
            dropped.add_remaining("input[].", item);
        }
        Ok(update)
    }
}

fn is_update(item: &Object<'_>) -> bool {
    item.is("type", "configuration_update")
}

fn reasoning_effort(
    request: &mut Object<'_>,
    dropped: &mut DroppedFields,
) -> Result<Option<String>, BadRequest> {
    let Some(mut reasoning) = request.object("reasoning", &JsonPath::Root)? else { return Ok(None) };
    let effort = reasoning.text("effort", &JsonPath::Root.field("reasoning"))?;
    dropped.add_remaining("reasoning.", reasoning);
    Ok(effort.map(|effort| reasoning_effort::wire_name(&effort).to_owned()))
}

/// Reads `text.format`, of the last update if there is one. The verbosity is `OpenAI`'s alone and is listed with what is left over.
fn format<'a>(
    request: &mut Object<'a>,
    update: Option<Object<'a>>,
    dropped: &mut DroppedFields,
) -> Result<Option<Format<'a>>, BadRequest> {
    let path = JsonPath::Root.field("text");
    let mut format = None;
    for mut text in [request.object("text", &JsonPath::Root)?, update].into_iter().flatten() {
        format = text.object("format", &path)?.or(format);
        dropped.add_remaining("text.", text);
    }
    let Some(mut format) = format else { return Ok(None) };
    let path = path.field("format");
    let read = match &*format.text("type", &path)?.unwrap_or_default() {
        "text" => Format::Text {},
        "json_object" => Format::JsonObject {},
        "json_schema" => Format::JsonSchema {
            json_schema: JsonSchema {
                name: format.required("name", &path)?,
                description: format.string("description", &path)?,
                strict: format.flag("strict", &path)?,
                schema: format
                    .take("schema")
                    .ok_or_else(|| path.field("schema").error("This is required."))?,
            },
        },
        _ => return Err(path.field("type").error("This must be text, json_object or json_schema.")),
    };
    dropped.add_remaining("text.format.", format);
    // Text is the default, and not every service has the field.
    Ok(Some(read).filter(|read| !matches!(read, Format::Text {})))
}
