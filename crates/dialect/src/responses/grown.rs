//! An item that grows while it is sent.

use super::item::item_id;
use super::sent::{Place, Sent};
use super::{Growing, Item, Part};
use crate::json::{Raw, Text};

/// One item of the output.
#[derive(Debug)]
pub(super) struct Grown {
    /// Its number on the other side.
    pub(super) upstream: u32,
    /// Its number here.
    index: usize,
    id: String,
    /// What stays the same while it grows.
    item: Item<'static>,
    parts: Vec<GrownPart>,
    /// Arguments or input.
    text: String,
    pub(super) done: bool,
}

/// A part of a message or of reasoning.
#[derive(Debug)]
struct GrownPart {
    of: Growing,
    /// Its number on the other side.
    upstream: u32,
    text: String,
    annotations: Option<Raw<'static>>,
    open: bool,
}

impl Grown {
    /// Begins an item and sends that it does.
    pub(super) fn begin(
        upstream: u32,
        index: usize,
        item: &Item<'_>,
        response_id: &str,
        sent: &mut Sent,
        out: &mut Vec<u8>,
    ) -> Self {
        let id = item_id(item, response_id, index);
        let mut item = item.clone().into_owned();
        item.id = Some(id.clone().into());
        let grown = Self { upstream, index, id, item, parts: Vec::new(), text: String::new(), done: false };
        sent.item("response.output_item.added", index, &grown.item("in_progress"), out);
        grown
    }

    /// Whether a delta of this kind can be of this item.
    pub(super) fn takes(&self, of: Growing) -> bool {
        *self.item.kind == *kind_of(of)
    }

    /// Whether the items are of one kind.
    pub(super) fn is_like(&self, item: &Item<'_>) -> bool {
        self.item.kind == item.kind
    }

    /// Sends more of the item.
    pub(super) fn grow(&mut self, of: Growing, part: u32, delta: &str, sent: &mut Sent, out: &mut Vec<u8>) {
        match of {
            Growing::Arguments | Growing::Input => {
                self.text.push_str(delta);
                sent.at(of.delta(), self.place(None), ("delta", delta), out);
            }
            _ => {
                if !self.parts.last().is_some_and(|last| last.open && last.of == of && last.upstream == part)
                {
                    self.open(of, part, sent, out);
                }
                self.say(delta, sent, out);
            }
        }
    }

