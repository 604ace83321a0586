//! Translates the input of a Responses request into the messages of a Chat Completions request.

use serde_json::json;
use serde_json::value::RawValue;

use super::content::{self, BLANK_LINE, Content, MessagePart};
use super::message::{Call, Function, Message};
use super::results::{CallResults, Step};
use super::tools::NameMap;
use crate::call_ids::INTERRUPTED;
use crate::chat_completions::open_reasoning::OpenReasoning;
use crate::dropped_fields::DroppedFields;
use crate::error::BadRequest;
use crate::json::Raw;
use crate::json::object::{self, Object};
use crate::json::path::JsonPath;
use crate::responses::events::item::Part;

/// The text of a tool's result that consists of attachments only.
const ATTACHED: &str = "The result is attached to the next message.";

/// The name in `x-usher-dropped` of reasoning that is not sent.
const DROPPED_REASONING: &str = "input[].reasoning";

/// The messages so far.
struct MessageBuilder<'a, 't> {
    /// The tag of the service's account.
    owner: &'t str,
    messages: Vec<Message<'a>>,
    results: CallResults<'a>,
    /// The current assistant message. Text and calls are one message, because a result must directly follow the
    /// message with its call.
    assistant: Option<Message<'a>>,
    /// The reasoning of the current assistant message.
    reasoning: OpenReasoning,
    /// The parts of tool results besides text. Services accept only text as a result, so they follow in a user
    /// message, after all results.
    attached: Vec<MessagePart<'a>>,
}

/// Returns the items of the input; a string is a user message.
pub(crate) fn items<'a>(request: &mut Object<'a>) -> Result<Vec<Object<'a>>, BadRequest> {
    let path = JsonPath::Root.field("input");
    // The API allows instructions alone.
    let Some(raw) = request.take("input") else { return Ok(Vec::new()) };
    if object::is_string(raw) {
        return Ok(vec![Object::one("content", raw)]);
    }
    object::objects(raw, &path)
}

/// Translates `instructions` and `items` into messages.
///
/// All leading system messages become one: services often accept one such message, and only at the beginning.
pub(crate) fn messages<'a>(
    instructions: Option<&'a RawValue>,
    items: Vec<Object<'a>>,
    owner: &str,
    names: &mut NameMap,
    dropped: &mut DroppedFields,
) -> Result<Vec<Message<'a>>, BadRequest> {
    let list = JsonPath::Root.field("input");
    let mut leading: Vec<Raw<'a>> = instructions.map(Raw::Borrowed).into_iter().collect();
    let mut items = (0..).zip(items).filter(|(_, item)| !item.is("type", "additional_tools")).peekable();
    while let Some((index, mut item)) = items.next_if(|(_, item)| is_system(item)) {
        leading.push(content::system(&mut item, &list.index(index), dropped)?);
        list_remaining(item, dropped);
    }
    let (steps, results) = CallResults::split_off(items);
    let mut builder = MessageBuilder::new(owner, results);
    if !leading.is_empty() {
        builder.system(content::joined(leading, BLANK_LINE));
    }
    for step in steps {
        match step {
            Step::Item(index, item) => builder.item(item, &list.index(index), names, dropped)?,
            Step::ResultOf(id) if builder.is_calling(&id) => builder.end_assistant(dropped)?,
            // It directly followed its call already, or its call is yet to come.
            Step::ResultOf(_) => {}
        }
    }
    builder.flush(dropped)?;
    if builder.messages.is_empty() {
        return Err(list.error("There is no message in it."));
    }
    Ok(builder.messages)
}

fn is_system(item: &Object<'_>) -> bool {
    item.is("role", "system") || item.is("role", "developer")
}

/// Lists the fields that are left in an item. Its id and status belong to the response that it was part of.
fn list_remaining(mut item: Object<'_>, dropped: &mut DroppedFields) {
    for name in ["id", "status", "type", "role"] {
        item.take(name);
    }
    dropped.add_remaining("input[].", item);
}

/// Returns whether items of this kind record what the provider's own tools did. The model continues without them.
fn is_record(kind: &str) -> bool {
    let call = kind.ends_with("_call") || kind.ends_with("_call_output");
    let other = [
        "tool_search_output",
        "mcp_list_tools",
        "mcp_approval_request",
        "mcp_approval_response",
        "program",
        "program_output",
    ];
    call || other.contains(&kind)
}

impl<'a, 't> MessageBuilder<'a, 't> {
    fn new(owner: &'t str, results: CallResults<'a>) -> Self {
        Self {
            owner,
            messages: Vec::new(),
            results,
            assistant: None,
            reasoning: OpenReasoning::default(),
            attached: Vec::new(),
        }
    }

