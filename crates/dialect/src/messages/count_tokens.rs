//! Visits what the model reads of a request: the gateway responds to `POST /v1/messages/count_tokens` on this computer,
//! with a tokenizer.

use super::request::parse::{self, text_or_list};
use super::request::translate::{messages, without_billing_line};
use super::request::types::{Block, Content, Fields, Source, TextOrList, Tool};
use crate::countable::{Countable, image_size};
use crate::error::BadRequest;
use crate::json::path::JsonPath;
use crate::json::{Raw, RawObject, Text};

/// Calls `visit` with everything that the model reads of a `messages` or `count_tokens` request: the system prompt,
/// every message, and every tool.
///
/// Signatures, ids and parameters are not part of it.
pub fn visit_countable(body: &[u8], mut visit: impl FnMut(Countable<'_>)) -> Result<(), BadRequest> {
    let request = RawObject::parse(body)?;
    let fields = Fields::of(&request);
    system(&fields, &mut visit)?;
    tools(&fields, &mut visit)?;
    for message in messages(&fields)? {
        visit(Countable::Message);
        content(&message.content, &mut visit);
    }
    Ok(())
}

fn system(fields: &Fields<'_>, visit: &mut impl FnMut(Countable<'_>)) -> Result<(), BadRequest> {
    let system: Content<'_> = text_or_list(fields.get("system"), &JsonPath::root("system"))?;
    if !matches!(system, TextOrList::Absent) {
        visit(Countable::Message);
    }
    content(&system, &mut |countable| match countable {
        Countable::Text(text_value) => text(Some(without_billing_line(text_value)), visit),
        other => visit(other),
    });
    Ok(())
}

fn tools(fields: &Fields<'_>, visit: &mut impl FnMut(Countable<'_>)) -> Result<(), BadRequest> {
    let at = JsonPath::root("tools");
    let TextOrList::List(tools) = text_or_list::<Tool<'_>>(fields.get("tools"), &at)? else { return Ok(()) };
    for tool in &tools {
        visit_tool(tool, visit);
    }
    Ok(())
}

fn visit_tool(tool: &Tool<'_>, visit: &mut impl FnMut(Countable<'_>)) {
    text(tool.name.text(), visit);
    text(tool.description.text(), visit);
    text(tool.input_schema.as_ref().map(Raw::get), visit);
}

fn content(content: &Content<'_>, visit: &mut dyn FnMut(Countable<'_>)) {
    match content {
        TextOrList::Text(text_value) => text(Some(&text_value.decode()), visit),
        TextOrList::List(blocks) => blocks.iter().for_each(|block| self::block(block, visit)),
        TextOrList::Absent | TextOrList::Other => {}
    }
}

/// Visits the readable fields of a block of any type; unknown types by the fields they share.
fn block(block: &Block<'_>, visit: &mut dyn FnMut(Countable<'_>)) {
    for text_value in [&block.text, &block.thinking] {
        text(text_value.text().map(|text_value| text_value.decode()).as_deref(), visit);
    }
    for text_value in [&block.title, &block.context, &block.name, &block.tool_name] {
        text(text_value.text(), visit);
    }
    text(block.input.as_ref().map(Raw::get), visit);
    content(&block.content, visit);
    let Some(source) = &block.source else { return };
    match parse::object::<Source<'_>>(source, &JsonPath::root("source")) {
        Ok(source) if block.kind.text() == Some("image") => visit(Countable::Image { size: size(&source) }),
        Ok(source) => document(&source, visit),
        // The URL of a search result.
        Err(_) => text(source.read::<Text<'_>>().as_deref(), visit),
    }
}

fn document(source: &Source<'_>, visit: &mut dyn FnMut(Countable<'_>)) {
    match (source.kind.text(), source.data.text()) {
        (Some("text"), text_value) => text(text_value, visit),
        (Some("content"), _) => quoted(&source.content, visit),
        // Four base64 digits are three bytes.
        (_, data) => visit(Countable::File { bytes: data.map(|data| data.len() / 4 * 3) }),
    }
}

/// Visits what a document quotes: text and images.
fn quoted(content: &Content<'_>, visit: &mut dyn FnMut(Countable<'_>)) {
    match content {
        TextOrList::Text(text_value) => text(Some(&text_value.decode()), visit),
        TextOrList::List(blocks) => {
            for block in blocks {
                text(block.text.text().map(|text_value| text_value.decode()).as_deref(), visit);
                let image = block.source.as_ref().filter(|_| block.kind.text() == Some("image"));
                if let Some(source) = image.and_then(|raw| parse::object(raw, &JsonPath::root("source")).ok())
                {
                    visit(Countable::Image { size: size(&source) });
                }
            }
        }
        TextOrList::Absent | TextOrList::Other => {}
    }
}

fn text(text: Option<&str>, visit: &mut (impl FnMut(Countable<'_>) + ?Sized)) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        visit(Countable::Text(text));
    }
}

/// Returns the size of an image that is in the request.
fn size(source: &Source<'_>) -> Option<(u32, u32)> {
    image_size(source.data.text()?)
}
