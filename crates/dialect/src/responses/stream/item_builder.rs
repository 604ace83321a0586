//! An item that grows while it is emitter.

use super::event_emitter::{EventEmitter, EventLocation};
use crate::json::{Raw, Text};
use crate::responses::event::DeltaKind;
use crate::responses::item::{Item, Part, item_id};

/// One item of the output.
#[derive(Debug)]
pub(crate) struct ItemBuilder {
    /// Its number on the other side.
    pub(crate) upstream: u32,
    /// Its number here.
    index: usize,
    id: String,
    /// What stays the same while it grows.
    item: Item<'static>,
    parts: Vec<PartBuilder>,
    /// Arguments or input.
    text: String,
    pub(crate) done: bool,
}

/// A part of a message or of reasoning.
#[derive(Debug)]
struct PartBuilder {
    of: DeltaKind,
    /// Its number on the other side.
    upstream: u32,
    text: String,
    annotations: Option<Raw<'static>>,
    open: bool,
}

impl ItemBuilder {
    /// Begins an item and sends that it does.
    pub(crate) fn begin(
        upstream: u32,
        index: usize,
        item: &Item<'_>,
        response_id: &str,
        emitter: &mut EventEmitter,
        out: &mut Vec<u8>,
    ) -> Self {
        let id = item_id(item, response_id, index);
        let mut item = item.clone().into_owned();
        item.id = Some(id.clone().into());
        let grown = Self { upstream, index, id, item, parts: Vec::new(), text: String::new(), done: false };
        emitter.item("response.output_item.added", index, &grown.item("in_progress"), out);
        grown
    }

    /// Whether a delta of this kind can be of this item.
    pub(crate) fn takes(&self, of: DeltaKind) -> bool {
        *self.item.kind == *kind_of(of)
    }

    /// Whether the items are of one kind.
    pub(crate) fn is_like(&self, item: &Item<'_>) -> bool {
        self.item.kind == item.kind
    }

    /// Sends more of the item.
    pub(crate) fn grow(
        &mut self,
        of: DeltaKind,
        part: u32,
        delta: &str,
        emitter: &mut EventEmitter,
        out: &mut Vec<u8>,
    ) {
        match of {
            DeltaKind::FunctionArguments | DeltaKind::CustomToolInput => {
                self.text.push_str(delta);
                emitter.at(of.delta(), self.place(None), ("delta", delta), out);
            }
            _ => {
                if !self.parts.last().is_some_and(|last| last.open && last.of == of && last.upstream == part)
                {
                    self.open(of, part, emitter, out);
                }
                self.say(delta, emitter, out);
            }
        }
    }

