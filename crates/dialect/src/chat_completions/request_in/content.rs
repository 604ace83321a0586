//! Translates the parts of Chat Completions messages into parts of Responses items.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::dropped_fields::DroppedFields;
use crate::error::BadRequest;
use crate::json::Raw;
use crate::json::object::{self, Object};
use crate::json::path::JsonPath;

/// The prefix of a part's fields in `x-usher-dropped`.
const PARTS: &str = "messages[].content[].";

/// A part of an item.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum InputPart<'a> {
    InputText {
        text: Raw<'a>,
        #[serde(flatten)]
        breakpoint: Breakpoint<'a>,
    },
    OutputText {
        text: &'a RawValue,
    },
    Refusal {
        refusal: &'a RawValue,
    },
    InputImage {
        image_url: &'a RawValue,
        /// The reference requires it.
        detail: Raw<'a>,
        #[serde(flatten)]
        breakpoint: Breakpoint<'a>,
    },
    InputFile {
        #[serde(skip_serializing_if = "Option::is_none")]
        filename: Option<&'a RawValue>,
        #[serde(skip_serializing_if = "Option::is_none")]
        file_data: Option<&'a RawValue>,
        #[serde(skip_serializing_if = "Option::is_none")]
        file_id: Option<&'a RawValue>,
        #[serde(flatten)]
        breakpoint: Breakpoint<'a>,
    },
}

impl<'a> InputPart<'a> {
    /// Returns a part with this text of a caller.
    pub(crate) fn text(text: Raw<'a>) -> Self {
        Self::InputText { text, breakpoint: Breakpoint { prompt_cache_breakpoint: None } }
    }
}

/// The end of a prefix that will be sent again: both APIs have it, on the same parts.
#[derive(Serialize)]
pub(crate) struct Breakpoint<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_breakpoint: Option<&'a RawValue>,
}

/// Translates the content of a user, developer or tool message: a string or parts.
pub(crate) fn input_parts<'a>(
    content: &'a RawValue,
    path: &JsonPath<'_>,
    dropped: &mut DroppedFields,
) -> Result<Vec<InputPart<'a>>, BadRequest> {
    if object::is_string(content) {
        return Ok(vec![InputPart::text(Raw::Borrowed(content))]);
    }
    let parts = object::objects(content, path)?.into_iter().enumerate();
    parts.map(|(index, part)| input_part(part, &path.index(index), dropped)).collect()
}

fn input_part<'a>(
    mut part: Object<'a>,
    path: &JsonPath<'_>,
    dropped: &mut DroppedFields,
) -> Result<InputPart<'a>, BadRequest> {
    let kind = part.text("type", path)?.unwrap_or_default();
    let breakpoint = Breakpoint { prompt_cache_breakpoint: part.take("prompt_cache_breakpoint") };
    let read = match &*kind {
        "text" => InputPart::InputText { text: Raw::Borrowed(part.required("text", path)?), breakpoint },
        "image_url" => {
            let (image_url, detail) = image(&mut part, path, dropped)?;
            InputPart::InputImage { image_url, detail, breakpoint }
        }
        "file" => file(&mut part, path, breakpoint, dropped)?,
        "input_audio" => return Err(path.error("Sound cannot be carried to this model.")),
        _ => return Err(path.field("type").error("This must be text, image_url or file.")),
    };
    dropped.add_remaining(PARTS, part);
    Ok(read)
}

/// Returns the URL of an image, which may be a `data:` URL, and its detail. Some clients send the URL without the
/// object around it.
fn image<'a>(
    part: &mut Object<'a>,
    path: &JsonPath<'_>,
    dropped: &mut DroppedFields,
) -> Result<(&'a RawValue, Raw<'a>), BadRequest> {
    let path = path.field("image_url");
    let auto = || Raw::from_value(&"auto");
    let raw = part.take("image_url").ok_or_else(|| path.error("This is required."))?;
    if object::is_string(raw) {
        return Ok((raw, auto()));
    }
    let mut image = Object::read(raw, &path)?;
    let url = image.required("url", &path)?;
    let detail = image.string("detail", &path)?.map_or_else(auto, Raw::Borrowed);
    dropped.add_remaining("messages[].content[].image_url.", image);
    Ok((url, detail))
}

fn file<'a>(
    part: &mut Object<'a>,
    path: &JsonPath<'_>,
    breakpoint: Breakpoint<'a>,
    dropped: &mut DroppedFields,
) -> Result<InputPart<'a>, BadRequest> {
    let at = path.field("file");
    let mut file = part.object("file", path)?.ok_or_else(|| at.error("This is required."))?;
    let filename = file.string("filename", &at)?;
    let (file_data, file_id) = (file.string("file_data", &at)?, file.string("file_id", &at)?);
    if file_data.is_none() && file_id.is_none() {
        return Err(at.error("This needs file_data or file_id."));
    }
    dropped.add_remaining("messages[].content[].file.", file);
    Ok(InputPart::InputFile { filename, file_data, file_id, breakpoint })
}

/// Translates the content of an assistant message: `content`, a string or parts, and `refusal`.
///
/// Empty text, which clients send beside calls, is not a message.
pub(crate) fn output_parts<'a>(
    message: &mut Object<'a>,
    path: &JsonPath<'_>,
    dropped: &mut DroppedFields,
) -> Result<Vec<InputPart<'a>>, BadRequest> {
    let not_empty = |raw: &&RawValue| raw.get() != "\"\"";
    let mut parts = match message.take("content") {
        None => Vec::new(),
        Some(text) if object::is_string(text) => {
            Some(text).filter(not_empty).map(|text| InputPart::OutputText { text }).into_iter().collect()
        }
        Some(list) => output_part_list(list, &path.field("content"), dropped)?,
    };
    let refusal = message.string("refusal", path)?.filter(not_empty);
    parts.extend(refusal.map(|refusal| InputPart::Refusal { refusal }));
    Ok(parts)
}

fn output_part_list<'a>(
    list: &'a RawValue,
    path: &JsonPath<'_>,
    dropped: &mut DroppedFields,
) -> Result<Vec<InputPart<'a>>, BadRequest> {
    let mut parts = Vec::new();
    for (index, mut part) in object::objects(list, path)?.into_iter().enumerate() {
        let path = path.index(index);
        parts.push(match &*part.text("type", &path)?.unwrap_or_default() {
            "text" => InputPart::OutputText { text: part.required("text", &path)? },
            "refusal" => InputPart::Refusal { refusal: part.required("refusal", &path)? },
            _ => return Err(path.field("type").error("This must be text or refusal.")),
        });
        dropped.add_remaining(PARTS, part);
    }
    Ok(parts)
}

/// Decodes parts that must be text.
pub(crate) fn texts<'a>(
    list: &'a RawValue,
    path: &JsonPath<'_>,
    dropped: &mut DroppedFields,
) -> Result<Vec<Cow<'a, str>>, BadRequest> {
    let mut texts = Vec::new();
    for (index, mut part) in object::objects(list, path)?.into_iter().enumerate() {
        let path = path.index(index);
        if part.text("type", &path)?.as_deref() != Some("text") {
            return Err(path.field("type").error("This must be text."));
        }
        texts.push(object::text(part.required("text", &path)?, &path.field("text"))?.0);
        dropped.add_remaining(PARTS, part);
    }
    Ok(texts)
}
