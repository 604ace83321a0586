//! Translates the input of a Responses request into the messages of a Chat Completions request.

use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::content::{self, BLANK_LINE, Content, MessagePart};
use super::tools::NameMap;
use crate::dropped_fields::DroppedFields;
use crate::error::BadRequest;
use crate::json::Raw;
use crate::json::object::{self, Object};
use crate::json::path::JsonPath;

/// The text of a tool's result that consists of attachments only.
const ATTACHED: &str = "The result is attached to the next message.";

/// A message.
#[derive(Serialize)]
pub(crate) struct Message<'a> {
    role: &'static str,
    content: Option<Content<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Call<'a> {
    id: &'a RawValue,
    #[serde(rename = "type")]
    kind: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: String,
    arguments: Raw<'a>,
}

/// The messages so far.
#[derive(Default)]
struct MessageBuilder<'a> {
    messages: Vec<Message<'a>>,
    /// The current assistant message. Text and calls are one message, because a result must directly follow the
    /// message with its call.
    assistant: Option<Message<'a>>,
    /// The parts of tool results besides text. Services accept only text as a result, so they follow in a user
    /// message, after all results.
    attached: Vec<MessagePart<'a>>,
}

/// Returns the items of the input; a string is a user message.
pub(crate) fn items<'a>(request: &mut Object<'a>) -> Result<Vec<Object<'a>>, BadRequest> {
    let path = JsonPath::Root.field("input");
    let raw = request.take("input").ok_or_else(|| path.error("This is required."))?;
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
    let mut builder = MessageBuilder::default();
    if !leading.is_empty() {
        builder.system(content::joined(leading, BLANK_LINE));
    }
    for (index, item) in items {
        builder.item(item, &list.index(index), names, dropped)?;
    }
    builder.flush();
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

impl<'a> MessageBuilder<'a> {
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
            "function_call_output" | "custom_tool_call_output" => self.result(&mut item, path, dropped)?,
            // Encrypted, and only for the model that wrote it.
            "reasoning" => {
                dropped.add("input[].reasoning");
                return Ok(());
            }
            // Calls of the provider's own tools.
            other if other.ends_with("_call") || other.ends_with("_call_output") => {
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
                self.flush();
                self.push("user", content);
            }
            "system" | "developer" => {
                let content = content::system(item, path, dropped)?;
                self.flush();
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
        let content = Some(content);
        self.messages.push(Message { role, content, tool_calls: Vec::new(), tool_call_id: None });
    }

    fn assistant_message(&mut self) -> &mut Message<'a> {
        self.attach();
        let empty = Message { role: "assistant", content: None, tool_calls: Vec::new(), tool_call_id: None };
        self.assistant.get_or_insert(empty)
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
            item.string("arguments", path)?.map_or_else(|| Raw::from_value(&"{}"), Raw::Borrowed)
        };
        self.assistant_message().tool_calls.push(Call {
            id,
            kind: "function",
            function: Function { name, arguments },
        });
        Ok(())
    }

    fn result(
        &mut self,
        item: &mut Object<'a>,
        path: &JsonPath<'_>,
        dropped: &mut DroppedFields,
    ) -> Result<(), BadRequest> {
        let id = item.required("call_id", path)?;
        let (text, attached) = content::result(item, path, dropped)?;
        self.messages.extend(self.assistant.take());
        let mut text = text;
        if !attached.is_empty() {
            let of = object::text(id, &path.field("call_id"))?;
            self.attached.push(MessagePart::text(&format!("Attached to the result of {}:", &*of)));
            self.attached.extend(attached);
            if text.get() == "\"\"" {
                text = Raw::from_value(&ATTACHED);
            }
        }
        let content = Some(Content::Text(text));
        self.messages.push(Message { role: "tool", content, tool_calls: Vec::new(), tool_call_id: Some(id) });
        Ok(())
    }

    /// Ends the assistant message and the attachments.
    fn flush(&mut self) {
        self.messages.extend(self.assistant.take());
        self.attach();
    }

    fn attach(&mut self) {
        if !self.attached.is_empty() {
            let attached = std::mem::take(&mut self.attached);
            self.push("user", Content::Parts(attached));
        }
    }
}
