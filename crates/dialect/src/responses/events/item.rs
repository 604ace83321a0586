//! The items of an input and an output (protocol §8.2, protocol §8.3).

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::json::{Raw, Text};

/// One item of any type: a message, a call, a call's result, reasoning.
///
/// One struct with every field that a translation needs rather than a variant for each type: unknown types are read
/// as well, and nothing is buffered to find out the type first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Item<'a> {
    /// The item as the provider sent it: callers of the provider's own dialect get the fields that have no name here.
    #[serde(skip)]
    pub original: Option<Raw<'a>>,
    /// `message`, `function_call`, `function_call_output`, `custom_tool_call`, `reasoning`, …; a message may leave
    /// it out.
    #[serde(rename = "type", borrow, default)]
    pub kind: Text<'a>,
    /// The item's id in this response.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Text<'a>>,
    /// `in_progress`, `completed` or `incomplete`.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Text<'a>>,
    /// Of a message: `user`, `assistant`, `developer` or `system`.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Text<'a>>,
    /// Of a message: `commentary` or `final_answer` (siwc §10.4).
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Text<'a>>,
    /// Of a message: text or parts. Of reasoning: its full text, where the provider shows it.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Raw<'a>>,
    /// Of a call and its result: the id that pairs them.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<Text<'a>>,
    /// The tool that is called.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text<'a>>,
    /// The namespace of the tool's name, which Codex sends.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Text<'a>>,
    /// Of a function call: JSON as a string. Other calls have an object there, and some services send one here too.
    #[serde(borrow, default, deserialize_with = "text_or_json", skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Text<'a>>,
    /// Of a custom tool call: text in the tool's own grammar.
    #[serde(borrow, default, deserialize_with = "text_or_json", skip_serializing_if = "Option::is_none")]
    pub input: Option<Text<'a>>,
    /// Of a call's result: text or parts.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Raw<'a>>,
    /// Of reasoning: `[{"type":"summary_text","text":…}]`.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Raw<'a>>,
    /// Of reasoning: encrypted, to be sent back unchanged.
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
    /// Of a refusal: the model's explanation.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Text<'a>>,
    /// Of an image: a URL, or a `data:` URL.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<Text<'a>>,
    /// Of an image: the resolution it is processed at.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Text<'a>>,
    /// Of a file: its name.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<Text<'a>>,
    /// Of a file: a `data:` URL.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub file_data: Option<Text<'a>>,
    /// Of a file: a URL.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub file_url: Option<Text<'a>>,
    /// Of a file or an image: the id of an earlier upload.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub file_id: Option<Text<'a>>,
    /// Of an output text: its citations.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Raw<'a>>,
}

/// Reads a string, or any other value as its JSON; `None` for null.
fn text_or_json<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text<'a>>, D::Error> {
    let raw = <&'de RawValue>::deserialize(deserializer)?;
    Ok(match raw.get() {
        "null" => None,
        json => Some(serde_json::from_str(json).unwrap_or_else(|_| json.into())),
    })
}

/// Reads the items of an output.
pub(crate) fn read_items<'de: 'a, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<Item<'a>>>, D::Error> {
    let items = Option::<Vec<&'de RawValue>>::deserialize(deserializer)?;
    let items = items.map(|items| items.into_iter().map(Item::read).collect::<Result<_, _>>());
    items.transpose().map_err(serde::de::Error::custom)
}

impl<'a> Item<'a> {
    /// Reads an item, which keeps its original.
    pub(crate) fn read(raw: &'a RawValue) -> serde_json::Result<Self> {
        let item: Self = serde_json::from_str(raw.get())?;
        Ok(Self { original: Some(Raw::Borrowed(raw)), ..item })
    }
}

impl Item<'_> {
    /// Returns the size of the item: its fields, and about what it takes itself.
    pub(crate) fn content_bytes(&self) -> usize {
        let Self {
            kind, id, status, role, phase, content, call_id, name, namespace, arguments, input, ..
        } = self;
        let texts =
            [id, status, role, phase, call_id, name, namespace, arguments, input, &self.encrypted_content];
        let raws = [content, &self.output, &self.summary, &self.action, &self.tools];
        let texts: usize = texts.into_iter().flatten().map(|text| text.len()).sum();
        let raws: usize = raws.into_iter().flatten().map(|raw| raw.get().len()).sum();
        size_of::<Self>() + kind.len() + texts + raws
    }

    /// Returns the text of a message, its `output_text` parts joined; `None` for other items.
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

    /// Returns whether it is a message; one may leave its type out.
    pub(crate) fn is_message(&self) -> bool {
        *self.kind == *"message" || (self.kind.is_empty() && self.role.is_some())
    }

    /// Returns whether it is a message beside the answer: what the model says of its work (siwc §10.4).
    pub(crate) fn is_commentary(&self) -> bool {
        self.is_message() && self.phase.as_deref() == Some("commentary")
    }

    /// Returns the id that pairs a call with its result.
    pub(crate) fn pairing_id(&self) -> Option<&str> {
        self.call_id.as_deref().or(self.id.as_deref()).filter(|id| !id.is_empty())
    }

    /// Returns the same item, owned.
    pub fn into_owned(self) -> Item<'static> {
        let text = |text: Option<Text<'_>>| text.map(Text::into_owned);
        let raw = |raw: Option<Raw<'_>>| raw.map(Raw::into_owned);
        Item {
            kind: self.kind.into_owned(),
            id: text(self.id),
            status: text(self.status),
            original: raw(self.original),
            role: text(self.role),
            phase: text(self.phase),
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

impl<'a> Part<'a> {
    /// Returns the parts of a message's content or of a summary; a string is one part.
    pub(crate) fn list(raw: Option<&'a Raw<'_>>) -> Vec<Self> {
        let Some(raw) = raw else { return Vec::new() };
        raw.read().unwrap_or_else(|| {
            let text = raw.read();
            text.map(|text| vec![Self { text: Some(text), ..Self::default() }]).unwrap_or_default()
        })
    }
}

/// Returns the item's id, or one derived from the response's id, which is stable and unique.
pub(crate) fn item_id(item: &Item<'_>, response_id: &str, index: usize) -> String {
    if let Some(id) = item.id.as_deref().filter(|id| !id.is_empty()) {
        return id.to_owned();
    }
    // The provider checks these prefixes when an item is sent back.
    let kind = match &*item.kind {
        "message" => "msg",
        "reasoning" => "rs",
        "function_call" => "fc",
        "custom_tool_call" => "ctc",
        _ => "item",
    };
    format!("{kind}_{}_{index}", response_id.strip_prefix("resp_").unwrap_or(response_id))
}