    /// Sends what is missing of the item, which is whole now, and that it is done. Without the item, what has been
    /// emitter is all there is. Gives the item.
    pub(crate) fn finish(
        &mut self,
        whole: Option<&Item<'_>>,
        status: &'static str,
        emitter: &mut EventEmitter,
        out: &mut Vec<u8>,
    ) -> Raw<'static> {
        if let Some(whole) = whole {
            self.complete(whole, emitter, out);
        }
        self.close(emitter, out);
        let (of, name) = match &*self.item.kind {
            "function_call" => (Some("response.function_call_arguments.done"), "arguments"),
            "custom_tool_call" => (Some("response.custom_tool_call_input.done"), "input"),
            _ => (None, ""),
        };
        if let Some(kind) = of {
            emitter.at(kind, self.place(None), (name, &self.text), out);
        }
        let item = Raw::from_value(&self.item(status));
        emitter.item("response.output_item.done", self.index, &item, out);
        self.done = true;
        item
    }

    fn complete(&mut self, whole: &Item<'_>, emitter: &mut EventEmitter, out: &mut Vec<u8>) {
        let id = self.item.id.take();
        self.item = Item { id, ..whole.clone().into_owned() };
        match &*whole.kind {
            "function_call" => {
                self.rest_of_text(DeltaKind::FunctionArguments, whole.arguments.as_ref(), emitter, out);
            }
            "custom_tool_call" => {
                self.rest_of_text(DeltaKind::CustomToolInput, whole.input.as_ref(), emitter, out);
            }
            "message" => self.rest_of_parts(whole.content.as_ref(), emitter, out),
            "reasoning" => {
                self.rest_of_parts(whole.summary.as_ref(), emitter, out);
                self.rest_of_parts(whole.content.as_ref(), emitter, out);
            }
            _ => {}
        }
    }

    fn rest_of_text(
        &mut self,
        of: DeltaKind,
        whole: Option<&Text<'_>>,
        emitter: &mut EventEmitter,
        out: &mut Vec<u8>,
    ) {
        let Some(whole) = whole else { return };
        if let Some(rest) = whole.strip_prefix(self.text.as_str()).filter(|rest| !rest.is_empty()) {
            emitter.at(of.delta(), self.place(None), ("delta", rest), out);
        }
        self.text = whole.to_string();
    }

    /// What is missing of the parts. Where what was emitter is not how the whole begins, the whole is the truth.
    fn rest_of_parts(&mut self, whole: Option<&Raw<'_>>, emitter: &mut EventEmitter, out: &mut Vec<u8>) {
        let parts: Vec<Part<'_>> = whole.and_then(Raw::read).unwrap_or_default();
        let known = parts.iter().filter_map(|part| Some((part_kind(part)?, part)));
        for (number, (of, part)) in (0_usize..).zip(known) {
            let text = part.text.as_deref().or(part.refusal.as_deref()).unwrap_or_default();
            let kin = |grown: &&mut PartBuilder| grown.of.is_summary() == of.is_summary();
            match self.parts.iter_mut().filter(kin).nth(number).map(|grown| grown.open && grown.of == of) {
                Some(false) => continue,
                Some(true) => {}
                None => self.open(of, part_number(number), emitter, out),
            }
            let said = self.parts.last().map_or(0, |last| last.text.len());
            let sent_so_far = self.parts.last().is_some_and(|last| text.starts_with(last.text.as_str()));
            if let Some(rest) = text.get(said..).filter(|rest| sent_so_far && !rest.is_empty()) {
                self.say(rest, emitter, out);
            }
            if let Some(last) = self.parts.last_mut() {
                text.clone_into(&mut last.text);
                last.annotations = part.annotations.clone().map(Raw::into_owned);
            }
            self.close(emitter, out);
        }
    }

    fn open(&mut self, of: DeltaKind, upstream: u32, emitter: &mut EventEmitter, out: &mut Vec<u8>) {
        self.close(emitter, out);
        self.parts.push(PartBuilder { of, upstream, text: String::new(), annotations: None, open: true });
        self.tell_part("added", emitter, out);
    }

    fn say(&mut self, delta: &str, emitter: &mut EventEmitter, out: &mut Vec<u8>) {
        let Some(last) = self.parts.last_mut() else { return };
        last.text.push_str(delta);
        let of = last.of;
        emitter.at(of.delta(), self.place(Some(of)), ("delta", delta), out);
    }

    /// Closes the part that is open.
    fn close(&mut self, emitter: &mut EventEmitter, out: &mut Vec<u8>) {
        let Some(last) = self.parts.last_mut().filter(|last| last.open) else { return };
        last.open = false;
        let of = last.of;
        if let Some(last) = self.parts.last() {
            let name = if of == DeltaKind::Refusal { "refusal" } else { "text" };
            emitter.at(of.done(), self.place(Some(of)), (name, &last.text), out);
        }
        self.tell_part("done", emitter, out);
    }

    /// That the last part begins or is done.
    fn tell_part(&self, what: &str, emitter: &mut EventEmitter, out: &mut Vec<u8>) {
        let Some(last) = self.parts.last() else { return };
        let kind = if last.of.is_summary() { "reasoning_summary_part" } else { "content_part" };
        emitter.at(
            &format!("response.{kind}.{what}"),
            self.place(Some(last.of)),
            ("part", &last.part()),
            out,
        );
    }

    /// Where the item is, or the last part of it.
    fn place(&self, of: Option<DeltaKind>) -> EventLocation<'_> {
        let part = of.map(|of| {
            let kin = self.parts.iter().filter(|part| part.of.is_summary() == of.is_summary()).count();
            (if of.is_summary() { "summary_index" } else { "content_index" }, kin.saturating_sub(1))
        });
        EventLocation { item_id: &self.id, output_index: self.index, part }
    }

    /// The item as far as it has grown.
    fn item(&self, status: &'static str) -> Item<'static> {
        let parts = |summary: bool| {
            let kin = self.parts.iter().filter(|part| part.of.is_summary() == summary);
            let parts: Vec<Part<'_>> = kin.map(PartBuilder::part).collect();
            parts
        };
        let text = || Some(self.text.clone().into());
        let mut item = Item { status: Some(status.into()), ..self.item.clone() };
        match &*self.item.kind {
            "message" => {
                item.role = Some("assistant".into());
                item.content = Some(Raw::from_value(&parts(false)));
            }
            "reasoning" => {
                let own = parts(false);
                item.content = (!own.is_empty()).then(|| Raw::from_value(&own));
                item.summary = Some(Raw::from_value(&parts(true)));
            }
            "function_call" => item.arguments = text(),
            "custom_tool_call" => item.input = text(),
            _ => {}
        }
        item
    }
}

