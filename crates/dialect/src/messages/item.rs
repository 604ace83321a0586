//! One item of a response as blocks: as it grows, and what its end adds.

use super::blocks::Blocks;
use super::effort::Thinking;
use super::search;
use super::signature::{self, Sealed};
use super::sink::{Block, Caller, More, Sink, no_arguments};
use crate::json::Raw;
use crate::responses::{Growing, Item, Part};

/// What an item comes to. Others come to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text blocks.
    Message,
    /// A thinking block.
    Reasoning,
    /// A tool use block.
    Call,
    /// A tool use block whose input is text, wrapped.
    CustomCall,
    /// A search and its results.
    Search,
}

/// An item that is being told.
#[derive(Debug)]
pub(super) struct Telling {
    kind: Kind,
    /// The block that is open.
    block: Option<u32>,
    /// What has grown last, and which part of it.
    of: Option<Growing>,
    part: u32,
    /// How many bytes of that part have come.
    come: usize,
}

impl Kind {
    /// What `item` comes to. A call without a name, or without anything to join its result to, cannot be told.
    pub(super) fn of(item: &Item<'_>) -> Option<Self> {
        match &*item.kind {
            "message" => Some(Self::Message),
            "" if item.role.is_some() => Some(Self::Message),
            "reasoning" => Some(Self::Reasoning),
            "function_call" => can_be_called(item).then_some(Self::Call),
            "custom_tool_call" => can_be_called(item).then_some(Self::CustomCall),
            "web_search_call" => Some(Self::Search),
            _ => None,
        }
    }
}

impl Telling {
    /// An item of which nothing is told.
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, block: None, of: None, part: 0, come: 0 }
    }

    /// Begins to tell `item`; nothing when it comes to nothing.
    pub(super) fn begin(item: &Item<'_>, blocks: &mut Blocks, sink: &mut impl Sink) -> Option<Self> {
        let kind = Kind::of(item)?;
        let mut telling = Self::new(kind);
        match kind {
            Kind::Reasoning if blocks.wanted.thinking == Thinking::Unasked => return None,
            Kind::Call | Kind::CustomCall => telling.block = Some(begin_call(item, blocks, sink)),
            Kind::Message | Kind::Reasoning | Kind::Search => {}
        }
        Some(telling)
    }

    /// There is more of it.
    pub(super) fn grow(
        &mut self,
        of: Growing,
        part: u32,
        delta: &str,
        blocks: &mut Blocks,
        sink: &mut impl Sink,
    ) {
        match (self.kind, of) {
            (Kind::Message, Growing::Text | Growing::Refusal) => {
                if self.goes_on_elsewhere(of, part) {
                    self.end_text(blocks, sink);
                }
                blocks.refused |= of == Growing::Refusal;
                self.say(delta, blocks, sink);
            }
            (Kind::Reasoning, Growing::Summary | Growing::Reasoning) => {
                if self.of.is_some_and(|other| other != of) {
                    // Told once, in the words that came first: a summary, or the thoughts themselves.
                    return;
                }
                if self.goes_on_elsewhere(of, part) {
                    self.think("\n\n", blocks, sink);
                }
                self.think(delta, blocks, sink);
            }
            (Kind::Call, Growing::Arguments) => self.argue(delta, sink),
            _ => return,
        }
        self.of = Some(of);
        self.part = part;
        self.come += delta.len();
    }

    /// It is all there: tells what has not come yet, and ends. Without an item there is no more to know.
    pub(super) fn finish(mut self, item: Option<&Item<'_>>, blocks: &mut Blocks, sink: &mut impl Sink) {
        match (self.kind, item) {
            (Kind::Message, Some(item)) => self.finish_message(item, blocks, sink),
            (Kind::Reasoning, item) => self.finish_reasoning(item, blocks, sink),
            (Kind::Call, Some(item)) => {
                let arguments = item.arguments.as_deref().unwrap_or_default();
                self.argue(arguments.get(self.come..).unwrap_or_default(), sink);
            }
            (Kind::CustomCall, Some(item)) => {
                let input = serde_json::json!({ "input": item.input.as_deref().unwrap_or_default() });
                self.argue(&input.to_string(), sink);
            }
            (Kind::Search, Some(item)) => search::tell(item, blocks, sink),
            (Kind::Message | Kind::Call | Kind::CustomCall | Kind::Search, None) => {}
        }
        let links = item.filter(|_| self.kind == Kind::Message).map(search::cited).unwrap_or_default();
        self.close(blocks, sink);
        if !links.is_empty() && blocks.stop.hit().is_none() {
            blocks.tell_searches(&links, sink);
        }
    }

    /// Ends the block that is open.
    pub(super) fn close(mut self, blocks: &mut Blocks, sink: &mut impl Sink) {
        if self.kind == Kind::Message {
            self.end_text(blocks, sink);
        }
        if let Some(block) = self.block {
            sink.end(block);
        }
    }

    fn finish_message(&mut self, item: &Item<'_>, blocks: &mut Blocks, sink: &mut impl Sink) {
        for (index, part) in (0..).zip(parts(item.content.as_ref())) {
            let refusal = part.refusal.as_deref().map(|refusal| (Growing::Refusal, refusal));
            let text = part.text.as_deref().map(|text| (Growing::Text, text));
            if let Some((of, text)) = text.or(refusal) {
                self.grow_rest(of, index, text, blocks, sink);
            }
        }
    }

    /// The signature makes the block whole for the next turn. Where nothing was shown of the reasoning, the block has no
    /// text and all the same its signature, as the API itself answers `display: "omitted"` ("thinking content is
    /// redacted but a signature is returned for multi-turn continuity", types of `@anthropic-ai/sdk` 1.11.0): Claude
    /// Code asks for that and sends such blocks back. `redacted_thinking` would say that a filter took the text away.
    fn finish_reasoning(&mut self, item: Option<&Item<'_>>, blocks: &mut Blocks, sink: &mut impl Sink) {
        if let Some(item) = item {
            let summary = parts(item.summary.as_ref());
            let (of, parts) = if summary.is_empty() {
                (Growing::Reasoning, parts(item.content.as_ref()))
            } else {
                (Growing::Summary, summary)
            };
            for (index, part) in (0..).zip(parts) {
                self.grow_rest(of, index, part.text.as_deref().unwrap_or_default(), blocks, sink);
            }
        }
        let id = item.and_then(|item| item.id.as_deref()).unwrap_or_default();
        let content = item.and_then(|item| item.encrypted_content.as_deref()).unwrap_or_default();
        if self.block.is_none() && content.is_empty() {
            return;
        }
        let signature = signature::seal(&blocks.wanted.tag, Sealed { id, content });
        let block = self.thinking_block(blocks, sink);
        sink.more(block, More::Signature(&signature));
    }

    /// Tells the part `index` of a whole item from where its deltas ended.
    fn grow_rest(&mut self, of: Growing, index: u32, text: &str, blocks: &mut Blocks, sink: &mut impl Sink) {
        let rest = match (self.of, index.cmp(&self.part)) {
            (None, _) | (_, std::cmp::Ordering::Greater) => text,
            (_, std::cmp::Ordering::Equal) => text.get(self.come..).unwrap_or_default(),
            (_, std::cmp::Ordering::Less) => "",
        };
        if !rest.is_empty() {
            self.grow(of, index, rest, blocks, sink);
        }
    }

    fn goes_on_elsewhere(&mut self, of: Growing, part: u32) -> bool {
        let elsewhere = self.of.is_some_and(|last| last != of) || (self.of.is_some() && self.part != part);
        if elsewhere {
            self.come = 0;
        }
        elsewhere
    }

    fn say(&mut self, text: &str, blocks: &mut Blocks, sink: &mut impl Sink) {
        let Blocks { stop, begun, .. } = blocks;
        stop.push(text, |certain| write_text(&mut self.block, begun, certain, sink));
    }

    fn end_text(&mut self, blocks: &mut Blocks, sink: &mut impl Sink) {
        let Blocks { stop, begun, .. } = blocks;
        stop.end(|rest| write_text(&mut self.block, begun, rest, sink));
        if let Some(block) = self.block.take() {
            sink.end(block);
        }
    }

    fn think(&mut self, text: &str, blocks: &mut Blocks, sink: &mut impl Sink) {
        if blocks.wanted.thinking == Thinking::Shown && !text.is_empty() {
            let block = self.thinking_block(blocks, sink);
            sink.more(block, More::Thinking(text));
        }
    }

    fn thinking_block(&mut self, blocks: &mut Blocks, sink: &mut impl Sink) -> u32 {
        *self.block.get_or_insert_with(|| {
            blocks.begin(Block::Thinking { thinking: "".into(), signature: "".into() }, sink)
        })
    }

    fn argue(&self, json: &str, sink: &mut impl Sink) {
        if let Some(block) = self.block.filter(|_| !json.is_empty()) {
            sink.more(block, More::Input(json));
        }
    }
}

