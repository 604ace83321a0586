//! Translates the messages of a Chat Completions request into the input of a Responses request.
//!
//! Each message becomes its items by itself and from what precedes it alone, so the items of a longer conversation
//! begin with those of the shorter one, and the provider finds them in its prompt cache.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::value::RawValue;

use super::content::{self, InputPart};
use super::input_item::{InputItem, Output};
use crate::call_ids::{CallIds, INTERRUPTED, OUTPUT_OF_A_TOOL, add_missing_results};
use crate::dropped_fields::DroppedFields;
use crate::error::BadRequest;
use crate::json::object::{self, Object};
use crate::json::path::JsonPath;
use crate::json::{Raw, Text};
use crate::messages::sanitize_name;

/// The separator between the parts of a message that become one text.
const BETWEEN_PARTS: &str = "\n\n";

/// Most bytes of a call's id in the Responses API.
const MAX_ID_LENGTH: usize = 64;

/// The translated messages.
#[derive(Default)]
pub(crate) struct Input<'a> {
    pub(crate) instructions: Option<Raw<'a>>,
    pub(crate) items: Vec<InputItem<'a>>,
}

/// The calls of earlier messages.
struct Calls<'a> {
    ids: CallIds,
    /// The ids of custom tool calls: their results are items of another type.
    custom: BTreeSet<Cow<'a, str>>,
    /// The `function_call` that has no result yet. It has no id of its own.
    function: Option<(Text<'a>, String)>,
}

impl<'a> Input<'a> {
    /// Translates the messages. If `allow_instructions`, a leading system message becomes the instructions.
    pub(crate) fn read(
        request: &mut Object<'a>,
        allow_instructions: bool,
        dropped: &mut DroppedFields,
    ) -> Result<Self, BadRequest> {
        let path = JsonPath::Root.field("messages");
        let messages = request.objects("messages", &JsonPath::Root)?;
        if messages.is_empty() {
            return Err(path.error("This must be a list of at least one message."));
        }
        let mut input = Self { items: Vec::with_capacity(messages.len()), ..Self::default() };
        let mut calls = Calls { ids: CallIds::new(fitting), custom: BTreeSet::new(), function: None };
        for (index, message) in messages.into_iter().enumerate() {
            input.add(index, allow_instructions, message, &mut calls, dropped)?;
        }
        input.items = add_missing_results(input.items, calls.ids, InputItem::is_call, |call, id| {
            call.result(Raw::from_value(&id), Output::Text(Raw::from_value(&INTERRUPTED)))
        });
        Ok(input)
    }

    fn add(
        &mut self,
        index: usize,
        allow_instructions: bool,
        mut message: Object<'a>,
        calls: &mut Calls<'a>,
        dropped: &mut DroppedFields,
    ) -> Result<(), BadRequest> {
        let list = JsonPath::Root.field("messages");
        let path = &list.index(index);
        let role =
            message.text("role", path)?.ok_or_else(|| path.field("role").error("This is required."))?;
        match &*role {
            "system" | "developer" if index == 0 && allow_instructions => {
                self.set_instructions(&mut message, path, dropped)?;
            }
            "system" | "developer" => self.push_message("developer", &mut message, path, dropped)?,
            "user" => self.push_message("user", &mut message, path, dropped)?,
            "assistant" => self.push_assistant(index, &mut message, path, calls, dropped)?,
            "tool" => self.result(&mut message, path, calls, dropped)?,
            "function" => self.function_result(&mut message, path, calls, dropped)?,
            _ => return Err(path.field("role").error("No message has this role.")),
        }
        dropped.add_remaining("messages[].", message);
        Ok(())
    }

    /// Translates the first message. Its parts are text by the reference, and instructions are one string.
    fn set_instructions(
        &mut self,
        message: &mut Object<'a>,
        path: &JsonPath<'_>,
        dropped: &mut DroppedFields,
    ) -> Result<(), BadRequest> {
        let at = path.field("content");
        let content = content(message, path)?;
        self.instructions = Some(if object::is_string(content) {
            Raw::Borrowed(content)
        } else {
            let parts = content::texts(content, &at, dropped)?;
            Raw::from_value(&parts.join(BETWEEN_PARTS))
        });
        Ok(())
    }

