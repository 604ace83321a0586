//! Where the blocks of a response are written: into a stream as they come, or into one message.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::json::Raw;

/// One block, as it begins in a stream and as it is in a message (types of `@anthropic-ai/sdk` 1.11.0,
/// `ContentBlock`).
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Block<'a> {
    /// Text.
    Text { text: Cow<'a, str> },
    /// Reasoning.
    Thinking { thinking: Cow<'a, str>, signature: Cow<'a, str> },
    /// A call of one of the caller's tools.
    ToolUse { id: Cow<'a, str>, name: Cow<'a, str>, input: Raw<'a>, caller: Caller },
    /// A search that the backend made.
    ServerToolUse { id: Cow<'a, str>, name: &'static str, input: Raw<'a>, caller: Caller },
    /// The results of the search.
    WebSearchToolResult { tool_use_id: Cow<'a, str>, content: SearchResult, caller: Caller },
}

/// Who calls a tool: always the model itself.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[serde(tag = "type", rename = "direct")]
pub(crate) struct Caller {}

/// The result of a search.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum SearchResult {
    Links(Vec<Link>),
    Failed(SearchError),
}

/// A failed search; the backend gives no reason.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename = "web_search_tool_result_error")]
pub(crate) struct SearchError {
    pub(crate) error_code: &'static str,
}

/// A page that a search found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename = "web_search_result")]
pub(crate) struct Link {
    pub(crate) url: String,
    pub(crate) title: String,
    /// Anthropic's own text of the page, which callers do not read; there is none here.
    pub(crate) encrypted_content: &'static str,
    pub(crate) page_age: Option<&'static str>,
}

/// A delta of a block.
#[derive(Debug, Clone, Copy)]
pub(crate) enum BlockDelta<'a> {
    /// Of a text.
    Text(&'a str),
    /// Of thinking.
    Thinking(&'a str),
    /// The complete signature of a thinking block: SDKs keep the last one (`MessageStream` of `@anthropic-ai/sdk`
    /// 1.11.0, `accumulate_event` of `anthropic` 2.11.0).
    Signature(&'a str),
    /// Of a call's arguments: a fragment of JSON.
    Input(&'a str),
}

/// Takes blocks, one after the other.
pub(crate) trait BlockWriter {
    /// Begins a block. Its index is one more than that of the block before.
    fn begin(&mut self, index: u32, block: Block<'_>);
    /// Adds a delta to the block.
    fn delta(&mut self, index: u32, delta: BlockDelta<'_>);
    /// Ends the block.
    fn end(&mut self, index: u32);
}

/// Writes blocks as server-sent events, straight into the output: nothing is allocated for a delta of text.
#[derive(Debug)]
pub(crate) struct SseBlockWriter<'o>(pub(crate) &'o mut Vec<u8>);

impl BlockWriter for SseBlockWriter<'_> {
    fn begin(&mut self, index: u32, block: Block<'_>) {
        self.head("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":", index);
        self.0.extend_from_slice(b",\"content_block\":");
        json(self.0, &block);
        self.0.extend_from_slice(b"}\n\n");
    }

    fn delta(&mut self, index: u32, delta: BlockDelta<'_>) {
        let (kind, text) = match delta {
            BlockDelta::Text(text) => (",\"delta\":{\"type\":\"text_delta\",\"text\":", text),
            BlockDelta::Thinking(text) => (",\"delta\":{\"type\":\"thinking_delta\",\"thinking\":", text),
            BlockDelta::Signature(text) => (",\"delta\":{\"type\":\"signature_delta\",\"signature\":", text),
            BlockDelta::Input(text) => (",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":", text),
        };
        self.head("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":", index);
        self.0.extend_from_slice(kind.as_bytes());
        json(self.0, text);
        self.0.extend_from_slice(b"}}\n\n");
    }

    fn end(&mut self, index: u32) {
        self.head("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":", index);
        self.0.extend_from_slice(b"}\n\n");
    }
}

impl SseBlockWriter<'_> {
    fn head(&mut self, head: &'static str, index: u32) {
        self.0.extend_from_slice(head.as_bytes());
        json(self.0, &index);
    }
}

/// Collects blocks into the content of one message.
#[derive(Debug, Default)]
pub(crate) struct BlockCollector {
    pub(crate) blocks: Vec<Block<'static>>,
    /// The arguments of the current call.
    input: String,
}

impl BlockWriter for BlockCollector {
    fn begin(&mut self, _: u32, block: Block<'_>) {
        self.blocks.push(block.into_owned());
        self.input.clear();
    }

    fn delta(&mut self, _: u32, delta: BlockDelta<'_>) {
        match (delta, self.blocks.last_mut()) {
            (BlockDelta::Text(delta), Some(Block::Text { text })) => text.to_mut().push_str(delta),
            (BlockDelta::Thinking(delta), Some(Block::Thinking { thinking, .. })) => {
                thinking.to_mut().push_str(delta);
            }
            (BlockDelta::Signature(all), Some(Block::Thinking { signature, .. })) => {
                all.clone_into(signature.to_mut());
            }
            (BlockDelta::Input(delta), _) => self.input.push_str(delta),
            (BlockDelta::Text(_) | BlockDelta::Thinking(_) | BlockDelta::Signature(_), _) => {}
        }
    }

    fn end(&mut self, _: u32) {
        if let Some(Block::ToolUse { input, .. } | Block::ServerToolUse { input, .. }) =
            self.blocks.last_mut()
            && !self.input.is_empty()
        {
            *input = arguments(&self.input);
        }
    }
}

/// Parses arguments into the object that a message has.
///
/// Invalid JSON, for example cut off by a limit, becomes an empty object, as in the SDKs when they read a stream.
fn arguments(text: &str) -> Raw<'static> {
    match RawValue::from_string(text.trim().to_owned()) {
        Ok(raw) if raw.get().starts_with('{') => Raw::Owned(raw),
        _ => no_arguments(),
    }
}

/// `{}`: how the arguments of a call begin.
pub(crate) fn no_arguments() -> Raw<'static> {
    Raw::from_value(&serde_json::Map::new())
}

/// Writes `value` as JSON. A vector takes everything, and what is written here has no keys that JSON lacks.
pub(crate) fn json(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    serde_json::to_writer(out, value).expect("a vector takes all JSON");
}

impl Block<'_> {
    fn into_owned(self) -> Block<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            Self::Text { text } => Block::Text { text: own(text) },
            Self::Thinking { thinking, signature } => {
                Block::Thinking { thinking: own(thinking), signature: own(signature) }
            }
            Self::ToolUse { id, name, input, caller } => {
                Block::ToolUse { id: own(id), name: own(name), input: input.into_owned(), caller }
            }
            Self::ServerToolUse { id, name, input, caller } => {
                Block::ServerToolUse { id: own(id), name, input: input.into_owned(), caller }
            }
            Self::WebSearchToolResult { tool_use_id, content, caller } => {
                Block::WebSearchToolResult { tool_use_id: own(tool_use_id), content, caller }
            }
        }
    }
}
