//! The items of a response as blocks of a message: one block open at a time, with indexes that count up, whatever order
//! the items come in.
//!
//! Order and fields are those that the SDKs put together again: an index is a place in the list of blocks, so none may
//! be left out, and a delta goes to the block that began with its index (`MessageStream` of `@anthropic-ai/sdk` 1.11.0,
//! `accumulate_event` of `anthropic` 2.11.0). Items that come while another is being told wait for its end.

use std::collections::BTreeMap;

use super::effort::Thinking;
use super::item::{Kind, Telling};
use super::search::Searches;
use super::sink::{Block, Sink};
use super::stop::Stop;
use super::writer::Wanted;
use crate::responses::{Event, Growing, Item, Response};

/// What the blocks of one answer have come to.
#[derive(Debug)]
pub(super) struct Blocks {
    pub(super) wanted: Wanted,
    pub(super) stop: Stop,
    pub(super) searches: Searches,
    /// A tool of the caller's is called.
    pub(super) called: bool,
    /// The model refuses.
    pub(super) refused: bool,
    /// Blocks that have begun.
    pub(super) begun: u32,
    /// The item that is being told.
    telling: Option<(u32, Telling)>,
    waiting: BTreeMap<u32, Waiting>,
    /// Items that are told to their end.
    told: Vec<u32>,
    /// Places of the items by id, because the output of the last event may leave some out.
    places: Vec<(String, u32)>,
}

/// An item that came while another was being told.
#[derive(Debug, Default)]
struct Waiting {
    /// How it began.
    added: Option<Item<'static>>,
    /// What came of it since.
    deltas: Vec<(Growing, u32, String)>,
    /// All of it.
    done: Option<Item<'static>>,
}