    fn push_message(
        &mut self,
        role: &'static str,
        message: &mut Object<'a>,
        path: &JsonPath<'_>,
        dropped: &mut DroppedFields,
    ) -> Result<(), BadRequest> {
        let content = content::input_parts(content(message, path)?, &path.field("content"), dropped)?;
        self.items.push(InputItem::Message { role, content });
        Ok(())
    }

    /// Translates an assistant message: its text, then its calls.
    fn push_assistant(
        &mut self,
        index: usize,
        message: &mut Object<'a>,
        path: &JsonPath<'_>,
        calls: &mut Calls<'a>,
        dropped: &mut DroppedFields,
    ) -> Result<(), BadRequest> {
        if message.take("audio").is_some() {
            return Err(path.field("audio").error("Audio output cannot be sent to this model."));
        }
        let content = content::output_parts(message, path, dropped)?;
        if !content.is_empty() {
            self.items.push(InputItem::Message { role: "assistant", content });
        }
        calls.ids.begin_message();
        let at = path.field("tool_calls");
        for (place, call) in message.objects("tool_calls", path)?.into_iter().enumerate() {
            self.items.push(calls.call(call, &at.index(place), dropped)?);
        }
        if let Some(call) = message.object("function_call", path)? {
            self.items.push(calls.function_call(index, call, &path.field("function_call"), dropped)?);
        }
        Ok(())
    }

    /// Translates the result of a call. Without one it is a message of the user.
    fn result(
        &mut self,
        message: &mut Object<'a>,
        path: &JsonPath<'_>,
        calls: &mut Calls<'a>,
        dropped: &mut DroppedFields,
    ) -> Result<(), BadRequest> {
        let raw = message.take("tool_call_id");
        let id = raw.map(|raw| object::text(raw, &path.field("tool_call_id"))).transpose()?;
        let id = id.as_deref().unwrap_or_default();
        let found = calls.ids.result(id).map(|found| match raw {
            Some(raw) => encoded(raw, id, &found),
            None => Raw::from_value(&found),
        });
        let output = output(message, path, dropped)?;
        self.items.push(match found {
            None => result_without_call(output),
            Some(call_id) if calls.custom.contains(id) => InputItem::CustomToolCallOutput { call_id, output },
            Some(call_id) => InputItem::FunctionCallOutput { call_id, output },
        });
        // Some clients repeat the tool's name; the call has it.
        message.take("name");
        Ok(())
    }

    /// Translates the result of the last `function_call`, which is found by its name only.
    fn function_result(
        &mut self,
        message: &mut Object<'a>,
        path: &JsonPath<'_>,
        calls: &mut Calls<'a>,
        dropped: &mut DroppedFields,
    ) -> Result<(), BadRequest> {
        let name = message.text("name", path)?.unwrap_or_default();
        let called = calls.function.take_if(|(called, _)| **called == *name);
        let found = called.and_then(|(_, id)| calls.ids.result(&id));
        let output = output(message, path, dropped)?;
        self.items.push(match found {
            None => result_without_call(output),
            Some(id) => InputItem::FunctionCallOutput { call_id: Raw::from_value(&id), output },
        });
        Ok(())
    }
}

