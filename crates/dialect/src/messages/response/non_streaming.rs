//! Encodes a response as one message, for callers who do not stream.

use std::borrow::Cow;

use serde::Serialize;

use super::block_writer::{Block, BlockCollector, json};
use super::blocks::Blocks;
use super::stop_reason::{MessageUsage, StopInfo};
use crate::messages::options::MessageOptions;
use crate::responses::events::event::Response;

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
    stop_info: StopInfo,
    usage: MessageUsage,
}

impl<'a> Message<'a> {
    /// Returns a message without content.
    pub(crate) fn empty(options: &'a MessageOptions, response: &'a Response<'_>) -> Self {
        Self {
            id: id(response),
            kind: "message",
            role: "assistant",
            model: &options.model,
            content: Vec::new(),
            stop_info: StopInfo::default(),
            usage: MessageUsage::of(response, 0),
        }
    }
}

/// Encodes a complete response as one message: the same blocks as in a stream.
pub fn translate_response(response: &Response<'_>, options: &MessageOptions) -> Vec<u8> {
    let mut blocks = Blocks::new(options.clone());
    let mut collector = BlockCollector::default();
    blocks.end(response, &mut collector);
    let message = Message {
        content: collector.blocks,
        stop_info: StopInfo::of(&blocks.state, response, response.incomplete_details.is_none()),
        usage: MessageUsage::of(response, blocks.state.search_count),
        ..Message::empty(options, response)
    };
    let mut out = Vec::new();
    json(&mut out, &message);
    out
}

/// Returns the message's id in the API's format, derived from the response's id.
fn id<'a>(response: &'a Response<'_>) -> Cow<'a, str> {
    let id = response.id.as_deref().filter(|id| !id.is_empty()).unwrap_or("unnamed");
    format!("msg_{}", id.strip_prefix("resp_").unwrap_or(id)).into()
}