impl Blocks {
    /// Nothing yet.
    pub(super) fn new(wanted: Wanted) -> Self {
        let stop = Stop::at(wanted.stop_sequences.clone());
        Self {
            wanted,
            stop,
            searches: Searches::default(),
            called: false,
            refused: false,
            begun: 0,
            telling: None,
            waiting: BTreeMap::new(),
            told: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Takes one event of an item. Once a stop sequence has come, nothing more is told.
    pub(super) fn event(&mut self, event: &Event<'_>, sink: &mut impl Sink) {
        match event {
            _ if self.stop.hit().is_some() => {}
            Event::ItemAdded { output_index, item } => self.added(*output_index, item, sink),
            Event::Delta { of, output_index, part, delta } => {
                self.delta(*output_index, *of, *part, delta, sink);
            }
            Event::ItemDone { output_index, item } => self.done(*output_index, item, sink),
            Event::Created { .. }
            | Event::Completed { .. }
            | Event::Incomplete { .. }
            | Event::Failed { .. }
            | Event::Other { .. } => {}
        }
    }

    /// Tells what is left: items that are only in the final output, and items that never came to their end.
    pub(super) fn end(&mut self, response: &Response<'_>, sink: &mut impl Sink) {
        for (place, item) in (0..).zip(response.output.iter().flatten()) {
            self.done(self.place(item).unwrap_or(place), item, sink);
        }
        self.go_on(sink);
        while let Some((place, telling)) = self.telling.take() {
            telling.finish(None, self, sink);
            self.told.push(place);
            self.go_on(sink);
        }
        if self.stop.hit().is_none() {
            self.tell_searches(&[], sink);
        }
    }

    /// Ends the block that is open, if any.
    pub(super) fn close(&mut self, sink: &mut impl Sink) {
        if let Some((_, telling)) = self.telling.take() {
            telling.close(self, sink);
        }
    }

    /// Begins a block, and gives its index.
    pub(super) fn begin(&mut self, block: Block<'_>, sink: &mut impl Sink) -> u32 {
        let index = self.begun;
        self.begun += 1;
        sink.begin(index, block);
        index
    }

    /// A call begins as soon as it is named. A message, and reasoning, begin with their first words: they may have
    /// none.
    fn added(&mut self, place: u32, item: &Item<'_>, sink: &mut impl Sink) {
        self.note_place(place, item);
        if Kind::of(item) == Some(Kind::Call) && !self.told.contains(&place) && !self.is_telling(place) {
            self.waiting.entry(place).or_default().added = Some(item.clone().into_owned());
            self.go_on(sink);
        }
    }

    fn delta(&mut self, place: u32, of: Growing, part: u32, delta: &str, sink: &mut impl Sink) {
        if !self.is_telling(place) {
            if self.told.contains(&place) || self.stop.hit().is_some() {
                return;
            }
            let begins = self.begins(of);
            if begins.is_none() && of != Growing::Arguments {
                // Not shown, or told with the whole item.
                return;
            }
            if begins.is_none() || self.telling.is_some() || self.waiting.contains_key(&place) {
                self.waiting.entry(place).or_default().push(of, part, delta);
                return;
            }
            self.telling = begins.map(|kind| (place, Telling::new(kind)));
        }
        let Some((place, mut telling)) = self.telling.take() else { return };
        telling.grow(of, part, delta, self, sink);
        if self.stop.hit().is_some() {
            telling.close(self, sink);
        } else {
            self.telling = Some((place, telling));
        }
    }

    fn done(&mut self, place: u32, item: &Item<'_>, sink: &mut impl Sink) {
        self.note_place(place, item);
        if self.told.contains(&place) || self.stop.hit().is_some() {
            return;
        }
        if self.telling.is_some() && !self.is_telling(place) {
            self.waiting.entry(place).or_default().done = Some(item.clone().into_owned());
            return;
        }
        self.tell_whole(place, item, sink);
        self.go_on(sink);
    }

    /// Tells an item to its end, from wherever it stands.
    fn tell_whole(&mut self, place: u32, item: &Item<'_>, sink: &mut impl Sink) {
        // What waited of it is in the item as well.
        self.waiting.remove(&place);
        let telling = self.telling.take().map(|(_, telling)| telling);
        if let Some(telling) = telling.or_else(|| Telling::begin(item, self, sink)) {
            telling.finish(Some(item), self, sink);
        }
        self.told.push(place);
    }

    /// Tells what has waited, in the order of the output, until something is not at its end.
    fn go_on(&mut self, sink: &mut impl Sink) {
        while self.telling.is_none() && self.stop.hit().is_none() {
            let ready =
                self.waiting.iter().find(|(_, waiting)| self.is_ready(waiting)).map(|(place, _)| *place);
            let Some((place, waiting)) = ready.and_then(|place| self.waiting.remove_entry(&place)) else {
                return;
            };
            if let Some(item) = &waiting.done {
                self.tell_whole(place, item, sink);
                continue;
            }
            if let Some(item) = &waiting.added {
                self.telling = Telling::begin(item, self, sink).map(|telling| (place, telling));
            }
            for (of, part, delta) in &waiting.deltas {
                self.delta(place, *of, *part, delta, sink);
            }
        }
    }

    fn is_ready(&self, waiting: &Waiting) -> bool {
        waiting.done.is_some()
            || waiting.added.is_some()
            || waiting.deltas.first().is_some_and(|(of, ..)| self.begins(*of).is_some())
    }

    /// What a delta begins when its item has not begun: a call cannot without its name.
    fn begins(&self, of: Growing) -> Option<Kind> {
        match of {
            Growing::Text | Growing::Refusal => Some(Kind::Message),
            Growing::Summary | Growing::Reasoning if self.wanted.thinking != Thinking::Unasked => {
                Some(Kind::Reasoning)
            }
            Growing::Summary | Growing::Reasoning | Growing::Arguments | Growing::Input => None,
        }
    }

    fn is_telling(&self, place: u32) -> bool {
        self.telling.as_ref().is_some_and(|(told, _)| *told == place)
    }

    fn place(&self, item: &Item<'_>) -> Option<u32> {
        let id = id(item)?;
        self.places.iter().find(|(known, _)| known == id).map(|(_, place)| *place)
    }

    fn note_place(&mut self, place: u32, item: &Item<'_>) {
        if let Some(id) = id(item)
            && self.place(item).is_none()
        {
            self.places.push((id.to_owned(), place));
        }
    }
}

impl Waiting {
    fn push(&mut self, of: Growing, part: u32, delta: &str) {
        match self.deltas.last_mut() {
            Some((same, same_part, text)) if *same == of && *same_part == part => text.push_str(delta),
            _ => self.deltas.push((of, part, delta.to_owned())),
        }
    }
}

/// What an item is known by: the id of its call, which never changes, or its own.
fn id<'i>(item: &'i Item<'_>) -> Option<&'i str> {
    item.call_id.as_deref().or(item.id.as_deref()).filter(|id| !id.is_empty())
}
