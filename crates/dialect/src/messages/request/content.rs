//! Blocks of content as parts of a Responses message or result.

use std::borrow::Cow;

use serde::Serialize;

use super::parse;
use super::types::{Block, Content, Source, TextOrList};
use crate::dropped_fields::DroppedFields;
use crate::error::BadRequest;
use crate::json::path::JsonPath;
use crate::json::{JsonString, Raw, Text};

/// A part of an item, as it is sent.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Part<'b> {
    /// `input_text`, `output_text`, `summary_text`, `input_image` or `input_file`.
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    /// Of a text part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<JsonString<'b>>,
    /// Of an image: an address, or a `data:` URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    image_url: Option<Text<'b>>,
    /// Of an image: how closely it is looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
    /// Of a file: its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<Text<'b>>,
    /// Of a file: a `data:` URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_data: Option<Text<'b>>,
    /// Of a file: an address.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_url: Option<Text<'b>>,
    /// Of a file or an image: what was uploaded before.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_id: Option<Text<'b>>,
}

/// Reads one block that stands for text, an image or a file. What kind of text depends on who says it: `input_text` or
/// `output_text`. Nothing when the block comes to nothing, or is of a kind that does not cross.
pub(crate) fn parts<'b>(
    block: &'b Block<'_>,
    text_kind: &'static str,
    at: &JsonPath<'_>,
    dropped: &mut DroppedFields,
) -> Result<Vec<Part<'b>>, BadRequest> {
    Ok(match block.kind.required(&at.field("type"))? {
        "text" => said(block.text.required(&at.field("text"))?, text_kind).into_iter().collect(),
        "image" => vec![image(source(block, at)?, &at.field("source"))?],
        "document" => document(block, at, dropped)?,
        "search_result" => search_result(block, text_kind, at)?.into_iter().collect(),
        // What the service made of the beginning of a conversation: it is all that is left of it.
        "compaction" => all(&block.content, text_kind, &at.field("content"), dropped)?,
        // Its definition is among the tools.
        "tool_reference" => {
            let name = block.tool_name.required(&at.field("tool_name"))?;
            vec![part(text_kind, made(format!("The tool {name} is available.")))]
        }
        kind => {
            dropped.add_caller_name(kind);
            Vec::new()
        }
    })
}

/// Reads content of one kind of speaker: a string, or blocks.
pub(crate) fn all<'b>(
    content: &'b Content<'_>,
    text_kind: &'static str,
    at: &JsonPath<'_>,
    dropped: &mut DroppedFields,
) -> Result<Vec<Part<'b>>, BadRequest> {
    each(content, text_kind, at, |block, at| parts(block, text_kind, at, dropped))
}

fn each<'b>(
    content: &'b Content<'_>,
    text_kind: &'static str,
    at: &JsonPath<'_>,
    mut parts: impl FnMut(&'b Block<'_>, &JsonPath<'_>) -> Result<Vec<Part<'b>>, BadRequest>,
) -> Result<Vec<Part<'b>>, BadRequest> {
    let mut all = Vec::new();
    match content {
        TextOrList::Absent => {}
        TextOrList::Text(text) => all.extend(said(text.clone(), text_kind)),
        TextOrList::List(blocks) => {
            for (index, block) in blocks.iter().enumerate() {
                all.extend(parts(block, &at.index(index))?);
            }
        }
        TextOrList::Other => return Err(at.error_with_path("should be a string or a list of blocks")),
    }
    Ok(all)
}

/// A text part; nothing for an empty text, which says nothing and is refused by some backends.
pub(crate) fn said<'b>(text: JsonString<'b>, kind: &'static str) -> Option<Part<'b>> {
    (!text.is_empty()).then(|| part(kind, text))
}

fn part<'b>(kind: &'static str, text: JsonString<'b>) -> Part<'b> {
    Part { kind, text: Some(text), ..Part::default() }
}

/// A text that is made here, or was read already.
pub(crate) fn made<'b>(text: impl Into<Cow<'b, str>>) -> JsonString<'b> {
    JsonString::Text(text.into())
}

fn source<'b>(block: &'b Block<'_>, at: &JsonPath<'_>) -> Result<Source<'b>, BadRequest> {
    let at = at.field("source");
    parse::object(block.source.as_ref().ok_or_else(|| at.error_with_path("field required"))?, &at)
}

/// An image as `input_image`: an address as it is, base64 as a `data:` URL (types of the npm package `openai` 6.49.0,
/// `ResponseInputImage`).
fn image<'b>(source: Source<'b>, at: &JsonPath<'_>) -> Result<Part<'b>, BadRequest> {
    let (mut image_url, mut file_id) = (None, None);
    match source.kind.required(&at.field("type"))? {
        "base64" => {
            let media_type = source.media_type.required(&at.field("media_type"))?;
            if !media_type.starts_with("image/") || !media_type.bytes().all(is_of_a_media_type) {
                return Err(at.field("media_type").error_with_path("should be the type of an image"));
            }
            image_url = Some(data_url(media_type, source.data.required(&at.field("data"))?));
        }
        "url" => image_url = Some(source.url.into_required(&at.field("url"))?),
        "file" => file_id = Some(source.file_id.into_required(&at.field("file_id"))?),
        _ => return Err(at.field("type").error_with_path("should be base64, url or file")),
    }
    Ok(Part { kind: "input_image", image_url, file_id, detail: Some("auto"), ..Part::default() })
}

