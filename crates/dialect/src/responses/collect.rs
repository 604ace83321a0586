//! Collects a streamed response, for callers who do not stream: some backends only stream.

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
    /// The text of the messages, in case no item is ever done.
    delta_text: Vec<(u32, String)>,
    usage: Option<TokenUsage>,
    incomplete: Option<IncompleteDetails<'static>>,
    complete: bool,
}

impl ResponseCollector {
    /// Adds one event.
    pub fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Created { response } => self.set_head(response),
            Event::ItemDone { output_index, item } => {
                self.items.push((*output_index, item.clone().into_owned()));
            }
            Event::Delta { kind: DeltaKind::Text, output_index, delta, .. } => {
                match self.delta_text.iter_mut().find(|(index, _)| index == output_index) {
                    Some((_, delta_text)) => delta_text.push_str(delta),
                    None => self.delta_text.push((*output_index, delta.to_string())),
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

    /// Returns whether the terminal event was added.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Returns the response.
    ///
    /// Items that are done win, because the output of the last event can be empty; deltas are the last resort.
    pub fn finish(mut self) -> Response<'static> {
        self.items.sort_by_key(|(index, _)| *index);
        for (index, delta_text) in self.delta_text {
            let position = self.items.partition_point(|(other, _)| *other < index);
            if self.items.get(position).is_none_or(|(other, _)| *other != index) {
                self.items.insert(position, (index, message(delta_text)));
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
        if self.items.is_empty() {
            let items = response.output.iter().flatten().cloned().map(Item::into_owned);
            self.items = (0..).zip(items).collect();
        }
        self.complete = true;
    }
}

fn message(delta_text: String) -> Item<'static> {
    let part = Part { kind: "output_text".into(), text: Some(delta_text.into()), ..Part::default() };
    Item {
        kind: "message".into(),
        role: Some("assistant".into()),
        status: Some("completed".into()),
        content: Some(Raw::from_value(&[part])),
        ..Item::default()
    }
}
