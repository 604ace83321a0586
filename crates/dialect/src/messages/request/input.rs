//! Translates the messages of a conversation into the items of a Responses input (protocol §8.2).
//!
//! Each message is translated by itself, so the items of a conversation's beginning do not depend on what follows
//! and the backend finds them in its cache. For the same reason a string and a list of one text block are
//! translated to the same bytes: Claude Code sends one message both ways, from one turn to the next.

use serde::Serialize;

use super::content::{self, Part, owned_text};
use super::tool_names::{self, sanitize_name};
use super::types::{Block, Message, TextOrList};
use crate::call_ids::{CallIds, INTERRUPTED, OUTPUT_OF_A_TOOL, add_missing_results};
use crate::dropped_fields::DroppedFields;
use crate::error::BadRequest;
use crate::json::path::JsonPath;
use crate::json::{JsonString, Text};
use crate::messages::signature::{self, EncryptedReasoning};
use crate::translate::ToolNames;

/// The prefix of a failed tool's result: the Responses API has no field for it.
const FAILED_PREFIX: &str = "Error: ";

/// One item.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Item<'b> {
    /// A message.
    Message {
        /// `user`, `assistant` or `developer`.
        role: &'static str,
        /// Text, images, files.
        content: Vec<Part<'b>>,
    },
    /// Reasoning that the backend encrypted earlier.
    Reasoning {
        /// The backend's own id.
        #[serde(skip_serializing_if = "str::is_empty")]
        id: &'b str,
        /// The summary that the caller was shown.
        summary: Vec<Part<'b>>,
        /// The encrypted reasoning.
        encrypted_content: &'b str,
    },
    /// A call that the model made.
    FunctionCall {
        /// The id that pairs the call with its result.
        call_id: Text<'b>,
        /// The tool.
        name: Text<'b>,
        /// JSON as a string.
        arguments: &'b str,
    },
    /// The result of a call.
    FunctionCallOutput {
        /// The id of the call.
        call_id: Text<'b>,
        /// The tool's output.
        output: Output<'b>,
    },
}

/// The output of a tool.
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
    /// The parts of the current message since its last item.
    parts: Vec<Part<'b>>,
    call_ids: CallIds,
    tag: &'t str,
    tools: &'t mut ToolNames,
    dropped: &'t mut DroppedFields,
}

impl<'t, 'b> Input<'t, 'b> {
    /// Returns a translator that leaves out reasoning of other owners than `tag`.
    pub(crate) fn new(tag: &'t str, tools: &'t mut ToolNames, dropped: &'t mut DroppedFields) -> Self {
        let call_ids = CallIds::new(sanitize_name);
        Self { items: Vec::new(), parts: Vec::new(), call_ids, tag, tools, dropped }
    }