fn write_text(block: &mut Option<u32>, begun: &mut u32, text: &str, sink: &mut impl Sink) {
    if text.is_empty() {
        return;
    }
    let block = *block.get_or_insert_with(|| {
        let index = *begun;
        *begun += 1;
        sink.begin(index, Block::Text { text: "".into() });
        index
    });
    sink.more(block, More::Text(text));
}

/// Begins the call with the name that the caller knows. Its input is empty at first: SDKs put the pieces together.
fn begin_call(item: &Item<'_>, blocks: &mut Blocks, sink: &mut impl Sink) -> u32 {
    blocks.called = true;
    let name = item.name.as_deref().unwrap_or_default();
    let name = blocks.wanted.tools.original(name).map_or(name, |tool| &tool.name).to_owned();
    let id = call_id(item).unwrap_or_default();
    let block =
        Block::ToolUse { id: id.into(), name: name.into(), input: no_arguments(), caller: Caller::default() };
    blocks.begin(block, sink)
}

fn can_be_called(item: &Item<'_>) -> bool {
    item.name.as_deref().is_some_and(|name| !name.is_empty()) && call_id(item).is_some()
}

/// What the result of a call is joined by.
pub(super) fn call_id<'i>(item: &'i Item<'_>) -> Option<&'i str> {
    item.call_id.as_deref().or(item.id.as_deref()).filter(|id| !id.is_empty())
}

/// The parts of a message's content or of a summary; text by itself is one part.
pub(super) fn parts<'i>(raw: Option<&'i Raw<'_>>) -> Vec<Part<'i>> {
    let Some(raw) = raw else { return Vec::new() };
    raw.read().unwrap_or_else(|| {
        let text = raw.read();
        text.map(|text| vec![Part { text: Some(text), ..Part::default() }]).unwrap_or_default()
    })
}
