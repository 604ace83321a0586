//! The state that all items of one response share.

use super::block_writer::{Block, BlockWriter};
use super::stop_sequences::StopSequenceMatcher;
use crate::messages::options::MessageOptions;

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
            has_refusal: false,
            next_index: 0,
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