    /// Translates all messages.
    pub(crate) fn translate(mut self, messages: &'b [Message<'_>]) -> Result<Vec<Item<'b>>, BadRequest> {
        let at = JsonPath::root("messages");
        let last_user = messages.iter().rposition(|message| message.role.text() == Some("user"));
        for (index, message) in messages.iter().enumerate() {
            let expired = message.clear_at.text() == Some("next_user_message") && last_user > Some(index);
            if !expired {
                self.message(message, &at.index(index))?;
            }
        }
        if messages.last().is_some_and(is_prefill) {
            self.dropped.add("prefill");
        }
        let is_call = |item: &Item<'_>| matches!(item, Item::FunctionCall { .. });
        Ok(add_missing_results(self.items, self.call_ids, is_call, |_, id| Item::FunctionCallOutput {
            call_id: Text(id.into()),
            output: Output::Text(owned_text(INTERRUPTED)),
        }))
    }

    fn message(&mut self, message: &'b Message<'_>, at: &JsonPath<'_>) -> Result<(), BadRequest> {
        let (role, text_kind) = match message.role.required(&at.field("role"))? {
            "user" => ("user", "input_text"),
            "assistant" => {
                self.call_ids.begin_message();
                ("assistant", "output_text")
            }
            "system" => ("developer", "input_text"),
            _ => return Err(at.field("role").error_with_path("should be user, assistant or system")),
        };
        let at = at.field("content");
        match &message.content {
            // A system message may consist of an effort only.
            TextOrList::Absent if role == "developer" => {}
            TextOrList::Absent => return Err(at.error_with_path("field required")),
            TextOrList::Text(text) => self.parts.extend(content::text_part(text.clone(), text_kind)),
            TextOrList::List(blocks) => {
                for (index, block) in blocks.iter().enumerate() {
                    self.block(block, role, text_kind, &at.index(index))?;
                }
            }
            TextOrList::Other => return Err(at.error_with_path("should be a string or a list of blocks")),
        }
        self.flush_message(role);
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
            "tool_result" => self.result(block, at)?,
            "thinking" => self.thinking(block.signature.text(), block.thinking.text()),
            "redacted_thinking" => self.thinking(block.data.text(), None),
            // Read together with the tools.
            "tool_addition" => None,
            _ => {
                self.parts.extend(content::block_parts(block, text_kind, at, self.dropped)?);
                return Ok(());
            }
        };
        if let Some(item) = item {
            self.flush_message(role);
            self.items.push(item);
        }
        Ok(())
    }

    fn call(&mut self, block: &'b Block<'_>, at: &JsonPath<'_>) -> Result<Item<'b>, BadRequest> {
        let id = block.id.required(&at.field("id"))?;
        let name = block.name.required(&at.field("name"))?;
        Ok(Item::FunctionCall {
            call_id: Text(self.call_ids.call(id)),
            name: Text(tool_names::sanitize_and_record(name, self.tools)),
            arguments: block.input.as_ref().map_or("{}", |input| input.get()),
        })
    }

    /// Translates the result of a call. Without one it is a part of the message.
    fn result(&mut self, block: &'b Block<'_>, at: &JsonPath<'_>) -> Result<Option<Item<'b>>, BadRequest> {
        let id = block.tool_use_id.required(&at.field("tool_use_id"))?;
        let parts = content::content_parts(&block.content, "input_text", &at.field("content"), self.dropped)?;
        let failed = block.is_error.is_true();
        if let Some(call_id) = self.call_ids.result(id) {
            return Ok(Some(Item::FunctionCallOutput {
                call_id: Text(call_id.into()),
                output: output(parts, failed),
            }));
        }
        self.parts.extend(content::text_part(owned_text(OUTPUT_OF_A_TOOL), "input_text"));
        if failed {
            self.parts.extend(content::text_part(owned_text(FAILED_PREFIX.trim_end()), "input_text"));
        }
        self.parts.extend(parts);
        Ok(None)
    }

    /// Translates reasoning, if it was encrypted here and for this owner.
    ///
    /// The summary comes back as one part: the caller is not shown that it had several, and the backend uses the
    /// encrypted content.
    fn thinking(
        &mut self,
        signature: Option<&'b str>,
        summary_text: Option<JsonString<'b>>,
    ) -> Option<Item<'b>> {
        let reasoning = signature.and_then(|signature| signature::decode(self.tag, signature));
        let Some(EncryptedReasoning { id, content }) =
            reasoning.filter(|reasoning| !reasoning.content.is_empty())
        else {
            self.dropped.add("thinking");
            return None;
        };
        let summary = summary_text
            .and_then(|summary_text| content::text_part(summary_text, "summary_text"))
            .into_iter()
            .collect();
        Some(Item::Reasoning { id, summary, encrypted_content: content })
    }

    fn flush_message(&mut self, role: &'static str) {
        if !self.parts.is_empty() {
            self.items.push(Item::Message { role, content: std::mem::take(&mut self.parts) });
        }
    }
}

/// Returns the output of a tool, as text if it is text only. A failure is marked in front of it.
fn output(mut parts: Vec<Part<'_>>, failed: bool) -> Output<'_> {
    let only_text = match parts.as_mut_slice() {
        [] => Some(owned_text("")),
        [part] => part.text.take(),
        _ => None,
    };
    match only_text {
        Some(text) if failed => Output::Text(owned_text(format!("{FAILED_PREFIX}{}", &*text.decode()))),
        Some(text) => Output::Text(text),
        None => {
            if failed {
                parts.splice(0..0, content::text_part(owned_text(FAILED_PREFIX), "input_text"));
            }
            Output::Parts(parts)
        }
    }
}

/// Returns whether the caller began the assistant's message itself ("prefill" in the API's documentation). The
/// Responses API cannot continue it and begins a new one.
fn is_prefill(message: &Message<'_>) -> bool {
    message.role.text() == Some("assistant")
        && match &message.content {
            TextOrList::Text(text) => !text.is_empty(),
            TextOrList::List(blocks) => blocks.last().is_some_and(|block| block.kind.text() == Some("text")),
            TextOrList::Absent | TextOrList::Other => false,
        }
}
