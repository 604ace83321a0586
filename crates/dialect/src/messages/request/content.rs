//! Translates content blocks into parts of a Responses message or result.

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
    /// Of an image: a URL, or a `data:` URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    image_url: Option<Text<'b>>,
    /// Of an image: the resolution it is processed at.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
    /// Of a file: its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<Text<'b>>,
    /// Of a file: a `data:` URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_data: Option<Text<'b>>,
    /// Of a file: a URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_url: Option<Text<'b>>,
    /// Of a file or an image: the id of an earlier upload.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_id: Option<Text<'b>>,
}

/// Translates one block of text, an image or a file.
///
/// The type of text depends on the speaker: `input_text` or `output_text`. Empty if the block is empty or of a type
/// that cannot be carried.
pub(crate) fn block_parts<'b>(
    block: &'b Block<'_>,
    text_kind: &'static str,
    at: &JsonPath<'_>,
    dropped: &mut DroppedFields,
) -> Result<Vec<Part<'b>>, BadRequest> {
    Ok(match block.kind.required(&at.field("type"))? {
        "text" => text_part(block.text.required(&at.field("text"))?, text_kind).into_iter().collect(),
        "image" => vec![image(source(block, at)?, &at.field("source"))?],
        "document" => document(block, at, dropped)?,
        "search_result" => search_result(block, text_kind, at)?.into_iter().collect(),
        // The service's summary of the beginning of a conversation: all that is left of it.
        "compaction" => content_parts(&block.content, text_kind, &at.field("content"), dropped)?,
        // The tool's definition is among the tools.
        "tool_reference" => {
            let name = block.tool_name.required(&at.field("tool_name"))?;
            vec![new_part(text_kind, owned_text(format!("The tool {name} is available.")))]
        }
        kind => {
            dropped.add_caller_name(kind);
            Vec::new()
        }
    })
}

/// Translates the content of one speaker: a string, or blocks.
pub(crate) fn content_parts<'b>(
    content: &'b Content<'_>,
    text_kind: &'static str,
    at: &JsonPath<'_>,
    dropped: &mut DroppedFields,
) -> Result<Vec<Part<'b>>, BadRequest> {
    each(content, text_kind, at, |block, at| block_parts(block, text_kind, at, dropped))
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
        TextOrList::Text(text) => all.extend(text_part(text.clone(), text_kind)),
        TextOrList::List(blocks) => {
            for (index, block) in blocks.iter().enumerate() {
                all.extend(parts(block, &at.index(index))?);
            }
        }
        TextOrList::Other => return Err(at.error_with_path("should be a string or a list of blocks")),
    }
    Ok(all)
}

/// Returns a text part; `None` for an empty text, which some backends reject.
pub(crate) fn text_part<'b>(text: JsonString<'b>, kind: &'static str) -> Option<Part<'b>> {
    (!text.is_empty()).then(|| new_part(kind, text))
}

fn new_part<'b>(kind: &'static str, text: JsonString<'b>) -> Part<'b> {
    Part { kind, text: Some(text), ..Part::default() }
}

/// Returns text that is not encoded yet.
pub(crate) fn owned_text<'b>(text: impl Into<Cow<'b, str>>) -> JsonString<'b> {
    JsonString::Text(text.into())
}

fn source<'b>(block: &'b Block<'_>, at: &JsonPath<'_>) -> Result<Source<'b>, BadRequest> {
    let at = at.field("source");
    parse::object(block.source.as_ref().ok_or_else(|| at.error_with_path("field required"))?, &at)
}

/// Translates an image to `input_image`: a URL as it is, base64 as a `data:` URL (types of the npm package `openai`
/// 6.49.0, `ResponseInputImage`).
fn image<'b>(source: Source<'b>, at: &JsonPath<'_>) -> Result<Part<'b>, BadRequest> {
    let (mut image_url, mut file_id) = (None, None);
    match source.kind.required(&at.field("type"))? {
        "base64" => {
            let media_type = source.media_type.required(&at.field("media_type"))?;
            if !media_type.starts_with("image/") || !media_type.bytes().all(is_media_type_char) {
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

/// Translates a document to `input_file`, or to its text (`ResponseInputFile` of the same types).
///
/// Its title becomes the name of the file or, like its context, a line above the text.
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
        context.and_then(|context| text_part(owned_text(context), "input_text")).into_iter().collect();
    match source.kind.required(&at.field("type"))? {
        "base64" => {
            let media_type = source.media_type.required(&at.field("media_type"))?;
            if media_type != "application/pdf" {
                return Err(at.field("media_type").error_with_path("should be application/pdf"));
            }
            file.file_data = Some(data_url(media_type, source.data.required(&at.field("data"))?));
            // The backend recognizes the type of a file by its name.
            file.filename = Some(title.map_or("document.pdf".into(), pdf_filename));
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
            parts.extend(title.and_then(|title| text_part(owned_text(title), "input_text")));
            parts.push(new_part("input_text", owned_text(source.data.into_required(&at.field("data"))?.0)));
        }
        "content" => {
            parts.extend(title.and_then(|title| text_part(owned_text(title), "input_text")));
            let quoted = quoted(&source.content, &at.field("content"), dropped)?;
            parts.extend(quoted.into_iter().map(|part| -> Part<'b> { into_owned(part) }));
        }
        _ => return Err(at.field("type").error_with_path("should be base64, url, file, text or content")),
    }
    Ok(parts)
}

/// Translates what a document quotes: text and images (`ContentBlockSource` of the same types). Documents are
/// excluded, because they could nest without end.
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
        _ => block_parts(block, "input_text", at, dropped),
    })
}

/// Translates the caller's own search result to text: its title, its URL and what it says.
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
    let texts: Vec<_> =
        blocks.iter().filter_map(|block| block.text.text()).map(|text| text.decode()).collect();
    let lines: Vec<&str> = heading.into_iter().flatten().chain(texts.iter().map(|text| &**text)).collect();
    Ok((!lines.is_empty()).then(|| new_part(text_kind, owned_text(lines.join("\n")))))
}

fn data_url(media_type: &str, data: &str) -> Text<'static> {
    format!("data:{media_type};base64,{data}").into()
}

fn pdf_filename(title: &str) -> Text<'static> {
    if title.to_ascii_lowercase().ends_with(".pdf") {
        title.to_owned().into()
    } else {
        format!("{title}.pdf").into()
    }
}

/// Returns whether a media type may contain `byte` (RFC 6838 §4.2).
fn is_media_type_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/!#$&-^_.+".contains(&byte)
}

fn into_owned(part: Part<'_>) -> Part<'static> {
    let own = |text: Option<Text<'_>>| text.map(Text::into_owned);
    Part {
        kind: part.kind,
        text: part.text.map(|text| owned_text(text.decode().0.into_owned())),
        image_url: own(part.image_url),
        detail: part.detail,
        filename: own(part.filename),
        file_data: own(part.file_data),
        file_url: own(part.file_url),
        file_id: own(part.file_id),
    }
}
