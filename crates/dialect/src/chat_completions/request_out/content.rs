//! Translates the parts of Responses items into the content of Chat Completions messages: one string wherever there
//! is only text, because not every service accepts lists.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::dropped_fields::DroppedFields;
use crate::error::BadRequest;
use crate::json::Raw;
use crate::json::object::{self, Object};
use crate::json::path::JsonPath;

/// The separator between texts that were separate items or parts: a blank line, escaped as in JSON.
pub(crate) const BLANK_LINE: &str = r"\n\n";

/// The content of a message.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Content<'a> {
    Text(Raw<'a>),
    Parts(Vec<MessagePart<'a>>),
}

/// A part of a message.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum MessagePart<'a> {
    Text { text: Raw<'a> },
    ImageUrl { image_url: Image<'a> },
    File { file: File<'a> },
}

#[derive(Serialize)]
pub(crate) struct Image<'a> {
    url: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Raw<'a>>,
}

#[derive(Serialize)]
pub(crate) struct File<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<&'a RawValue>,
    file_data: &'a RawValue,
}

impl MessagePart<'_> {
    /// Returns a text part with our own text.
    pub(crate) fn text(text: &str) -> Self {
        Self::Text { text: Raw::from_value(&text) }
    }
}

/// Translates the content of a user message.
pub(crate) fn user<'a>(
    item: &mut Object<'a>,
    path: &JsonPath<'_>,
    dropped: &mut DroppedFields,
) -> Result<Content<'a>, BadRequest> {
    let parts = parts(item, "content", path, dropped)?;
    if parts.iter().all(MessagePart::is_text) {
        return Ok(Content::Text(joined(
            parts.into_iter().filter_map(MessagePart::into_text).collect(),
            BLANK_LINE,
        )));
    }
    Ok(Content::Parts(parts))
}

/// Translates the content of a system or developer message: text.
pub(crate) fn system<'a>(
    item: &mut Object<'a>,
    path: &JsonPath<'_>,
    dropped: &mut DroppedFields,
) -> Result<Raw<'a>, BadRequest> {
    texts(item, path, BLANK_LINE, dropped)
}

/// Translates the content of an assistant message: text, whose parts are joined without a separator.
pub(crate) fn assistant<'a>(
    item: &mut Object<'a>,
    path: &JsonPath<'_>,
    dropped: &mut DroppedFields,
) -> Result<Raw<'a>, BadRequest> {
    texts(item, path, "", dropped)
}

/// Translates the output of a tool: its text, whose parts are joined without a separator, and other parts.
pub(crate) fn result<'a>(
    item: &mut Object<'a>,
    path: &JsonPath<'_>,
    dropped: &mut DroppedFields,
) -> Result<(Raw<'a>, Vec<MessagePart<'a>>), BadRequest> {
    let (texts, attached): (Vec<_>, Vec<_>) =
        parts(item, "output", path, dropped)?.into_iter().partition(MessagePart::is_text);
    Ok((joined(texts.into_iter().filter_map(MessagePart::into_text).collect(), ""), attached))
}

fn texts<'a>(
    item: &mut Object<'a>,
    path: &JsonPath<'_>,
    between: &str,
    dropped: &mut DroppedFields,
) -> Result<Raw<'a>, BadRequest> {
    let parts = parts(item, "content", path, dropped)?;
    let texts: Option<Vec<_>> = parts.into_iter().map(MessagePart::into_text).collect();
    let texts = texts.ok_or_else(|| path.field("content").error("A message of this role must be text."))?;
    Ok(joined(texts, between))
}

/// Joins strings without decoding them. `between` must be escaped as in JSON.
pub(crate) fn joined<'a>(mut texts: Vec<Raw<'a>>, between: &str) -> Raw<'a> {
    if texts.len() == 1 {
        return texts.remove(0);
    }
    let inner = |text: &Raw<'_>| text.get().get(1..text.get().len() - 1).unwrap_or_default().to_owned();
    let inner: Vec<String> = texts.iter().map(inner).collect();
    let joined = format!("\"{}\"", inner.join(between));
    Raw::Owned(RawValue::from_string(joined).expect("joined JSON strings are a JSON string"))
}

fn parts<'a>(
    item: &mut Object<'a>,
    name: &str,
    path: &JsonPath<'_>,
    dropped: &mut DroppedFields,
) -> Result<Vec<MessagePart<'a>>, BadRequest> {
    let at = path.field(name);
    let Some(content) = item.take(name) else { return Ok(vec![MessagePart::text("")]) };
    if object::is_string(content) {
        return Ok(vec![MessagePart::Text { text: Raw::Borrowed(content) }]);
    }
    let parts = object::objects(content, &at)?.into_iter().enumerate();
    parts.map(|(index, part)| part_of(part, &at.index(index), dropped)).collect()
}

fn part_of<'a>(
    mut part: Object<'a>,
    path: &JsonPath<'_>,
    dropped: &mut DroppedFields,
) -> Result<MessagePart<'a>, BadRequest> {
    let kind = part.text("type", path)?.unwrap_or_default();
    let read = match &*kind {
        "input_text" | "output_text" | "text" => {
            // The sources of a text; they are in the text as well.
            part.take("annotations");
            part.take("logprobs");
            MessagePart::Text { text: Raw::Borrowed(part.required("text", path)?) }
        }
        "refusal" => MessagePart::Text { text: Raw::Borrowed(part.required("refusal", path)?) },
        "input_image" => MessagePart::ImageUrl { image_url: image(&mut part, path)? },
        "input_file" => MessagePart::File { file: file(&mut part, path)? },
        _ => return Err(path.field("type").error("A part of this type cannot be sent to this model.")),
    };
    dropped.add_remaining("input[].content[].", part);
    Ok(read)
}

/// Translates an image. The detail `original` exists only in the Responses API; `high` is the closest in Chat
/// Completions.
fn image<'a>(part: &mut Object<'a>, path: &JsonPath<'_>) -> Result<Image<'a>, BadRequest> {
    let detail = match part.string("detail", path)? {
        Some(detail) if detail.get() == "\"original\"" => Some(Raw::from_value(&"high")),
        detail => detail.map(Raw::Borrowed),
    };
    let url = part.string("image_url", path)?;
    Ok(Image { url: url.ok_or_else(|| not_embedded(&path.field("image_url")))?, detail })
}

fn file<'a>(part: &mut Object<'a>, path: &JsonPath<'_>) -> Result<File<'a>, BadRequest> {
    let filename = part.string("filename", path)?;
    let data = part.string("file_data", path)?;
    Ok(File { filename, file_data: data.ok_or_else(|| not_embedded(&path.field("file_data")))? })
}

fn not_embedded(path: &JsonPath<'_>) -> BadRequest {
    path.error("This model cannot read stored files or URLs: send the data itself.")
}

impl<'a> MessagePart<'a> {
    fn is_text(&self) -> bool {
        matches!(self, Self::Text { .. })
    }

    fn into_text(self) -> Option<Raw<'a>> {
        match self {
            Self::Text { text } => Some(text),
            Self::ImageUrl { .. } | Self::File { .. } => None,
        }
    }
}