    /// Sends what is missing of the item, which is whole now, and that it is done. Without the item, what has been
    /// sent is all there is. Gives the item.
    pub(super) fn finish(
        &mut self,
        whole: Option<&Item<'_>>,
        status: &'static str,
        sent: &mut Sent,
        out: &mut Vec<u8>,
    ) -> Raw<'static> {
        if let Some(whole) = whole {
            self.complete(whole, sent, out);
        }
        self.close(sent, out);
        let (of, name) = match &*self.item.kind {
            "function_call" => (Some("response.function_call_arguments.done"), "arguments"),
            "custom_tool_call" => (Some("response.custom_tool_call_input.done"), "input"),
            _ => (None, ""),
        };
        if let Some(kind) = of {
            sent.at(kind, self.place(None), (name, &self.text), out);
        }
        let item = Raw::of(&self.item(status));
        sent.item("response.output_item.done", self.index, &item, out);
        self.done = true;
        item
    }

    fn complete(&mut self, whole: &Item<'_>, sent: &mut Sent, out: &mut Vec<u8>) {
        let id = self.item.id.take();
        self.item = Item { id, ..whole.clone().into_owned() };
        match &*whole.kind {
            "function_call" => self.rest_of_text(Growing::Arguments, whole.arguments.as_ref(), sent, out),
            "custom_tool_call" => self.rest_of_text(Growing::Input, whole.input.as_ref(), sent, out),
            "message" => self.rest_of_parts(whole.content.as_ref(), sent, out),
            "reasoning" => {
                self.rest_of_parts(whole.summary.as_ref(), sent, out);
                self.rest_of_parts(whole.content.as_ref(), sent, out);
            }
            _ => {}
        }
    }

    fn rest_of_text(&mut self, of: Growing, whole: Option<&Text<'_>>, sent: &mut Sent, out: &mut Vec<u8>) {
        let Some(whole) = whole else { return };
        if let Some(rest) = whole.strip_prefix(self.text.as_str()).filter(|rest| !rest.is_empty()) {
            sent.at(of.delta(), self.place(None), ("delta", rest), out);
        }
        self.text = whole.to_string();
    }

    /// What is missing of the parts. Where what was sent is not how the whole begins, the whole is the truth.
    fn rest_of_parts(&mut self, whole: Option<&Raw<'_>>, sent: &mut Sent, out: &mut Vec<u8>) {
        let parts: Vec<Part<'_>> = whole.and_then(Raw::read).unwrap_or_default();
        let known = parts.iter().filter_map(|part| Some((part_kind(part)?, part)));
        for (number, (of, part)) in (0_usize..).zip(known) {
            let text = part.text.as_deref().or(part.refusal.as_deref()).unwrap_or_default();
            let kin = |grown: &&mut GrownPart| grown.of.is_summary() == of.is_summary();
            match self.parts.iter_mut().filter(kin).nth(number).map(|grown| grown.open && grown.of == of) {
                Some(false) => continue,
                Some(true) => {}
                None => self.open(of, part_number(number), sent, out),
            }
            let said = self.parts.last().map_or(0, |last| last.text.len());
            let sent_so_far = self.parts.last().is_some_and(|last| text.starts_with(last.text.as_str()));
            if let Some(rest) = text.get(said..).filter(|rest| sent_so_far && !rest.is_empty()) {
                self.say(rest, sent, out);
            }
            if let Some(last) = self.parts.last_mut() {
                text.clone_into(&mut last.text);
                last.annotations = part.annotations.clone().map(Raw::into_owned);
            }
            self.close(sent, out);
        }
    }

    fn open(&mut self, of: Growing, upstream: u32, sent: &mut Sent, out: &mut Vec<u8>) {
        self.close(sent, out);
        self.parts.push(GrownPart { of, upstream, text: String::new(), annotations: None, open: true });
        self.tell_part("added", sent, out);
    }

    fn say(&mut self, delta: &str, sent: &mut Sent, out: &mut Vec<u8>) {
        let Some(last) = self.parts.last_mut() else { return };
        last.text.push_str(delta);
        let of = last.of;
        sent.at(of.delta(), self.place(Some(of)), ("delta", delta), out);
    }

    /// Closes the part that is open.
    fn close(&mut self, sent: &mut Sent, out: &mut Vec<u8>) {
        let Some(last) = self.parts.last_mut().filter(|last| last.open) else { return };
        last.open = false;
        let of = last.of;
        if let Some(last) = self.parts.last() {
            let name = if of == Growing::Refusal { "refusal" } else { "text" };
            sent.at(of.done(), self.place(Some(of)), (name, &last.text), out);
        }
        self.tell_part("done", sent, out);
    }

    /// That the last part begins or is done.
    fn tell_part(&self, what: &str, sent: &mut Sent, out: &mut Vec<u8>) {
        let Some(last) = self.parts.last() else { return };
        let kind = if last.of.is_summary() { "reasoning_summary_part" } else { "content_part" };
        sent.at(&format!("response.{kind}.{what}"), self.place(Some(last.of)), ("part", &last.part()), out);
    }

    /// Where the item is, or the last part of it.
    fn place(&self, of: Option<Growing>) -> Place<'_> {
        let part = of.map(|of| {
            let kin = self.parts.iter().filter(|part| part.of.is_summary() == of.is_summary()).count();
            (if of.is_summary() { "summary_index" } else { "content_index" }, kin.saturating_sub(1))
        });
        Place { item_id: &self.id, output_index: self.index, part }
    }

    /// The item as far as it has grown.
    fn item(&self, status: &'static str) -> Item<'static> {
        let parts = |summary: bool| {
            let kin = self.parts.iter().filter(|part| part.of.is_summary() == summary);
            let parts: Vec<Part<'_>> = kin.map(GrownPart::part).collect();
            parts
        };
        let text = || Some(self.text.clone().into());
        let mut item = Item { status: Some(status.into()), ..self.item.clone() };
        match &*self.item.kind {
            "message" => {
                item.role = Some("assistant".into());
                item.content = Some(Raw::of(&parts(false)));
            }
            "reasoning" => {
                let own = parts(false);
                item.content = (!own.is_empty()).then(|| Raw::of(&own));
                item.summary = Some(Raw::of(&parts(true)));
            }
            "function_call" => item.arguments = text(),
            "custom_tool_call" => item.input = text(),
            _ => {}
        }
        item
    }
}

impl GrownPart {
    fn part(&self) -> Part<'_> {
        let text = Some(self.text.as_str().into());
        match self.of {
            Growing::Refusal => Part { kind: "refusal".into(), refusal: text, ..Part::default() },
            Growing::Summary => Part { kind: "summary_text".into(), text, ..Part::default() },
            Growing::Reasoning => Part { kind: "reasoning_text".into(), text, ..Part::default() },
            Growing::Text | Growing::Arguments | Growing::Input => Part {
                kind: "output_text".into(),
                text,
                annotations: Some(self.annotations.clone().unwrap_or_else(|| Raw::of(&[(); 0]))),
                ..Part::default()
            },
        }
    }
}

impl Growing {
    fn is_summary(self) -> bool {
        self == Self::Summary
    }

    fn delta(self) -> &'static str {
        match self {
            Self::Text => "response.output_text.delta",
            Self::Refusal => "response.refusal.delta",
            Self::Summary => "response.reasoning_summary_text.delta",
            Self::Reasoning => "response.reasoning_text.delta",
            Self::Arguments => "response.function_call_arguments.delta",
            Self::Input => "response.custom_tool_call_input.delta",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Text => "response.output_text.done",
            Self::Refusal => "response.refusal.done",
            Self::Summary => "response.reasoning_summary_text.done",
            Self::Reasoning => "response.reasoning_text.done",
            Self::Arguments => "response.function_call_arguments.done",
            Self::Input => "response.custom_tool_call_input.done",
        }
    }
}

/// The kind of item that grows by such deltas.
pub(super) fn kind_of(of: Growing) -> &'static str {
    match of {
        Growing::Text | Growing::Refusal => "message",
        Growing::Summary | Growing::Reasoning => "reasoning",
        Growing::Arguments => "function_call",
        Growing::Input => "custom_tool_call",
    }
}

fn part_kind(part: &Part<'_>) -> Option<Growing> {
    match &*part.kind {
        "output_text" => Some(Growing::Text),
        "refusal" => Some(Growing::Refusal),
        "summary_text" => Some(Growing::Summary),
        "reasoning_text" => Some(Growing::Reasoning),
        _ => None,
    }
}

/// The number of a part that came with the whole item only.
fn part_number(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
