//! What the model has to read of a request, piece by piece: `POST /v1/messages/count_tokens` is answered here, on this
//! computer, by whoever has a tokenizer (`features.md` A2).

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::request::parse::{self, listed};
use super::request::translate::{messages, without_billing_line};
use super::request::types::{Block, Content, Fields, Source, TextOrList, Tool};
use crate::error::BadRequest;
use crate::json::path::JsonPath;
use crate::json::{Raw, RawObject, Text};

/// One thing to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Countable<'a> {
    /// A message begins; the system prompt is one. What follows is in it.
    Message,
    /// Text, JSON of schemas and arguments included.
    Text(&'a str),
    /// An image.
    Image {
        /// Its pixels across and down, where its first bytes tell them: not for one that is only an address.
        size: Option<(u32, u32)>,
    },
    /// A file that is not text.
    File {
        /// How long it is; absent for one that is only an address.
        bytes: Option<usize>,
    },
}

/// How much of an image is decoded at first. Sizes stand at the beginning, in a JPEG behind what a camera says about
/// the picture.
const HEAD: usize = 64 * 1024;

/// Base64 as it comes: a piece of it need not end where its bits do.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Walks the body of a `messages` or `count_tokens` request and calls `each` with what the model reads: the system
/// prompt, every message, and every tool. Signatures, ids and what only steers are no part of it.
pub fn visit_countable(body: &[u8], mut each: impl FnMut(Countable<'_>)) -> Result<(), BadRequest> {
    let request = RawObject::parse(body)?;
    let fields = Fields::of(&request);
    system(&fields, &mut each)?;
    tools(&fields, &mut each)?;
    for message in messages(&fields)? {
        each(Countable::Message);
        content(&message.content, &mut each);
    }
    Ok(())
}

fn system(fields: &Fields<'_>, each: &mut impl FnMut(Countable<'_>)) -> Result<(), BadRequest> {
    let system: Content<'_> = listed(fields.get("system"), &JsonPath::root("system"))?;
    if !matches!(system, TextOrList::Absent) {
        each(Countable::Message);
    }
    content(&system, &mut |countable| match countable {
        Countable::Text(said) => text(Some(without_billing_line(said)), each),
        other => each(other),
    });
    Ok(())
}

fn tools(fields: &Fields<'_>, each: &mut impl FnMut(Countable<'_>)) -> Result<(), BadRequest> {
    let at = JsonPath::root("tools");
    let TextOrList::List(tools) = listed::<Tool<'_>>(fields.get("tools"), &at)? else { return Ok(()) };
    for tool in &tools {
        of_tool(tool, each);
    }
    Ok(())
}

fn of_tool(tool: &Tool<'_>, each: &mut impl FnMut(Countable<'_>)) {
    text(tool.name.text(), each);
    text(tool.description.text(), each);
    text(tool.input_schema.as_ref().map(Raw::get), each);
}

fn content(content: &Content<'_>, each: &mut dyn FnMut(Countable<'_>)) {
    match content {
        TextOrList::Text(said) => text(Some(&said.decode()), each),
        TextOrList::List(blocks) => blocks.iter().for_each(|block| self::block(block, each)),
        TextOrList::Absent | TextOrList::Other => {}
    }
}

/// Counts what a block of any kind has that is read; kinds of tomorrow by the fields that they share.
fn block(block: &Block<'_>, each: &mut dyn FnMut(Countable<'_>)) {
    for said in [&block.text, &block.thinking] {
        text(said.said().map(|said| said.decode()).as_deref(), each);
    }
    for said in [&block.title, &block.context, &block.name, &block.tool_name] {
        text(said.text(), each);
    }
    text(block.input.as_ref().map(Raw::get), each);
    content(&block.content, each);
    let Some(source) = &block.source else { return };
    match parse::object::<Source<'_>>(source, &JsonPath::root("source")) {
        Ok(source) if block.kind.text() == Some("image") => each(Countable::Image { size: size(&source) }),
        Ok(source) => document(&source, each),
        // The address of a search result.
        Err(_) => text(source.read::<Text<'_>>().as_deref(), each),
    }
}

fn document(source: &Source<'_>, each: &mut dyn FnMut(Countable<'_>)) {
    match (source.kind.text(), source.data.text()) {
        (Some("text"), said) => text(said, each),
        (Some("content"), _) => quoted(&source.content, each),
        // Four digits of base64 are three bytes.
        (_, data) => each(Countable::File { bytes: data.map(|data| data.len() / 4 * 3) }),
    }
}

/// What a document quotes: text and images.
fn quoted(content: &Content<'_>, each: &mut dyn FnMut(Countable<'_>)) {
    match content {
        TextOrList::Text(said) => text(Some(&said.decode()), each),
        TextOrList::List(blocks) => {
            for block in blocks {
                text(block.text.said().map(|said| said.decode()).as_deref(), each);
                let image = block.source.as_ref().filter(|_| block.kind.text() == Some("image"));
                if let Some(source) = image.and_then(|raw| parse::object(raw, &JsonPath::root("source")).ok())
                {
                    each(Countable::Image { size: size(&source) });
                }
            }
        }
        TextOrList::Absent | TextOrList::Other => {}
    }
}

fn text(text: Option<&str>, each: &mut (impl FnMut(Countable<'_>) + ?Sized)) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        each(Countable::Text(text));
    }
}

/// The size of an image that is in the request: read from its first bytes, and from all of them where they do not tell.
fn size(source: &Source<'_>) -> Option<(u32, u32)> {
    let data = source.data.text()?.as_bytes();
    [data.get(..HEAD), Some(data)].into_iter().flatten().find_map(|base64| {
        let size = imagesize::blob_size(&LENIENT.decode(base64).ok()?).ok()?;
        Some((u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?))
    })
}
