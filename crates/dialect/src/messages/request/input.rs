//! The messages of a conversation as the items of a Responses input (protocol §8.2).
//!
//! Each message is translated by itself and in its place: what comes of the beginning of a conversation does not depend
//! on how it goes on, so the backend finds it in its cache (`features.md` A3). For the same reason a string and a list
//! of one text block come to the same bytes: Claude Code sends one message both ways, from one turn to the next.

use serde::Serialize;

use super::content::{self, Part, made};
use super::tool_names;
use super::types::{Block, Message, TextOrList};
use crate::dropped_fields::DroppedFields;
use crate::error::BadRequest;
use crate::json::path::JsonPath;
use crate::json::{JsonString, Text};
use crate::messages::signature::{self, EncryptedReasoning};
use crate::translate::ToolNames;

/// What a failed tool's result begins with: the Responses API has no field for it.
const FAILED: &str = "Error: ";

/// One item.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Item<'b> {
    /// Something said.
    Message {
        /// `user`, `assistant` or `developer`.
        role: &'static str,
        /// Text, images, files.
        content: Vec<Part<'b>>,
    },
    /// Reasoning that the backend sealed earlier.
    Reasoning {
        /// The backend's own id.
        #[serde(skip_serializing_if = "str::is_empty")]
        id: &'b str,
        /// What was shown of it.
        summary: Vec<Part<'b>>,
        /// What the backend needs of it.
        encrypted_content: &'b str,
    },
    /// A call that the model made.
    FunctionCall {
        /// Joins it with its result.
        call_id: Text<'b>,
        /// The tool.
        name: Text<'b>,
        /// JSON as text.
        arguments: &'b str,
    },
    /// What came of a call.
    FunctionCallOutput {
        /// Joins it with its call.
        call_id: Text<'b>,
        /// What the tool said.
        output: Output<'b>,
    },
}

