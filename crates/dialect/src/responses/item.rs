//! The items that an input and an output are made of (protocol §8.2, §8.3).

use serde::{Deserialize, Serialize};

use crate::json::{Raw, Text};

/// One item of whatever kind: a message, a call, the result of one, reasoning. One struct with every field that
/// matters to a codec rather than a variant for each kind: kinds of tomorrow are read as well, and nothing is
/// buffered to find out the kind first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Item<'a> {
    /// `message`, `function_call`, `function_call_output`, `custom_tool_call`, `reasoning`, …; a message may leave
    /// it out.
    #[serde(rename = "type", borrow, default)]
    pub kind: Text<'a>,
    /// Its id in this response.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Text<'a>>,
    /// `in_progress`, `completed` or `incomplete`.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Text<'a>>,
    /// Of a message: `user`, `assistant`, `developer` or `system`.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Text<'a>>,
    /// Of a message: text or parts. Of reasoning: its own words, where they are told.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Raw<'a>>,
    /// What joins a call with its result.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<Text<'a>>,
    /// The tool that is called.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text<'a>>,
    /// Where the tool's name is looked up (`clients.md`, Codex, request shape).
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Text<'a>>,
    /// Of a function call: JSON as text.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Text<'a>>,
    /// Of a custom tool call: text in the tool's own grammar.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Text<'a>>,
    /// Of a call's result: text or parts.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Raw<'a>>,
    /// Of reasoning: `[{"type":"summary_text","text":…}]`.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Raw<'a>>,
    /// Of reasoning: sealed, to be emitter back as it is.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub encrypted_content: Option<Text<'a>>,
    /// Of a web search: what it did.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Raw<'a>>,
    /// Of `additional_tools`: the tools.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Raw<'a>>,
}

/// A part of a message's content, of a result, or of a summary.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Part<'a> {
    /// `input_text`, `output_text`, `refusal`, `input_image`, `input_file`, `summary_text`, `reasoning_text`, ….
    #[serde(rename = "type", borrow, default)]
    pub kind: Text<'a>,
    /// Of a text part.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text<'a>>,
    /// Of a refusal: what the model said instead.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Text<'a>>,
    /// Of an image: an address, or a `data:` URL.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<Text<'a>>,
    /// Of an image: how closely it is looked at.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Text<'a>>,
    /// Of a file: its name.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<Text<'a>>,
    /// Of a file: a `data:` URL.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub file_data: Option<Text<'a>>,
    /// Of a file: an address.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub file_url: Option<Text<'a>>,
    /// Of a file or an image: what was uploaded before.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub file_id: Option<Text<'a>>,
    /// Of an output text: what it cites.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Raw<'a>>,
}

impl Item<'_> {
    /// The text of a message, its `output_text` parts joined; absent for items of another kind.
    pub fn message(&self) -> Option<String> {
        if *self.kind != *"message" {
            return None;
        }
        let parts: Vec<Part<'_>> = self.content.as_ref().and_then(Raw::read).unwrap_or_default();
        Some(
            parts
                .iter()
                .filter(|part| *part.kind == *"output_text")
                .filter_map(|part| part.text.as_deref())
                .collect(),
        )
    }

    /// The same, owning what it holds.
    pub fn into_owned(self) -> Item<'static> {
        let text = |text: Option<Text<'_>>| text.map(Text::into_owned);
        let raw = |raw: Option<Raw<'_>>| raw.map(Raw::into_owned);
        Item {
            kind: self.kind.into_owned(),
            id: text(self.id),
            status: text(self.status),
            role: text(self.role),
            content: raw(self.content),
            call_id: text(self.call_id),
            name: text(self.name),
            namespace: text(self.namespace),
            arguments: text(self.arguments),
            input: text(self.input),
            output: raw(self.output),
            summary: raw(self.summary),
            encrypted_content: text(self.encrypted_content),
            action: raw(self.action),
            tools: raw(self.tools),
        }
    }
}

/// The item's id, or one that is made of the response's and so is the same each time and no other item's.
pub(crate) fn item_id(item: &Item<'_>, response_id: &str, index: usize) -> String {
    if let Some(id) = item.id.as_deref().filter(|id| !id.is_empty()) {
        return id.to_owned();
    }
    // The provider checks these beginnings when an item is emitter back.
    let kind = match &*item.kind {
        "message" => "msg",
        "reasoning" => "rs",
        "function_call" => "fc",
        "custom_tool_call" => "ctc",
        _ => "item",
    };
    format!("{kind}_{}_{index}", response_id.strip_prefix("resp_").unwrap_or(response_id))
}