    fn item(
        &mut self,
        mut item: Object<'a>,
        path: &JsonPath<'_>,
        names: &mut NameMap,
        dropped: &mut DroppedFields,
    ) -> Result<(), BadRequest> {
        let kind = item.text("type", path)?;
        match kind.as_deref().unwrap_or("message") {
            "message" => self.message(&mut item, path, dropped)?,
            "function_call" => self.call(&mut item, path, names, false)?,
            "custom_tool_call" => self.call(&mut item, path, names, true)?,
            "function_call_output" | "custom_tool_call_output" => {
                self.result_without_call(&mut item, path, dropped)?;
            }
            "reasoning" => {
                self.add_reasoning(&mut item, dropped);
                return Ok(());
            }
            other if is_record(other) => {
                dropped.add_with_prefix("input[].", other);
                return Ok(());
            }
            "compaction_trigger" => {
                return Err(path.field("type").error(
                    "This model cannot compact a conversation. In Codex give the provider another name than \
                     \"OpenAI\", so that Codex compacts by itself.",
                ));
            }
            _ => {
                return Err(path
                    .field("type")
                    .error("An item of this kind cannot be carried to this model."));
            }
        }
        list_remaining(item, dropped);
        Ok(())
    }

    fn message(
        &mut self,
        item: &mut Object<'a>,
        path: &JsonPath<'_>,
        dropped: &mut DroppedFields,
    ) -> Result<(), BadRequest> {
        let role = item.text("role", path)?;
        match role.as_deref().unwrap_or("user") {
            "user" => {
                let content = content::user(item, path, dropped)?;
                self.flush(dropped)?;
                self.push("user", content);
            }
            "system" | "developer" => {
                let content = content::system(item, path, dropped)?;
                self.flush(dropped)?;
                self.system(content);
            }
            "assistant" => {
                let text = content::assistant(item, path, dropped)?;
                self.add_text(text);
            }
            _ => return Err(path.field("role").error("No message has this role.")),
        }
        Ok(())
    }

    fn system(&mut self, content: Raw<'a>) {
        self.push("system", Content::Text(content));
    }

    fn push(&mut self, role: &'static str, content: Content<'a>) {
        self.messages.push(Message { role, content: Some(content), ..Message::default() });
    }