/// What a tool said.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Output<'b> {
    /// Text only.
    Text(JsonString<'b>),
    /// Several texts, images or files.
    Parts(Vec<Part<'b>>),
}

/// Translates messages one by one.
pub(crate) struct Input<'t, 'b> {
    items: Vec<Item<'b>>,
    /// What the message at hand has said since its last item.
    said: Vec<Part<'b>>,
    tag: &'t str,
    tools: &'t mut ToolNames,
    dropped: &'t mut DroppedFields,
}

impl<'t, 'b> Input<'t, 'b> {
    /// Reasoning of other origins than `tag` is left out.
    pub(crate) fn new(tag: &'t str, tools: &'t mut ToolNames, dropped: &'t mut DroppedFields) -> Self {
        Self { items: Vec::new(), said: Vec::new(), tag, tools, dropped }
    }

    /// All items.
    pub(crate) fn of(mut self, messages: &'b [Message<'_>]) -> Result<Vec<Item<'b>>, BadRequest> {
        let at = JsonPath::root("messages");
        let last_user = messages.iter().rposition(|message| message.role.text() == Some("user"));
        for (index, message) in messages.iter().enumerate() {
            let over = message.clear_at.text() == Some("next_user_message") && last_user > Some(index);
            if !over {
                self.message(message, &at.index(index))?;
            }
        }
        if messages.last().is_some_and(is_begun) {
            self.dropped.add("prefill");
        }
        Ok(self.items)
    }

    fn message(&mut self, message: &'b Message<'_>, at: &JsonPath<'_>) -> Result<(), BadRequest> {
        let (role, text_kind) = match message.role.required(&at.field("role"))? {
            "user" => ("user", "input_text"),
            "assistant" => ("assistant", "output_text"),
            "system" => ("developer", "input_text"),
            _ => return Err(at.field("role").error_with_path("should be user, assistant or system")),
        };
        let at = at.field("content");
        match &message.content {
            // A system message may have no more than an effort.
            TextOrList::Absent if role == "developer" => {}
            TextOrList::Absent => return Err(at.error_with_path("field required")),
            TextOrList::Text(text) => self.said.extend(content::said(text.clone(), text_kind)),
            TextOrList::List(blocks) => {
                for (index, block) in blocks.iter().enumerate() {
                    self.block(block, role, text_kind, &at.index(index))?;
                }
            }
            TextOrList::Other => return Err(at.error_with_path("should be a string or a list of blocks")),
        }
        self.end_of_what_was_said(role);
        Ok(())
    }

    fn block(
        &mut self,
        block: &'b Block<'_>,
        role: &'static str,
        text_kind: &'static str,
        at: &JsonPath<'_>,
    ) -> Result<(), BadRequest> {
        let item = match block.kind.required(&at.field("type"))? {
            "tool_use" => Some(self.call(block, at)?),
            "tool_result" => Some(self.result(block, at)?),
            "thinking" => self.thinking(block.signature.text(), block.thinking.text()),
            "redacted_thinking" => self.thinking(block.data.text(), None),
            // Read with the tools.
            "tool_addition" => None,
            _ => {
                self.said.extend(content::parts(block, text_kind, at, self.dropped)?);
                return Ok(());
            }
        };
        if let Some(item) = item {
            self.end_of_what_was_said(role);
            self.items.push(item);
        }
        Ok(())
    }

    fn call(&mut self, block: &'b Block<'_>, at: &JsonPath<'_>) -> Result<Item<'b>, BadRequest> {
        let id = block.id.required(&at.field("id"))?;
        let name = block.name.required(&at.field("name"))?;
        Ok(Item::FunctionCall {
            call_id: Text(tool_names::sanitize_name(id)),
            name: Text(tool_names::sanitize_and_record(name, self.tools)),
            arguments: block.input.as_ref().map_or("{}", |input| input.get()),
        })
    }

    fn result(&mut self, block: &'b Block<'_>, at: &JsonPath<'_>) -> Result<Item<'b>, BadRequest> {
        let id = block.tool_use_id.required(&at.field("tool_use_id"))?;
        let parts = content::all(&block.content, "input_text", &at.field("content"), self.dropped)?;
        Ok(Item::FunctionCallOutput {
            call_id: Text(tool_names::sanitize_name(id)),
            output: output(parts, block.is_error.is_true()),
        })
    }

    /// Reasoning, if it was sealed here and for this origin. The summary comes back as one part: that it had several
    /// is not told, and the backend goes by what it sealed.
    fn thinking(&mut self, signature: Option<&'b str>, shown: Option<JsonString<'b>>) -> Option<Item<'b>> {
        let sealed = signature.and_then(|signature| signature::decode(self.tag, signature));
        let Some(EncryptedReasoning { id, content }) = sealed.filter(|sealed| !sealed.content.is_empty())
        else {
            self.dropped.add("thinking");
            return None;
        };
        let summary = shown.and_then(|shown| content::said(shown, "summary_text")).into_iter().collect();
        Some(Item::Reasoning { id, summary, encrypted_content: content })
    }

    fn end_of_what_was_said(&mut self, role: &'static str) {
        if !self.said.is_empty() {
            self.items.push(Item::Message { role, content: std::mem::take(&mut self.said) });
        }
    }
}

/// What a tool said, as text where it is no more than that. That it failed is said in front of it.
fn output(mut parts: Vec<Part<'_>>, failed: bool) -> Output<'_> {
    let only_text = match parts.as_mut_slice() {
        [] => Some(made("")),
        [part] => part.text.take(),
        _ => None,
    };
    match only_text {
        Some(text) if failed => Output::Text(made(format!("{FAILED}{}", &*text.decode()))),
        Some(text) => Output::Text(text),
        None => {
            if failed {
                parts.splice(0..0, content::said(made(FAILED), "input_text"));
            }
            Output::Parts(parts)
        }
    }
}

/// Whether the caller has begun the answer itself, to be gone on with ("prefill" in the API's documentation). The
/// Responses API begins a new one.
fn is_begun(message: &Message<'_>) -> bool {
    message.role.text() == Some("assistant")
        && match &message.content {
            TextOrList::Text(text) => !text.is_empty(),
            TextOrList::List(blocks) => blocks.last().is_some_and(|block| block.kind.text() == Some("text")),
            TextOrList::Absent | TextOrList::Other => false,
        }
}
