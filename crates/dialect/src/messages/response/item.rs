//! Encodes one item of a response as blocks: its deltas, and what the complete item adds.

use super::block_writer::{Block, BlockDelta, BlockWriter, Caller, no_arguments};
use super::state::ResponseState;
use super::web_search;
use crate::messages::options::ThinkingDisplay;
use crate::responses::events::call_arguments::CallArguments;
use crate::responses::events::event::DeltaKind;
use crate::responses::events::item::{Item, Part};

/// The kind of blocks that an item becomes. Other items become nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text blocks.
    Message,
    /// A thinking block.
    Reasoning,
    /// A tool use block.
    Call,
    /// A tool use block whose input is text, wrapped as `{"input":…}`.
    CustomCall,
    /// A search and its results.
    Search,
}

/// Encodes one item.
#[derive(Debug)]
pub(crate) struct ItemEncoder {
    kind: Kind,
    /// The open block.
    block: Option<u32>,
    /// The kind of the last delta.
    last_kind: Option<DeltaKind>,
    part: u32,
    /// How many bytes of that part were written.
    written: usize,
    arguments: CallArguments,
}

impl Kind {
    /// Returns the kind of `item`. A call without a name or an id cannot be encoded.
    pub(crate) fn of(item: &Item<'_>) -> Option<Self> {
        match &*item.kind {
            _ if item.is_message() => Some(Self::Message),
            "reasoning" => Some(Self::Reasoning),
            "function_call" => has_name_and_id(item).then_some(Self::Call),
            "custom_tool_call" => has_name_and_id(item).then_some(Self::CustomCall),
            "web_search_call" => Some(Self::Search),
            _ => None,
        }
    }
}

