//! Encodes the items of a response as blocks of a message: one open block at a time, with consecutive indexes,
//! whatever order the items come in.
//!
//! The SDKs require this order: an index is a position in the list of blocks, so none may be left out, and a delta
//! goes to the block that began with its index (`MessageStream` of `@anthropic-ai/sdk` 1.11.0, `accumulate_event`
//! of `anthropic` 2.11.0). Items that come while another is being encoded wait for its end.

use std::collections::BTreeMap;

use super::block_writer::BlockWriter;
use super::item::{ItemEncoder, Kind};
use super::state::ResponseState;
use super::web_search;
use crate::messages::options::{MessageOptions, ThinkingDisplay};
use crate::responses::events::commentary::CommentaryFilter;
use crate::responses::events::event::{DeltaKind, Event, Response};
use crate::responses::events::item::Item;
use crate::responses::events::item_places::ItemPlaces;

/// Encodes the items of one response, one after the other.
#[derive(Debug)]
pub(crate) struct Blocks {
    pub(crate) state: ResponseState,
    /// The item that is being encoded, with its place.
    current: Option<(u32, ItemEncoder)>,
    waiting: BTreeMap<u32, Waiting>,
    /// The places of finished items.
    finished: Vec<u32>,
    places: ItemPlaces,
    commentary: CommentaryFilter,
}

/// An item that came while another was being encoded.
#[derive(Debug, Default)]
struct Waiting {
    /// The item as it began.
    added: Option<Item<'static>>,
    /// Its deltas since.
    deltas: Vec<(DeltaKind, u32, String)>,
    /// The complete item.
    done: Option<Item<'static>>,
}

impl Blocks {
    /// Returns an encoder that has written nothing.
    pub(crate) fn new(options: MessageOptions) -> Self {
        Self {
            state: ResponseState::new(options),
            current: None,
            waiting: BTreeMap::new(),
            finished: Vec::new(),
            places: ItemPlaces::default(),
            commentary: CommentaryFilter::default(),
        }
    }

    /// Encodes one event of an item. Nothing is written after a stop sequence.
    pub(crate) fn event(&mut self, event: &Event<'_>, writer: &mut impl BlockWriter) {
        match event {
            _ if self.state.stop.hit().is_some() || self.commentary.hides(event) => {}
            Event::ItemAdded { output_index, item } => {
                let place = self.places.added(*output_index, item);
                self.added(place, item, writer);
            }
            Event::Delta { kind: delta_kind, output_index, part, delta } => {
                let place = self.places.delta(*output_index, *delta_kind);
                self.delta(place, *delta_kind, *part, delta, writer);
            }
            Event::ItemDone { output_index, item } => {
                let place = self.places.done(*output_index, item);
                self.done(place, item, writer);
            }
            Event::Created { .. }
            | Event::Completed { .. }
            | Event::Incomplete { .. }
            | Event::Failed { .. }
            | Event::Other { .. } => {}
        }
    }

    /// Encodes what is left: items that are only in the final output, and items that were never done.
    pub(crate) fn end(&mut self, response: &Response<'_>, writer: &mut impl BlockWriter) {
        let output = (0..).zip(response.output.iter().flatten());
        for (output_index, item) in output.filter(|(_, item)| !item.is_commentary()) {
            let place = self.places.last(output_index, item);
            self.done(place, item, writer);
        }
        self.encode_waiting(writer);
        while let Some((place, encoder)) = self.current.take() {
            encoder.finish(None, &mut self.state, writer);
            self.finished.push(place);
            self.encode_waiting(writer);
        }
        if self.state.stop.hit().is_none() {
            web_search::write_pending(&[], &mut self.state, writer);
        }
    }

    /// Ends the open block, if any.
    pub(crate) fn close(&mut self, writer: &mut impl BlockWriter) {
        if let Some((_, encoder)) = self.current.take() {
            encoder.close(&mut self.state, writer);
        }
    }

    /// Begins a call as soon as its name is known. Messages and reasoning begin with their first text: they may
    /// have none.
    fn added(&mut self, place: u32, item: &Item<'_>, writer: &mut impl BlockWriter) {
        if Kind::of(item) == Some(Kind::Call) && !self.finished.contains(&place) && !self.is_current(place) {
            self.waiting.entry(place).or_default().added = Some(item.clone().into_owned());
            self.encode_waiting(writer);
        }
    }

