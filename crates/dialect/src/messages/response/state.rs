//! The state that all items of one response share.

use super::block_writer::{Block, BlockDelta, BlockWriter};
use super::stop_sequences::StopSequenceMatcher;
use crate::chat_completions::open_reasoning;
use crate::messages::options::MessageOptions;
use crate::messages::signature::{self, EncryptedReasoning};
use crate::responses::events::item::Item;

/// The state of one response across its items.
#[derive(Debug)]
pub(crate) struct ResponseState {
    pub(crate) options: MessageOptions,
    pub(crate) stop: StopSequenceMatcher,
    /// How many web searches there were: the API counts them in `usage`.
    pub(crate) search_count: u64,
    /// Searches whose links have not arrived.
    pub(crate) pending_searches: Vec<PendingSearch>,
    /// Whether one of the caller's tools was called.
    pub(crate) has_tool_call: bool,
    /// The signatures of reasoning that is not shown but has to come back with a call.
    held_signatures: Vec<String>,
    /// Whether the model refused.
    pub(crate) has_refusal: bool,
    /// The index of the next block.
    pub(crate) next_index: u32,
}

/// A web search without its results.
#[derive(Debug)]
pub(crate) struct PendingSearch {
    pub(crate) id: String,
    /// `{"query":…}`.
    pub(crate) input: String,
}

impl ResponseState {
    /// Returns the state of a response without items.
    pub(crate) fn new(options: MessageOptions) -> Self {
        Self {
            stop: StopSequenceMatcher::new(options.stop_sequences.clone()),
            options,
            search_count: 0,
            pending_searches: Vec::new(),
            has_tool_call: false,
            held_signatures: Vec::new(),
            has_refusal: false,
            next_index: 0,
        }
    }

    /// Returns the signature that carries `item`.
    pub(crate) fn signature(&self, item: Option<&Item<'_>>) -> String {
        let id = item.and_then(|item| item.id.as_deref()).unwrap_or_default();
        let content = item.and_then(|item| item.encrypted_content.as_deref()).unwrap_or_default();
        signature::encode(&self.options.owner_tag, EncryptedReasoning { id, content })
    }

    /// Handles reasoning of a caller who did not ask for any. A service with open reasoning rejects its calls without
    /// it, so a thinking block without text carries it, but only beside a call: other callers take the first block
    /// for the text.
    pub(crate) fn hold_reasoning(&mut self, item: &Item<'_>, writer: &mut impl BlockWriter) {
        if item.encrypted_content.as_deref().is_some_and(open_reasoning::is_open_reasoning) {
            let signature = self.signature(Some(item));
            self.held_signatures.push(signature);
        }
        if self.has_tool_call {
            self.write_held_reasoning(writer);
        }
    }

    /// Writes the thinking blocks that belong to a call.
    pub(crate) fn write_held_reasoning(&mut self, writer: &mut impl BlockWriter) {
        for signature in std::mem::take(&mut self.held_signatures) {
            let block = Block::Thinking { thinking: "".into(), signature: "".into() };
            let block = self.begin_block(block, writer);
            writer.delta(block, BlockDelta::Signature(&signature));
            writer.end(block);
        }
    }

    /// Begins a block and returns its index.
    pub(crate) fn begin_block(&mut self, block: Block<'_>, writer: &mut impl BlockWriter) -> u32 {
        let index = self.next_index;
        self.next_index += 1;
        writer.begin(index, block);
        index
    }
}
