//! Builds an output item from its deltas while its events are written.

use super::event_emitter::{EventEmitter, EventLocation};
use crate::json::{Raw, Text};
use crate::responses::events::event::DeltaKind;
use crate::responses::events::item::{Item, Part, item_id};

/// One output item.
#[derive(Debug)]
pub(crate) struct ItemBuilder {
    /// The item's output index at the upstream.
    pub(crate) upstream: u32,
    /// The item's output index here.
    index: usize,
    id: String,
    /// The fields that do not change with deltas.
    item: Item<'static>,
    parts: Vec<PartBuilder>,
    /// The arguments of a function call, or the input of a custom tool call.
    text: String,
    pub(crate) done: bool,
}

/// A part of a message or of reasoning.
#[derive(Debug)]
struct PartBuilder {
    of: DeltaKind,
    /// The part's index at the upstream.
    upstream: u32,
    text: String,
    annotations: Option<Raw<'static>>,
    open: bool,
}

impl ItemBuilder {
    /// Begins an item and writes its `response.output_item.added`.
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
        let part = Self { upstream, index, id, item, parts: Vec::new(), text: String::new(), done: false };
        emitter.item_event("response.output_item.added", index, &part.item("in_progress"), out);
        part
    }

    /// Returns whether a delta of this kind can belong to this item.
    pub(crate) fn takes(&self, of: DeltaKind) -> bool {
        *self.item.kind == *of.item_type()
    }

    /// Returns whether the items have the same type.
    pub(crate) fn is_like(&self, item: &Item<'_>) -> bool {
        self.item.kind == item.kind
    }

    /// Adds a delta and writes its events.
    pub(crate) fn add_delta(
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
                emitter.part_event(of.delta(), self.location(None), ("delta", delta), out);
            }
            _ => {
                if !self.parts.last().is_some_and(|last| last.open && last.of == of && last.upstream == part)
                {
                    self.open(of, part, emitter, out);
                }
                self.add_text(delta, emitter, out);
            }
        }
    }

    /// Writes what is missing of the item and that it is done. Returns the item.
    ///
    /// Without the complete item, what was written is all there is.
    pub(crate) fn finish(
        &mut self,
        complete_item: Option<&Item<'_>>,
        status: &'static str,
        emitter: &mut EventEmitter,
        out: &mut Vec<u8>,
    ) -> Raw<'static> {
        if let Some(complete_item) = complete_item {
            self.write_missing(complete_item, emitter, out);
        }
        self.close(emitter, out);
        let (of, name) = match &*self.item.kind {
            "function_call" => (Some("response.function_call_arguments.done"), "arguments"),
            "custom_tool_call" => (Some("response.custom_tool_call_input.done"), "input"),
            _ => (None, ""),
        };
        if let Some(kind) = of {
            emitter.part_event(kind, self.location(None), (name, &self.text), out);
        }
        let item = Raw::from_value(&self.item(status));
        emitter.item_event("response.output_item.done", self.index, &item, out);
        self.done = true;
        item
    }

    fn write_missing(&mut self, complete_item: &Item<'_>, emitter: &mut EventEmitter, out: &mut Vec<u8>) {
        let id = self.item.id.take();
        self.item = Item { id, ..complete_item.clone().into_owned() };
        match &*complete_item.kind {
            "function_call" => {
                self.write_missing_text(
                    DeltaKind::FunctionArguments,
                    complete_item.arguments.as_ref(),
                    emitter,
                    out,
                );
            }
            "custom_tool_call" => {
                self.write_missing_text(
                    DeltaKind::CustomToolInput,
                    complete_item.input.as_ref(),
                    emitter,
                    out,
                );
            }
            "message" => self.write_missing_parts(complete_item.content.as_ref(), emitter, out),
            "reasoning" => {
                self.write_missing_parts(complete_item.summary.as_ref(), emitter, out);
                self.write_missing_parts(complete_item.content.as_ref(), emitter, out);
            }
            _ => {}
        }
    }

    fn write_missing_text(
        &mut self,
        of: DeltaKind,
        complete_item: Option<&Text<'_>>,
        emitter: &mut EventEmitter,
        out: &mut Vec<u8>,
    ) {
        let Some(complete_item) = complete_item else { return };
        if let Some(rest) = complete_item.strip_prefix(self.text.as_str()).filter(|rest| !rest.is_empty()) {
            emitter.part_event(of.delta(), self.location(None), ("delta", rest), out);
        }
        self.text = complete_item.to_string();
    }

    /// Writes what is missing of the parts. If the complete text does not begin with what was written, the complete
    /// text is authoritative.
    fn write_missing_parts(
        &mut self,
        complete_item: Option<&Raw<'_>>,
        emitter: &mut EventEmitter,
        out: &mut Vec<u8>,
    ) {
        let parts: Vec<Part<'_>> = complete_item.and_then(Raw::read).unwrap_or_default();
        let known = parts.iter().filter_map(|part| Some((delta_kind_of_part(part)?, part)));
        for (number, (of, part)) in (0_usize..).zip(known) {
            let text = part.text.as_deref().or(part.refusal.as_deref()).unwrap_or_default();
            let same_kind = |part: &&mut PartBuilder| part.of.is_summary() == of.is_summary();
            match self.parts.iter_mut().filter(same_kind).nth(number).map(|part| part.open && part.of == of) {
                Some(false) => continue,
                Some(true) => {}
                None => self.open(of, part_number(number), emitter, out),
            }
            let written = self.parts.last().map_or(0, |last| last.text.len());
            let sent_so_far = self.parts.last().is_some_and(|last| text.starts_with(last.text.as_str()));
            if let Some(rest) = text.get(written..).filter(|rest| sent_so_far && !rest.is_empty()) {
                self.add_text(rest, emitter, out);
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
        self.write_part_event("added", emitter, out);
    }

    fn add_text(&mut self, delta: &str, emitter: &mut EventEmitter, out: &mut Vec<u8>) {
        let Some(last) = self.parts.last_mut() else { return };
        last.text.push_str(delta);
        let of = last.of;
        emitter.part_event(of.delta(), self.location(Some(of)), ("delta", delta), out);
    }

    /// Closes the open part.
    fn close(&mut self, emitter: &mut EventEmitter, out: &mut Vec<u8>) {
        let Some(last) = self.parts.last_mut().filter(|last| last.open) else { return };
        last.open = false;
        let of = last.of;
        if let Some(last) = self.parts.last() {
            let name = if of == DeltaKind::Refusal { "refusal" } else { "text" };
            emitter.part_event(of.done(), self.location(Some(of)), (name, &last.text), out);
        }
        self.write_part_event("done", emitter, out);
    }

    /// Writes that the last part begins or is done.
    fn write_part_event(&self, what: &str, emitter: &mut EventEmitter, out: &mut Vec<u8>) {
        let Some(last) = self.parts.last() else { return };
        let kind = if last.of.is_summary() { "reasoning_summary_part" } else { "content_part" };
        emitter.part_event(
            &format!("response.{kind}.{what}"),
            self.location(Some(last.of)),
            ("part", &last.part()),
            out,
        );
    }

    /// Returns the location of the item, or of its last part.
    fn location(&self, of: Option<DeltaKind>) -> EventLocation<'_> {
        let part = of.map(|of| {
            let same_kind = self.parts.iter().filter(|part| part.of.is_summary() == of.is_summary()).count();
            (if of.is_summary() { "summary_index" } else { "content_index" }, same_kind.saturating_sub(1))
        });
        EventLocation { item_id: &self.id, output_index: self.index, part }
    }

    /// Returns the item as far as it was built.
    fn item(&self, status: &'static str) -> Item<'static> {
        let parts = |summary: bool| {
            let same_kind = self.parts.iter().filter(|part| part.of.is_summary() == summary);
            let parts: Vec<Part<'_>> = same_kind.map(PartBuilder::part).collect();
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

fn delta_kind_of_part(part: &Part<'_>) -> Option<DeltaKind> {
    match &*part.kind {
        "output_text" => Some(DeltaKind::Text),
        "refusal" => Some(DeltaKind::Refusal),
        "summary_text" => Some(DeltaKind::ReasoningSummary),
        "reasoning_text" => Some(DeltaKind::ReasoningText),
        _ => None,
    }
}

/// Returns the index of a part that came only with the complete item.
fn part_number(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