/// Returns a result whose call is not in the conversation as a message of the user.
fn result_without_call(output: Output<'_>) -> InputItem<'_> {
    let begin = InputPart::text(Raw::from_value(&OUTPUT_OF_A_TOOL));
    let content = match output {
        Output::Text(text) if text.get() == "\"\"" => vec![begin],
        Output::Text(text) => vec![begin, InputPart::text(text)],
        Output::Parts(parts) => std::iter::once(begin).chain(parts).collect(),
    };
    InputItem::Message { role: "user", content }
}

impl<'a> Calls<'a> {
    fn call(
        &mut self,
        mut call: Object<'a>,
        path: &JsonPath<'_>,
        dropped: &mut DroppedFields,
    ) -> Result<InputItem<'a>, BadRequest> {
        let raw_id = call.take("id");
        let id = raw_id.map(|raw| object::text(raw, &path.field("id"))).transpose()?;
        let id = id.unwrap_or_else(|| "".into());
        let unique = self.ids.call(&id);
        let call_id = raw_id.map_or_else(|| Raw::from_value(&unique), |raw| encoded(raw, &id, &unique));
        // The position in the list, which some clients keep from the stream.
        call.take("index");
        let kind = call.text("type", path)?;
        let item = match kind.as_deref().unwrap_or("function") {
            "function" => {
                let mut function = required(&mut call, "function", path)?;
                let at = path.field("function");
                let name = function.required("name", &at)?;
                let item =
                    InputItem::FunctionCall { call_id, name, arguments: arguments(&mut function, &at)? };
                dropped.add_remaining("messages[].tool_calls[].function.", function);
                item
            }
            "custom" => {
                let mut custom = required(&mut call, "custom", path)?;
                let at = path.field("custom");
                self.custom.insert(id.0);
                let (name, input) = (custom.required("name", &at)?, custom.required("input", &at)?);
                dropped.add_remaining("messages[].tool_calls[].custom.", custom);
                InputItem::CustomToolCall { call_id, name, input }
            }
            _ => return Err(path.field("type").error("This must be function or custom.")),
        };
        dropped.add_remaining("messages[].tool_calls[].", call);
        Ok(item)
    }

    /// Translates a legacy call. It has no id, so it gets one from its position, which stays the same in later
    /// turns.
    fn function_call(
        &mut self,
        index: usize,
        mut call: Object<'a>,
        path: &JsonPath<'_>,
        dropped: &mut DroppedFields,
    ) -> Result<InputItem<'a>, BadRequest> {
        let name = call.required("name", path)?;
        let id = format!("call_function_{index}");
        self.ids.call(&id);
        let item = InputItem::FunctionCall {
            call_id: Raw::from_value(&id),
            name,
            arguments: arguments(&mut call, path)?,
        };
        self.function = Some((object::text(name, &path.field("name"))?, id));
        dropped.add_remaining("messages[].function_call.", call);
        Ok(item)
    }
}

/// Returns an id that is not too long for the Responses API.
fn fitting(id: &str) -> Cow<'_, str> {
    if id.len() <= MAX_ID_LENGTH { Cow::Borrowed(id) } else { sanitize_name(id) }
}

/// Returns the id as it is, or what replaces it.
fn encoded<'a>(raw: &'a RawValue, id: &str, replacement: &str) -> Raw<'a> {
    if id == replacement { Raw::Borrowed(raw) } else { Raw::from_value(&replacement) }
}

/// Returns the arguments, which are JSON as a string; an empty object if there are none.
fn arguments<'a>(call: &mut Object<'a>, path: &JsonPath<'_>) -> Result<Raw<'a>, BadRequest> {
    let arguments = call.string("arguments", path)?.filter(|arguments| arguments.get() != "\"\"");
    Ok(arguments.map_or_else(|| Raw::from_value(&"{}"), Raw::Borrowed))
}

/// Returns the output of a tool. Text stays text; parts stay parts, because an image as text costs thousands of
/// times as much.
fn output<'a>(
    message: &mut Object<'a>,
    path: &JsonPath<'_>,
    dropped: &mut DroppedFields,
) -> Result<Output<'a>, BadRequest> {
    let Some(content) = message.take("content") else { return Ok(Output::Text(Raw::from_value(&""))) };
    if object::is_string(content) {
        return Ok(Output::Text(Raw::Borrowed(content)));
    }
    Ok(Output::Parts(content::input_parts(content, &path.field("content"), dropped)?))
}

fn content<'a>(message: &mut Object<'a>, path: &JsonPath<'_>) -> Result<&'a RawValue, BadRequest> {
    message.take("content").ok_or_else(|| path.field("content").error("This is required."))
}

fn required<'a>(object: &mut Object<'a>, name: &str, path: &JsonPath<'_>) -> Result<Object<'a>, BadRequest> {
    object.object(name, path)?.ok_or_else(|| path.field(name).error("This is required."))
}