impl ItemEncoder {
    /// Returns an encoder that has written nothing.
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, block: None, last_kind: None, part: 0, written: 0, arguments: CallArguments::default() }
    }

    /// Begins to encode `item`; `None` if it becomes nothing.
    pub(crate) fn begin(
        item: &Item<'_>,
        state: &mut ResponseState,
        writer: &mut impl BlockWriter,
    ) -> Option<Self> {
        let kind = Kind::of(item)?;
        let mut encoder = Self::new(kind);
        match kind {
            Kind::Reasoning if state.options.thinking == ThinkingDisplay::Disabled => return None,
            Kind::Call | Kind::CustomCall => encoder.block = Some(begin_call(item, state, writer)),
            Kind::Message | Kind::Reasoning | Kind::Search => {}
        }
        Some(encoder)
    }

    /// Encodes a delta.
    pub(crate) fn add_delta(
        &mut self,
        of: DeltaKind,
        part: u32,
        delta: &str,
        state: &mut ResponseState,
        writer: &mut impl BlockWriter,
    ) {
        match (self.kind, of) {
            (Kind::Message, DeltaKind::Text | DeltaKind::Refusal) => {
                if self.starts_other_part(of, part) {
                    self.end_text(state, writer);
                }
                state.has_refusal |= of == DeltaKind::Refusal;
                self.write_message_text(delta, state, writer);
            }
            (Kind::Reasoning, DeltaKind::ReasoningSummary | DeltaKind::ReasoningText) => {
                if self.last_kind.is_some_and(|other| other != of) {
                    // Only one of the two is encoded, the one that came first: the summary or the reasoning text.
                    return;
                }
                if self.starts_other_part(of, part) {
                    self.write_thinking("\n\n", state, writer);
                }
                self.write_thinking(delta, state, writer);
            }
            (Kind::Call, DeltaKind::FunctionArguments) => {
                // Blank arguments are an empty object, which SDKs make of nothing.
                let json = self.arguments.take(delta);
                self.write_arguments(json, writer);
            }
            _ => return,
        }
        self.last_kind = Some(of);
        self.part = part;
        self.written += delta.len();
    }

    /// Encodes what is missing and ends the item. Without the complete item there is nothing more to know.
    pub(crate) fn finish(
        mut self,
        item: Option<&Item<'_>>,
        state: &mut ResponseState,
        writer: &mut impl BlockWriter,
    ) {
        match (self.kind, item) {
            (Kind::Message, Some(item)) => self.finish_message(item, state, writer),
            (Kind::Reasoning, item) => self.finish_reasoning(item, state, writer),
            (Kind::Call, Some(item)) => {
                let arguments = item.arguments.as_deref().unwrap_or_default();
                let rest = self.arguments.take_rest(arguments);
                self.write_arguments(rest, writer);
            }
            (Kind::CustomCall, Some(item)) => {
                let input = serde_json::json!({ "input": item.input.as_deref().unwrap_or_default() });
                self.write_arguments(&input.to_string(), writer);
            }
            (Kind::Search, Some(item)) => web_search::write(item, state, writer),
            (Kind::Message | Kind::Call | Kind::CustomCall | Kind::Search, None) => {}
        }
        let links = item.filter(|_| self.kind == Kind::Message).map(web_search::cited).unwrap_or_default();
        self.close(state, writer);
        if !links.is_empty() && state.stop.hit().is_none() {
            web_search::write_pending(&links, state, writer);
        }
    }

    /// Ends the open block.
    pub(crate) fn close(mut self, state: &mut ResponseState, writer: &mut impl BlockWriter) {
        if self.kind == Kind::Message {
            self.end_text(state, writer);
        }
        if let Some(block) = self.block {
            writer.end(block);
        }
    }

    fn finish_message(&mut self, item: &Item<'_>, state: &mut ResponseState, writer: &mut impl BlockWriter) {
        for (index, part) in (0..).zip(Part::list(item.content.as_ref())) {
            let refusal = part.refusal.as_deref().map(|refusal| (DeltaKind::Refusal, refusal));
            let text = part.text.as_deref().map(|text| (DeltaKind::Text, text));
            if let Some((of, text)) = text.or(refusal) {
                self.add_rest(of, index, text, state, writer);
            }
        }
    }

    /// Writes the rest of the reasoning and its signature, which carries the encrypted reasoning to the next turn.
    ///
    /// If no reasoning was shown, the block has a signature and no text, as the API itself responds to `display:
    /// "omitted"` ("thinking content is redacted but a signature is returned for multi-turn continuity", types of
    /// `@anthropic-ai/sdk` 1.11.0): Claude Code asks for that and sends such blocks back. `redacted_thinking` would
    /// mean that a filter removed the text.
    fn finish_reasoning(
        &mut self,
        item: Option<&Item<'_>>,
        state: &mut ResponseState,
        writer: &mut impl BlockWriter,
    ) {
        if let Some(item) = item {
            let summary = Part::list(item.summary.as_ref());
            let (of, parts) = if summary.is_empty() {
                (DeltaKind::ReasoningText, Part::list(item.content.as_ref()))
            } else {
                (DeltaKind::ReasoningSummary, summary)
            };
            for (index, part) in (0..).zip(parts) {
                self.add_rest(of, index, part.text.as_deref().unwrap_or_default(), state, writer);
            }
        }
        let content = item.and_then(|item| item.encrypted_content.as_deref()).unwrap_or_default();
        if self.block.is_none() && content.is_empty() {
            return;
        }
        let signature = state.signature(item);
        let block = self.thinking_block(state, writer);
        writer.delta(block, BlockDelta::Signature(&signature));
    }

    /// Encodes the part `index` of a complete item from where its deltas ended.
    fn add_rest(
        &mut self,
        of: DeltaKind,
        index: u32,
        text: &str,
        state: &mut ResponseState,
        writer: &mut impl BlockWriter,
    ) {
        let rest = match (self.last_kind, index.cmp(&self.part)) {
            (None, _) | (_, std::cmp::Ordering::Greater) => text,
            (_, std::cmp::Ordering::Equal) => text.get(self.written..).unwrap_or_default(),
            (_, std::cmp::Ordering::Less) => "",
        };
        if !rest.is_empty() {
            self.add_delta(of, index, rest, state, writer);
        }
    }

    fn starts_other_part(&mut self, of: DeltaKind, part: u32) -> bool {
        let is_other = self.last_kind.is_some_and(|last| last != of || self.part != part);
        if is_other {
            self.written = 0;
        }
        is_other
    }

    fn write_message_text(&mut self, text: &str, state: &mut ResponseState, writer: &mut impl BlockWriter) {
        let ResponseState { stop, next_index, .. } = state;
        stop.push(text, |text| write_text(&mut self.block, next_index, text, writer));
    }

    fn end_text(&mut self, state: &mut ResponseState, writer: &mut impl BlockWriter) {
        let ResponseState { stop, next_index, .. } = state;
        stop.end(|rest| write_text(&mut self.block, next_index, rest, writer));
        if let Some(block) = self.block.take() {
            writer.end(block);
        }
    }

    fn write_thinking(&mut self, text: &str, state: &mut ResponseState, writer: &mut impl BlockWriter) {
        if state.options.thinking == ThinkingDisplay::Summarized && !text.is_empty() {
            let block = self.thinking_block(state, writer);
            writer.delta(block, BlockDelta::Thinking(text));
        }
    }

    fn thinking_block(&mut self, state: &mut ResponseState, writer: &mut impl BlockWriter) -> u32 {
        *self.block.get_or_insert_with(|| {
            state.begin_block(Block::Thinking { thinking: "".into(), signature: "".into() }, writer)
        })
    }

    fn write_arguments(&self, json: &str, writer: &mut impl BlockWriter) {
        if let Some(block) = self.block.filter(|_| !json.is_empty()) {
            writer.delta(block, BlockDelta::Input(json));
        }
    }
}

fn write_text(block: &mut Option<u32>, next_index: &mut u32, text: &str, writer: &mut impl BlockWriter) {
    if text.is_empty() {
        return;
    }
    let block = *block.get_or_insert_with(|| {
        let index = *next_index;
        *next_index += 1;
        writer.begin(index, Block::Text { text: "".into() });
        index
    });
    writer.delta(block, BlockDelta::Text(text));
}

/// Begins the call under the caller's name for the tool. Its input is empty at first: SDKs join the fragments.
fn begin_call(item: &Item<'_>, state: &mut ResponseState, writer: &mut impl BlockWriter) -> u32 {
    state.write_held_reasoning(writer);
    state.has_tool_call = true;
    let name = item.name.as_deref().unwrap_or_default();
    let name = state.options.tools.original(name).map_or(name, |tool| &tool.name).to_owned();
    let id = item.pairing_id().unwrap_or_default();
    let block =
        Block::ToolUse { id: id.into(), name: name.into(), input: no_arguments(), caller: Caller::default() };
    state.begin_block(block, writer)
}

fn has_name_and_id(item: &Item<'_>) -> bool {
    item.name.as_deref().is_some_and(|name| !name.is_empty()) && item.pairing_id().is_some()
}