/// A document as `input_file`, or as the text that it is (`ResponseInputFile` of the same types). Its title becomes
/// the name of the file or, like its context, a line above the text.
fn document<'b>(
    block: &'b Block<'_>,
    at: &JsonPath<'_>,
    dropped: &mut DroppedFields,
) -> Result<Vec<Part<'b>>, BadRequest> {
    let source = source(block, at)?;
    let title = block.title.text();
    let context = block.context.text();
    let at = at.field("source");
    let mut file = Part { kind: "input_file", ..Part::default() };
    let mut parts: Vec<Part<'b>> =
        context.and_then(|context| said(made(context), "input_text")).into_iter().collect();
    match source.kind.required(&at.field("type"))? {
        "base64" => {
            let media_type = source.media_type.required(&at.field("media_type"))?;
            if media_type != "application/pdf" {
                return Err(at.field("media_type").error_with_path("should be application/pdf"));
            }
            file.file_data = Some(data_url(media_type, source.data.required(&at.field("data"))?));
            // The backend tells the kind of a file by its name.
            file.filename = Some(title.map_or("document.pdf".into(), named_as_pdf));
            parts.push(file);
        }
        "url" => {
            file.file_url = Some(source.url.into_required(&at.field("url"))?);
            parts.push(file);
        }
        "file" => {
            file.file_id = Some(source.file_id.into_required(&at.field("file_id"))?);
            parts.push(file);
        }
        "text" => {
            parts.extend(title.and_then(|title| said(made(title), "input_text")));
            parts.push(part("input_text", made(source.data.into_required(&at.field("data"))?.0)));
        }
        "content" => {
            parts.extend(title.and_then(|title| said(made(title), "input_text")));
            let quoted = quoted(&source.content, &at.field("content"), dropped)?;
            parts.extend(quoted.into_iter().map(|part| -> Part<'b> { into_owned(part) }));
        }
        _ => return Err(at.field("type").error_with_path("should be base64, url, file, text or content")),
    }
    Ok(parts)
}

/// What a document quotes: text and images (`ContentBlockSource` of the same types), and so no documents again, which
/// could go on without end.
fn quoted<'b>(
    content: &'b Content<'_>,
    at: &JsonPath<'_>,
    dropped: &mut DroppedFields,
) -> Result<Vec<Part<'b>>, BadRequest> {
    each(content, "input_text", at, |block, at| match block.kind.text() {
        Some(kind) if !matches!(kind, "text" | "image") => {
            dropped.add_caller_name(kind);
            Ok(Vec::new())
        }
        _ => parts(block, "input_text", at, dropped),
    })
}

/// A search result of the caller's own as text: where it is from, and what it says.
fn search_result<'b>(
    block: &'b Block<'_>,
    text_kind: &'static str,
    at: &JsonPath<'_>,
) -> Result<Option<Part<'b>>, BadRequest> {
    let from: Option<Text<'_>> = block.source.as_ref().and_then(Raw::read);
    let TextOrList::List(blocks) = &block.content else {
        return Err(at.field("content").error_with_path("should be a list of blocks"));
    };
    let heading = [block.title.text(), from.as_deref()];
    let said: Vec<_> =
        blocks.iter().filter_map(|block| block.text.text()).map(|text| text.decode()).collect();
    let lines: Vec<&str> = heading.into_iter().flatten().chain(said.iter().map(|text| &**text)).collect();
    Ok((!lines.is_empty()).then(|| part(text_kind, made(lines.join("\n")))))
}

fn data_url(media_type: &str, data: &str) -> Text<'static> {
    format!("data:{media_type};base64,{data}").into()
}

fn named_as_pdf(title: &str) -> Text<'static> {
    if title.to_ascii_lowercase().ends_with(".pdf") {
        title.to_owned().into()
    } else {
        format!("{title}.pdf").into()
    }
}

/// RFC 6838 §4.2.
fn is_of_a_media_type(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/!#$&-^_.+".contains(&byte)
}

fn into_owned(part: Part<'_>) -> Part<'static> {
    let own = |text: Option<Text<'_>>| text.map(Text::into_owned);
    Part {
        kind: part.kind,
        text: part.text.map(|text| made(text.decode().0.into_owned())),
        image_url: own(part.image_url),
        detail: part.detail,
        filename: own(part.filename),
        file_data: own(part.file_data),
        file_url: own(part.file_url),
        file_id: own(part.file_id),
    }
}
