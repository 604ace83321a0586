//! An answer as one message, for callers who do not stream.

use std::borrow::Cow;

use serde::Serialize;

use super::blocks::Blocks;
use super::ending::{Ending, Usage};
use super::sink::{Block, Gathered, json};
use super::writer::Wanted;
use crate::responses::Response;

/// A message of the model (types of `@anthropic-ai/sdk` 1.11.0, `Message`).
#[derive(Debug, Serialize)]
pub(super) struct Message<'a> {
    id: Cow<'a, str>,
    #[serde(rename = "type")]
    kind: &'static str,
    role: &'static str,
    model: &'a str,
    content: Vec<Block<'static>>,
    #[serde(flatten)]
    ending: Ending,
    usage: Usage,
}

impl<'a> Message<'a> {
    /// A message that has said nothing.
    pub(super) fn begun(wanted: &'a Wanted, response: &'a Response<'_>) -> Self {
        Self {
            id: id(response),
            kind: "message",
            role: "assistant",
            model: &wanted.model,
            content: Vec::new(),
            ending: Ending::default(),
            usage: Usage::of(response, 0),
        }
    }
}

/// Puts a response, of which all is known, into one message: the same blocks as a stream would have.
pub fn whole(response: &Response<'_>, wanted: &Wanted) -> Vec<u8> {
    let mut blocks = Blocks::new(wanted.clone());
    let mut gathered = Gathered::default();
    blocks.end(response, &mut gathered);
    let message = Message {
        content: gathered.blocks,
        ending: Ending::of(&blocks, response, response.incomplete_details.is_none()),
        usage: Usage::of(response, blocks.searches.made),
        ..Message::begun(wanted, response)
    };
    let mut out = Vec::new();
    json(&mut out, &message);
    out
}

/// An id as the API's are, from the response's own: the same response has the same one.
fn id<'a>(response: &'a Response<'_>) -> Cow<'a, str> {
    let id = response.id.as_deref().filter(|id| !id.is_empty()).unwrap_or("unnamed");
    format!("msg_{}", id.strip_prefix("resp_").unwrap_or(id)).into()
}