    fn assistant_message(&mut self) -> &mut Message<'a> {
        self.attach();
        self.assistant.get_or_insert_with(|| Message { role: "assistant", ..Message::default() })
    }

    /// Adds text to the assistant message, unless it is empty.
    fn add_text(&mut self, text: Raw<'a>) {
        if text.get() == "\"\"" {
            return;
        }
        let message = self.assistant_message();
        message.content = Some(Content::Text(match message.content.take() {
            Some(Content::Text(before)) => content::joined(vec![before, text], BLANK_LINE),
            _ => text,
        }));
    }

    fn call(
        &mut self,
        item: &mut Object<'a>,
        path: &JsonPath<'_>,
        names: &mut NameMap,
        custom: bool,
    ) -> Result<(), BadRequest> {
        let id = item.required("call_id", path)?;
        let namespace = item.text("namespace", path)?;
        let name = object::text(item.required("name", path)?, &path.field("name"))?;
        let name = names.flat(namespace.as_deref(), &name, custom);
        let arguments = if custom {
            let input = object::text(item.required("input", path)?, &path.field("input"))?;
            Raw::from_value(&json!({ "input": *input }).to_string())
        } else {
            let arguments = item.string("arguments", path)?.filter(|arguments| !is_blank(arguments));
            arguments.map_or_else(|| Raw::from_value(&"{}"), Raw::Borrowed)
        };
        self.assistant_message().tool_calls.push(Call {
            id,
            kind: "function",
            function: Function { name, arguments },
            extra_content: None,
        });
        Ok(())
    }

    /// Adds reasoning to the assistant message: that of a service with open reasoning, which sealed its fields, or which
    /// an older version of this translation showed as a summary only. Other reasoning is encrypted, and only for the
    /// model that wrote it.
    fn add_reasoning(&mut self, item: &mut Object<'a>, dropped: &mut DroppedFields) {
        let reasoning = if let Some(encrypted) = item.peek("encrypted_content") {
            OpenReasoning::decode(self.owner, &encrypted)
        } else {
            let reasoning_content = shown_reasoning(item);
            (!reasoning_content.is_empty()).then(|| OpenReasoning::of_content(reasoning_content))
        };
        match reasoning {
            Some(reasoning) => self.reasoning.append(reasoning),
            None => dropped.add(DROPPED_REASONING),
        }
    }

    /// Adds the result of a call in the current assistant message.
    fn result(
        &mut self,
        item: &mut Object<'a>,
        path: &JsonPath<'_>,
        dropped: &mut DroppedFields,
    ) -> Result<(), BadRequest> {
        let id = item.required("call_id", path)?;
        let (mut text, attached) = content::result(item, path, dropped)?;
        if !attached.is_empty() {
            let of = object::text(id, &path.field("call_id"))?;
            self.attached.push(MessagePart::text(&format!("Attached to the result of {}:", &*of)));
            self.attached.extend(attached);
            if text.get() == "\"\"" {
                text = Raw::from_value(&ATTACHED);
            }
        }
        self.tool_message(id, text);
        Ok(())
    }

    fn tool_message(&mut self, id: &'a RawValue, text: Raw<'a>) {
        let (content, tool_call_id) = (Some(Content::Text(text)), Some(id));
        self.messages.push(Message { role: "tool", content, tool_call_id, ..Message::default() });
    }

    /// Adds a result whose call is not in the input as a message of the user: Codex writes such items for tools that
    /// it calls by itself, and they are what remains of a call when the input was shortened.
    fn result_without_call(
        &mut self,
        item: &mut Object<'a>,
        path: &JsonPath<'_>,
        dropped: &mut DroppedFields,
    ) -> Result<(), BadRequest> {
        item.take("call_id");
        item.take("namespace");
        let name = item.text("name", path)?;
        let (text, attached) = content::result(item, path, dropped)?;
        let of = name.as_deref().map_or_else(|| "a tool".to_owned(), |name| format!("the tool {name}"));
        let text = content::joined(vec![Raw::from_value(&format!("Output of {of}:")), text], BLANK_LINE);
        self.flush(dropped)?;
        self.push(
            "user",
            if attached.is_empty() {
                Content::Text(text)
            } else {
                Content::Parts(std::iter::once(MessagePart::Text { text }).chain(attached).collect())
            },
        );
        Ok(())
    }

    /// Returns whether the current assistant message has a call with this id.
    fn is_calling(&self, id: &str) -> bool {
        self.assistant.iter().flat_map(|message| &message.tool_calls).any(|call| call.id() == id)
    }

    /// Ends the assistant message, with the results of its calls directly behind it.
    fn end_assistant(&mut self, dropped: &mut DroppedFields) -> Result<(), BadRequest> {
        let mut reasoning = std::mem::take(&mut self.reasoning);
        let Some(mut message) = self.assistant.take() else {
            if reasoning != OpenReasoning::default() {
                dropped.add(DROPPED_REASONING);
            }
            return Ok(());
        };
        let calls: Vec<_> = message.tool_calls.iter().map(|call| (call.id, call.id())).collect();
        for (place, (call, (_, id))) in message.tool_calls.iter_mut().zip(&calls).enumerate() {
            call.extra_content = reasoning.take_call(id, place);
        }
        // Services want it for calls only, and older ones reject it in other messages.
        if calls.is_empty() && reasoning != OpenReasoning::default() {
            dropped.add(DROPPED_REASONING);
        } else {
            message.reasoning = reasoning.fields;
        }
        self.messages.push(message);
        let (results, missing) = self.results.take(calls.iter().map(|(_, id)| id.clone()));
        let list = JsonPath::Root.field("input");
        for (index, mut result) in results {
            self.result(&mut result, &list.index(index), dropped)?;
            list_remaining(result, dropped);
        }
        for place in missing {
            self.tool_message(calls[place].0, Raw::from_value(&INTERRUPTED));
        }
        Ok(())
    }

    /// Ends the assistant message and the attachments.
    fn flush(&mut self, dropped: &mut DroppedFields) -> Result<(), BadRequest> {
        self.end_assistant(dropped)?;
        self.attach();
        Ok(())
    }

    fn attach(&mut self) {
        if !self.attached.is_empty() {
            let attached = std::mem::take(&mut self.attached);
            self.push("user", Content::Parts(attached));
        }
    }
}

/// Returns the text of reasoning: its full text if there is any, else its summary.
fn shown_reasoning(item: &mut Object<'_>) -> String {
    let shown = ["content", "summary"].into_iter().filter_map(|name| item.take(name)).find_map(|raw| {
        let parts: Vec<Part<'_>> = serde_json::from_str(raw.get()).ok()?;
        let texts: Vec<_> = parts.into_iter().filter_map(|part| part.text).collect();
        let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
        Some(texts.join("\n\n")).filter(|text| !text.is_empty())
    });
    shown.unwrap_or_default()
}

/// Returns whether a string is empty or blank.
fn is_blank(raw: &RawValue) -> bool {
    raw.get().trim_matches('"').trim().is_empty()
}
