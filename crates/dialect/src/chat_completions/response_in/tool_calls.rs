//! The calls of a streamed chat completion, several of which may grow in turns.

use serde::Deserialize;

use super::half_character::HalfCharacter;
use super::types::EventSink;
use super::types::{self, CallDelta};
use crate::responses::events::call_arguments::without_leading_blanks;
use crate::responses::events::event::{DeltaKind, Event};
use crate::responses::events::item::Item;
use crate::translate::ToolNames;

/// The calls of one completion.
#[derive(Debug, Default)]
pub(crate) struct ToolCalls {
    calls: Vec<ToolCall>,
}

#[derive(Debug)]
struct ToolCall {
    /// The service's number of the call.
    index: Option<i64>,
    /// The service's id of the call; may be empty, or that of another call.
    sent_id: String,
    /// The id that the caller gets.
    id: String,
    /// Empty until it is known; nothing is emitted before.
    name: String,
    /// The arguments so far.
    text: String,
    half: HalfCharacter,
    output_index: u32,
}

impl ToolCalls {
    /// Adds a delta of a call. `items` counts the items of the output.
    pub(crate) fn delta(
        &mut self,
        delta: CallDelta<'_>,
        response_id: &str,
        items: &mut u32,
        tools: &ToolNames,
        take: EventSink<'_>,
    ) {
        let function = delta.function.unwrap_or_default();
        let name = function.name.as_deref().unwrap_or_default();
        let id = delta.id.as_deref().unwrap_or_default();
        let place = self.find(delta.index, id, name).unwrap_or_else(|| {
            let unique_id = self.unique_id(id, response_id);
            self.calls.push(ToolCall::new(delta.index, id, unique_id, items));
            self.calls.len() - 1
        });
        let call = &mut self.calls[place];
        let begins = call.name.is_empty() && !name.is_empty();
        if begins {
            name.clone_into(&mut call.name);
            take(Event::ItemAdded {
                output_index: call.output_index,
                item: call.item("in_progress", "", tools),
            });
        }
        let arguments = types::arguments(function.arguments, &mut call.half).unwrap_or_default();
        // Arguments that came before the name are emitted with it.
        let emitted = if begins { 0 } else { call.text.len() };
        // Blank arguments become an empty object at the end, which nothing may stand before.
        let blank = call.text.is_empty() && !call.custom(tools);
        call.text.push_str(if blank { without_leading_blanks(&arguments) } else { &arguments });
        let delta = &call.text[emitted..];
        if !call.name.is_empty() && !call.custom(tools) && !delta.is_empty() {
            let delta = delta.into();
            take(Event::Delta {
                kind: DeltaKind::FunctionArguments,
                output_index: call.output_index,
                part: 0,
                delta,
            });
        }
    }

    /// Returns the place of the call that a delta belongs to.
    pub(crate) fn place(&self, delta: &CallDelta<'_>) -> usize {
        let name = delta.function.as_ref().and_then(|function| function.name.as_deref());
        let id = delta.id.as_deref().unwrap_or_default();
        self.find(delta.index, id, name.unwrap_or_default()).unwrap_or(self.calls.len())
    }

    /// Returns how many calls there are.
    pub(crate) fn count(&self) -> usize {
        self.calls.len()
    }

    /// Returns an id for a new call that no other call has: results are paired by it, in this turn and in later ones.
    /// Some services give none, or all calls the same one.
    fn unique_id(&self, id: &str, response_id: &str) -> String {
        let number = self.calls.len();
        let own = || format!("call_{}_{number}", response_id.strip_prefix("resp_").unwrap_or(response_id));
        let mut unique = if id.is_empty() { own() } else { id.to_owned() };
        while self.calls.iter().any(|call| call.id == unique) {
            unique = format!("{unique}_{number}");
        }
        unique
    }

    /// Returns the call that a delta belongs to.
    ///
    /// By the reference its number decides; some services leave the number out, or give all calls the same one.
    /// Then the id decides, or a name begins a call.
    fn find(&self, index: Option<i64>, id: &str, name: &str) -> Option<usize> {
        let last = |right: &dyn Fn(&ToolCall) -> bool| self.calls.iter().rposition(right);
        match index {
            Some(_) => {
                let place = last(&|call| call.index == index)?;
                let other = !id.is_empty() && !name.is_empty() && self.calls[place].sent_id != id;
                (!other || self.calls[place].name.is_empty()).then_some(place)
            }
            None if !id.is_empty() => last(&|call| call.sent_id == id),
            None if !name.is_empty() => None,
            None => self.calls.len().checked_sub(1),
        }
    }

    /// Ends all calls. One whose name never came cannot be called.
    pub(crate) fn close(&mut self, status: &'static str, tools: &ToolNames, take: EventSink<'_>) {
        for mut call in self.calls.drain(..).filter(|call| !call.name.is_empty()) {
            let output_index = call.output_index;
            if let Some(rest) = call.half.take_rest() {
                call.text.push_str(rest);
            }
            let input = call.custom(tools).then(|| unwrapped(&call.text));
            // The API has JSON there, and callers parse it.
            if call.text.trim().is_empty() {
                "{}".clone_into(&mut call.text);
            }
            if let Some(input) = &input {
                let delta = input.as_str().into();
                take(Event::Delta { kind: DeltaKind::CustomToolInput, output_index, part: 0, delta });
            }
            let sent = input.as_deref().unwrap_or(&call.text);
            take(Event::ItemDone { output_index, item: call.item(status, sent, tools) });
        }
    }
}

impl ToolCall {
    /// Returns a call that has not begun. `sent_id` is the id that the service gave it.
    fn new(index: Option<i64>, sent_id: &str, id: String, items: &mut u32) -> Self {
        let output_index = *items;
        *items += 1;
        Self {
            index,
            sent_id: sent_id.to_owned(),
            id,
            name: String::new(),
            text: String::new(),
            half: HalfCharacter::default(),
            output_index,
        }
    }

    fn custom(&self, tools: &ToolNames) -> bool {
        tools.original(&self.name).is_some_and(|tool| tool.custom)
    }

    /// Returns the item, under the caller's name for the tool, with the input of the tool.
    fn item(&self, status: &'static str, sent: &str, tools: &ToolNames) -> Item<'static> {
        let tool = tools.original(&self.name);
        let custom = self.custom(tools);
        let sent = sent.to_owned().into();
        let (arguments, input) = if custom { (None, Some(sent)) } else { (Some(sent), None) };
        Item {
            kind: if custom { "custom_tool_call" } else { "function_call" }.into(),
            status: Some(status.into()),
            call_id: Some(self.id.clone().into()),
            name: Some(tool.map_or_else(|| self.name.clone(), |tool| tool.name.clone()).into()),
            namespace: tool.and_then(|tool| tool.namespace.clone()).map(Into::into),
            arguments,
            input,
            ..Item::default()
        }
    }
}

/// Returns the text of `{"input":…}`. A model that forgets the wrapping means the same.
fn unwrapped(arguments: &str) -> String {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Wrapped {
        Object { input: String },
        Text(String),
    }
    match serde_json::from_str(arguments) {
        Ok(Wrapped::Object { input } | Wrapped::Text(input)) => input,
        Err(_) => arguments.to_owned(),
    }
}