impl PartBuilder {
    fn part(&self) -> Part<'_> {
        let text = Some(self.text.as_str().into());
        match self.of {
            DeltaKind::Refusal => Part { kind: "refusal".into(), refusal: text, ..Part::default() },
            DeltaKind::ReasoningSummary => Part { kind: "summary_text".into(), text, ..Part::default() },
            DeltaKind::ReasoningText => Part { kind: "reasoning_text".into(), text, ..Part::default() },
            DeltaKind::Text | DeltaKind::FunctionArguments | DeltaKind::CustomToolInput => Part {
                kind: "output_text".into(),
                text,
                annotations: Some(self.annotations.clone().unwrap_or_else(|| Raw::from_value(&[(); 0]))),
                ..Part::default()
            },
        }
    }
}

impl DeltaKind {
    fn is_summary(self) -> bool {
        self == Self::ReasoningSummary
    }

    fn delta(self) -> &'static str {
        match self {
            Self::Text => "response.output_text.delta",
            Self::Refusal => "response.refusal.delta",
            Self::ReasoningSummary => "response.reasoning_summary_text.delta",
            Self::ReasoningText => "response.reasoning_text.delta",
            Self::FunctionArguments => "response.function_call_arguments.delta",
            Self::CustomToolInput => "response.custom_tool_call_input.delta",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Text => "response.output_text.done",
            Self::Refusal => "response.refusal.done",
            Self::ReasoningSummary => "response.reasoning_summary_text.done",
            Self::ReasoningText => "response.reasoning_text.done",
            Self::FunctionArguments => "response.function_call_arguments.done",
            Self::CustomToolInput => "response.custom_tool_call_input.done",
        }
    }
}

/// The kind of item that grows by such deltas.
pub(crate) fn kind_of(of: DeltaKind) -> &'static str {
    match of {
        DeltaKind::Text | DeltaKind::Refusal => "message",
        DeltaKind::ReasoningSummary | DeltaKind::ReasoningText => "reasoning",
        DeltaKind::FunctionArguments => "function_call",
        DeltaKind::CustomToolInput => "custom_tool_call",
    }
}

fn part_kind(part: &Part<'_>) -> Option<DeltaKind> {
    match &*part.kind {
        "output_text" => Some(DeltaKind::Text),
        "refusal" => Some(DeltaKind::Refusal),
        "summary_text" => Some(DeltaKind::ReasoningSummary),
        "reasoning_text" => Some(DeltaKind::ReasoningText),
        _ => None,
    }
}

/// The number of a part that came with the whole item only.
fn part_number(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
