//! A streamed response put together, for callers who want it whole: some backends only stream.

use super::event::{DeltaKind, Event, IncompleteDetails, Response, TokenUsage};
use super::item::{Item, Part};
use crate::json::{Raw, Text};

/// Collects the events of one response.
#[derive(Debug, Default)]
pub struct ResponseCollector {
    id: Option<Text<'static>>,
    model: Option<Text<'static>>,
    created_at: Option<f64>,
    items: Vec<(u32, Item<'static>)>,
    /// What the messages said, should no item ever be done.
    said: Vec<(u32, String)>,
    usage: Option<TokenUsage>,
    incomplete: Option<IncompleteDetails<'static>>,
    ended: bool,
}

impl ResponseCollector {
    /// Takes one event.
    pub fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Created { response } => self.head(response),
            Event::ItemDone { output_index, item } => {
                self.items.push((*output_index, item.clone().into_owned()));
            }
            Event::Delta { kind: DeltaKind::Text, output_index, delta, .. } => {
                match self.said.iter_mut().find(|(index, _)| index == output_index) {
                    Some((_, said)) => said.push_str(delta),
                    None => self.said.push((*output_index, delta.to_string())),
                }
            }
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

    /// Whether the last event is in.
    pub fn is_complete(&self) -> bool {
        self.ended
    }

    /// The response. Items that were done win, because the output of the last event can be empty; deltas are the
    /// last resort.
    pub fn finish(mut self) -> Response<'static> {
        self.items.sort_by_key(|(index, _)| *index);
        for (index, said) in self.said {
            let place = self.items.partition_point(|(other, _)| *other < index);
            if self.items.get(place).is_none_or(|(other, _)| *other != index) {
                self.items.insert(place, (index, message(said)));
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

    fn head(&mut self, response: &Response<'_>) {
        let owned = |text: &Option<Text<'_>>| text.clone().map(Text::into_owned);
        self.id = owned(&response.id).or(self.id.take());
        self.model = owned(&response.model).or(self.model.take());
        self.created_at = response.created_at.or(self.created_at);
    }

    fn end(&mut self, response: &Response<'_>) {
        self.head(response);
        self.usage = response.usage;
        if self.items.is_empty() {
            let items = response.output.iter().flatten().cloned().map(Item::into_owned);
            self.items = (0..).zip(items).collect();
        }
        self.ended = true;
    }
}

fn message(said: String) -> Item<'static> {
    let part = Part { kind: "output_text".into(), text: Some(said.into()), ..Part::default() };
    Item {
        kind: "message".into(),
        role: Some("assistant".into()),
        status: Some("completed".into()),
        content: Some(Raw::from_value(&[part])),
        ..Item::default()
    }
}
