//! An answer as one message, for callers who do not stream.

use std::borrow::Cow;

use serde::Serialize;

use super::block_writer::{Block, BlockCollector, json};
use super::blocks::Blocks;
use super::stop_reason::{StopInfo, Usage};
use crate::messages::options::MessageOptions;
use crate::responses::event::Response;

/// A message of the model (types of `@anthropic-ai/sdk` 1.11.0, `Message`).
#[derive(Debug, Serialize)]
pub(crate) struct Message<'a> {
    id: Cow<'a, str>,
    #[serde(rename = "type")]
    kind: &'static str,
    role: &'static str,
    model: &'a str,
    content: Vec<Block<'static>>,
    #[serde(flatten)]
    ending: StopInfo,
    usage: Usage,
}

impl<'a> Message<'a> {
    /// A message that has said nothing.
    pub(crate) fn begun(options: &'a MessageOptions, response: &'a Response<'_>) -> Self {
        Self {
            id: id(response),
            kind: "message",
            role: "assistant",
            model: &options.model,
            content: Vec::new(),
            ending: StopInfo::default(),
            usage: Usage::of(response, 0),
        }
    }
}

/// Puts a response, of which all is known, into one message: the same blocks as a stream would have.
pub fn translate_response(response: &Response<'_>, options: &MessageOptions) -> Vec<u8> {
    let mut blocks = Blocks::new(options.clone());
    let mut collector = BlockCollector::default();
    blocks.end(response, &mut collector);
    let message = Message {
        content: collector.blocks,
        ending: StopInfo::of(&blocks.state, response, response.incomplete_details.is_none()),
        usage: Usage::of(response, blocks.state.search_count),
        ..Message::begun(options, response)
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
