//! Collects a streamed response, for callers who do not stream: some backends only stream.

use crate::json::{Raw, Text};
use crate::responses::events::event::{DeltaKind, Event, IncompleteDetails, Response};
use crate::responses::events::item::{Item, Part};
use crate::responses::events::token_usage::TokenUsage;

/// Collects the events of one response.
#[derive(Debug, Default)]
pub struct ResponseCollector {
    id: Option<Text<'static>>,
    model: Option<Text<'static>>,
    created_at: Option<f64>,
    items: Vec<(u32, Item<'static>)>,
    /// The text of the messages and the arguments of the calls, in case their items are never done.
    deltas: Vec<Deltas>,
    usage: Option<TokenUsage>,
    incomplete: Option<IncompleteDetails<'static>>,
    complete: bool,
}

/// What arrived of an item before it was done.
#[derive(Debug)]
struct Deltas {
    output_index: u32,
    /// The call as it began; without it, a message.
    call: Option<Item<'static>>,
    text: String,
}

impl ResponseCollector {
    /// Adds one event.
    pub fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Created { response } => self.set_head(response),
            Event::ItemDone { output_index, item } => {
                self.items.push((*output_index, item.clone().into_owned()));
            }
            Event::ItemAdded { output_index, item } if is_call(item) => {
                let call = Some(item.clone().into_owned());
                self.deltas.push(Deltas { output_index: *output_index, call, text: String::new() });
            }
            Event::Delta { kind: DeltaKind::Text, output_index, delta, .. } => {
                self.add_delta(*output_index, false, delta);
            }
            Event::Delta {
                kind: DeltaKind::FunctionArguments | DeltaKind::CustomToolInput,
                output_index,
                delta,
                ..
            } => self.add_delta(*output_index, true, delta),
            Event::Completed { response } => self.end(response),
            Event::Incomplete { response } => {
                self.incomplete = Some(IncompleteDetails {
                    reason: response
                        .incomplete_details
                        .as_ref()
                        .and_then(|details| details.reason.clone())
                        .map(Text::into_owned),
                });
                self.end(response);
            }
            Event::ItemAdded { .. } | Event::Delta { .. } | Event::Failed { .. } | Event::Other { .. } => {}
        }
    }

    /// Returns whether the terminal event was added.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Returns the response.
    ///
    /// Items that are done win, because the output of the last event can be empty; deltas are the last resort.
    pub fn finish(mut self) -> Response<'static> {
        self.items.sort_by_key(|(index, _)| *index);
        for Deltas { output_index, call, text } in std::mem::take(&mut self.deltas) {
            let known =
                call.is_none() && self.items.iter().any(|(_, item)| item.message().as_ref() == Some(&text));
            let item = call.map_or_else(|| message(&text), |call| completed_call(call, &text));
            if !known && !self.has(output_index, &item) {
                let position = self.items.partition_point(|(other, _)| *other <= output_index);
                self.items.insert(position, (output_index, item));
            }
        }
        Response {
            id: self.id,
            model: self.model,
            created_at: self.created_at,
            output: Some(self.items.into_iter().map(|(_, item)| item).collect()),
            usage: self.usage,
            incomplete_details: self.incomplete,
            error: None,
        }
    }

    fn set_head(&mut self, response: &Response<'_>) {
        let owned = |text: &Option<Text<'_>>| text.clone().map(Text::into_owned);
        self.id = owned(&response.id).or(self.id.take());
        self.model = owned(&response.model).or(self.model.take());
        self.created_at = response.created_at.or(self.created_at);
    }

    fn end(&mut self, response: &Response<'_>) {
        self.set_head(response);
        self.usage = response.usage;
        // Some services report an item only here.
        for (index, item) in (0..).zip(response.output.iter().flatten()) {
            if !self.has(index, item) {
                self.items.push((index, item.clone().into_owned()));
            }
        }
        self.complete = true;
    }

    fn add_delta(&mut self, output_index: u32, of_call: bool, delta: &str) {
        let same =
            |deltas: &&mut Deltas| deltas.output_index == output_index && deltas.call.is_some() == of_call;
        match self.deltas.iter_mut().rev().find(same) {
            Some(deltas) => deltas.text.push_str(delta),
            // A call without its name cannot be made.
            None if of_call => {}
            None => self.deltas.push(Deltas { output_index, call: None, text: delta.to_owned() }),
        }
    }

    /// Returns whether the item at this index was done: by its id, or by its place where one of them has none.
    fn has(&self, output_index: u32, item: &Item<'_>) -> bool {
        let same_kind = |other: &Item<'_>| other.kind == item.kind;
        self.items.iter().any(|(index, other)| match (other.pairing_id(), item.pairing_id()) {
            (Some(other_id), Some(id)) if other_id == id => true,
            (Some(_), Some(_)) if is_call(item) => false,
            _ => *index == output_index && same_kind(other),
        })
    }
}

fn is_call(item: &Item<'_>) -> bool {
    matches!(&*item.kind, "function_call" | "custom_tool_call")
}

fn completed_call(mut call: Item<'static>, text: &str) -> Item<'static> {
    call.original = None;
    call.status = Some("completed".into());
    let of_it = if *call.kind == *"function_call" { &mut call.arguments } else { &mut call.input };
    if !text.is_empty() {
        *of_it = Some(text.to_owned().into());
    }
    call
}

fn message(delta_text: &str) -> Item<'static> {
    let part = Part { kind: "output_text".into(), text: Some(delta_text.into()), ..Part::default() };
    Item {
        kind: "message".into(),
        role: Some("assistant".into()),
        status: Some("completed".into()),
        content: Some(Raw::from_value(&[part])),
        ..Item::default()
    }
}