    fn delta(&mut self, place: u32, of: DeltaKind, part: u32, delta: &str, writer: &mut impl BlockWriter) {
        if !self.is_current(place) {
            if self.finished.contains(&place) || self.state.stop.hit().is_some() {
                return;
            }
            let begins = self.kind_begun_by(of);
            if begins.is_none() && of != DeltaKind::FunctionArguments {
                // Not shown, or encoded with the complete item.
                return;
            }
            if begins.is_none() || self.current.is_some() || self.waiting.contains_key(&place) {
                self.waiting.entry(place).or_default().push(of, part, delta);
                return;
            }
            self.current = begins.map(|kind| (place, ItemEncoder::new(kind)));
        }
        let Some((place, mut encoder)) = self.current.take() else { return };
        encoder.add_delta(of, part, delta, &mut self.state, writer);
        if self.state.stop.hit().is_some() {
            encoder.close(&mut self.state, writer);
        } else {
            self.current = Some((place, encoder));
        }
    }

    fn done(&mut self, place: u32, item: &Item<'_>, writer: &mut impl BlockWriter) {
        if self.finished.contains(&place) || self.state.stop.hit().is_some() {
            return;
        }
        if self.current.is_some() && !self.is_current(place) {
            self.waiting.entry(place).or_default().done = Some(item.clone().into_owned());
            return;
        }
        self.encode_complete(place, item, writer);
        self.encode_waiting(writer);
    }

    /// Encodes the rest of an item.
    fn encode_complete(&mut self, place: u32, item: &Item<'_>, writer: &mut impl BlockWriter) {
        // The deltas that waited are in the item as well.
        self.waiting.remove(&place);
        let encoder = self.current.take().map(|(_, encoder)| encoder);
        if let Some(encoder) = encoder.or_else(|| ItemEncoder::begin(item, &mut self.state, writer)) {
            encoder.finish(Some(item), &mut self.state, writer);
        } else if Kind::of(item) == Some(Kind::Reasoning) {
            self.state.hold_reasoning(item, writer);
        }
        self.finished.push(place);
    }

    /// Encodes the items that waited, in the order of the output, until one is not complete.
    fn encode_waiting(&mut self, writer: &mut impl BlockWriter) {
        while self.current.is_none() && self.state.stop.hit().is_none() {
            let ready =
                self.waiting.iter().find(|(_, waiting)| self.is_ready(waiting)).map(|(place, _)| *place);
            let Some((place, waiting)) = ready.and_then(|place| self.waiting.remove_entry(&place)) else {
                return;
            };
            if let Some(item) = &waiting.done {
                self.encode_complete(place, item, writer);
                continue;
            }
            if let Some(item) = &waiting.added {
                self.current =
                    ItemEncoder::begin(item, &mut self.state, writer).map(|encoder| (place, encoder));
            }
            for (of, part, delta) in &waiting.deltas {
                self.delta(place, *of, *part, delta, writer);
            }
        }
    }

    fn is_ready(&self, waiting: &Waiting) -> bool {
        waiting.done.is_some()
            || waiting.added.is_some()
            || waiting.deltas.first().is_some_and(|(of, ..)| self.kind_begun_by(*of).is_some())
    }

    /// Returns what a delta begins if its item has not begun: a call cannot begin without its name.
    fn kind_begun_by(&self, of: DeltaKind) -> Option<Kind> {
        match of {
            DeltaKind::Text | DeltaKind::Refusal => Some(Kind::Message),
            DeltaKind::ReasoningSummary | DeltaKind::ReasoningText
                if self.state.options.thinking != ThinkingDisplay::Disabled =>
            {
                Some(Kind::Reasoning)
            }
            DeltaKind::ReasoningSummary
            | DeltaKind::ReasoningText
            | DeltaKind::FunctionArguments
            | DeltaKind::CustomToolInput => None,
        }
    }

    fn is_current(&self, place: u32) -> bool {
        self.current.as_ref().is_some_and(|(current, _)| *current == place)
    }
}

impl Waiting {
    fn push(&mut self, of: DeltaKind, part: u32, delta: &str) {
        match self.deltas.last_mut() {
            Some((same, same_part, text)) if *same == of && *same_part == part => text.push_str(delta),
            _ => self.deltas.push((of, part, delta.to_owned())),
        }
    }
}
