//! A response as the chunks of a streamed chat completion.
//!
//! The order and the fields are those of the public reference, and what the `openai` packages (npm 6.49.0, `PyPI`
//! 2.54.0) need to put a stream together: a role first, a reason to finish, `[DONE]`, and errors as an object that
//! both raise.

use super::chunk_writer::Chunks;
use super::completion::{self, BETWEEN_MESSAGES, Head, Said, Usage};
use super::stop_sequences::StopSequenceFilter;
use super::tool_call_delta::{self, CallFormat};
use crate::error::ApiError;
use crate::json;
use crate::response_writer::ResponseWriter;
use crate::responses::error::error_object;
use crate::responses::event::{DeltaKind, Event, Response};
use crate::responses::item::Item;
use crate::translate::ResponseOptions;

/// Writes one completion. Nothing is written before there is something to say, so that what fails until then can be
/// tried again.
///
/// Reasoning is told as `reasoning_content`, which the reference does not have: it is what services with open reasoning
/// call it, what opencode, pi and others show, and what SDKs pass over.
pub struct ChatCompletionsWriter {
    model: String,
    now: u64,
    options: ResponseOptions,
    chunks: Option<Chunks>,
    stop: Option<StopSequenceFilter>,
    told: Vec<Told>,
    begun: bool,
    /// Characters of the content so far.
    characters: usize,
    calls: u32,
    ended: bool,
}

/// How much of an item has been told. Items come in pieces, whole when they are done, and perhaps once more in the
/// final output; nothing may be missed and nothing told twice.
struct Told {
    output_index: u32,
    /// Characters of the content before this item.
    base: usize,
    text: usize,
    refusal: usize,
    thoughts: Option<Thoughts>,
    call: Option<Call>,
    done: bool,
}

/// Reasoning that has been told.
#[derive(Clone, Copy)]
struct Thoughts {
    of: DeltaKind,
    part: u32,
    length: usize,
}

/// A call that has begun.
struct Call {
    index: u32,
    arguments: usize,
}

impl ChatCompletionsWriter {
    /// For a caller who wants the completion `options` so. `model` and `now`, in Unix seconds, stand in for what the
    /// response does not say.
    pub fn new(model: &str, now: u64, options: ResponseOptions) -> Self {
        Self {
            model: model.to_owned(),
            now,
            stop: StopSequenceFilter::new(options.stop_sequences.clone()),
            options,
            chunks: None,
            told: Vec::new(),
            begun: false,
            characters: 0,
            calls: 0,
            ended: false,
        }
    }

    fn told(&mut self, output_index: u32) -> &mut Told {
        let place = self.told.iter().rposition(|told| told.output_index == output_index);
        let place = place.unwrap_or_else(|| {
            self.told.push(Told::new(output_index));
            self.told.len() - 1
        });
        &mut self.told[place]
    }

    fn head(&mut self, response: &Response<'_>) {
        let head = Head::of(response, &self.model, self.now);
        self.chunks = Some(Chunks::new(&head, self.options.include_usage));
    }

    /// The chunks, of which the first one has said who speaks.
    fn chunks(&mut self, out: &mut Vec<u8>) -> &Chunks {
        let head = || Head::of(&Response::default(), &self.model, self.now);
        let chunks = self.chunks.get_or_insert_with(|| Chunks::new(&head(), self.options.include_usage));
        if !std::mem::replace(&mut self.begun, true) {
            chunks.role(out);
        }
        chunks
    }

    /// A chunk with `{"<name>":<value>}`.
    fn delta(&mut self, name: &str, value: &(impl serde::Serialize + ?Sized), out: &mut Vec<u8>) {
        self.chunks(out).delta(name, value, out);
    }

    /// More of a message's text.
    fn text(&mut self, output_index: u32, text: &str, out: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        let first = self.told(output_index).text == 0;
        if first && self.characters > 0 {
            self.say(BETWEEN_MESSAGES, out);
        }
        let base = self.characters;
        let told = self.told(output_index);
        told.text += text.len();
        if first {
            told.base = base;
        }
        self.say(text, out);
    }

    /// Text, as far as no stop sequence is in the way. The upstream may have much more to say; waiting for what that
    /// cost would cost the plan as much again, so the end is told without it, as the reference allows for a stream
    /// that is interrupted.
    fn say(&mut self, text: &str, out: &mut Vec<u8>) {
        if self.ended {
            return;
        }
        self.characters += text.chars().count();
        let Some(stop) = &mut self.stop else {
            self.delta("content", text, out);
            return;
        };
        let (certain, ended) = stop.push(text);
        if !certain.is_empty() {
            self.delta("content", &certain, out);
        }
        if ended {
            self.finish("stop", None, out);
        }
    }

    /// Says what was held back: what comes now is not text.
    fn release(&mut self, out: &mut Vec<u8>) {
        let held = self.stop.as_mut().map(StopSequenceFilter::flush).filter(|held| !held.is_empty());
        if let Some(held) = held {
            self.delta("content", &held, out);
        }
    }

    fn refuse(&mut self, output_index: u32, refusal: &str, out: &mut Vec<u8>) {
        self.told(output_index).refusal += refusal.len();
        self.release(out);
        self.delta("refusal", refusal, out);
    }

    /// More of the reasoning. Where an item has both its own words and a summary, what came first is told.
    fn think(&mut self, of: DeltaKind, output_index: u32, part: u32, thought: &str, out: &mut Vec<u8>) {
        let before = self.told(output_index).thoughts;
        if thought.is_empty() || before.is_some_and(|before| before.of != of) {
            return;
        }
        let mut length = before.map_or(0, |before| before.length);
        let new_part = before.is_some_and(|before| before.part != part);
        if new_part {
            length += BETWEEN_MESSAGES.len();
        }
        if new_part || before.is_none() && self.told.iter().any(|told| told.thoughts.is_some()) {
            self.delta("reasoning_content", BETWEEN_MESSAGES, out);
        }
        length += thought.len();
        self.told(output_index).thoughts = Some(Thoughts { of, part, length });
        self.delta("reasoning_content", thought, out);
    }

    /// What has not been told of reasoning that is done: its own words where nothing has been and it has some.
    fn rest_of_thoughts(&mut self, output_index: u32, item: &Item<'_>, out: &mut Vec<u8>) {
        let told = self.told(output_index).thoughts;
        let kinds =
            told.map_or(vec![DeltaKind::ReasoningText, DeltaKind::ReasoningSummary], |told| vec![told.of]);
        let (part, length) = told.map_or((0, 0), |told| (told.part, told.length));
        for of in kinds {
            let thoughts = completion::reasoning(item, of);
            if let Some(rest) = thoughts.get(length..).filter(|rest| !rest.is_empty()) {
                self.think(of, output_index, part, rest, out);
            }
        }
    }

    /// A call begins. Custom tools wait until they are done: the reference streams functions only, so who reads the
    /// chunks by hand finds the call whole. The helpers that put streams together take no custom tools at all (tried
    /// with both packages).
    fn call(&mut self, output_index: u32, item: &Item<'_>, out: &mut Vec<u8>) {
        let function = *item.kind == *"function_call" && item.name.is_some() && item.call_id.is_some();
        if !function || self.told(output_index).call.is_some() {
            return;
        }
        self.release(out);
        let index = self.calls;
        self.calls += 1;
        self.told(output_index).call = Some(Call { index, arguments: 0 });
        match self.shape() {
            CallFormat::ToolCalls => self.delta("tool_calls", &tool_call_delta::begins(index, item), out),
            // There is room for one.
            CallFormat::FunctionCall if index == 0 => {
                self.delta("function_call", &tool_call_delta::function(item), out);
            }
            CallFormat::FunctionCall => {}
        }
    }

    fn arguments(&mut self, output_index: u32, piece: &str, out: &mut Vec<u8>) {
        let Some(call) = &mut self.told(output_index).call else { return };
        call.arguments += piece.len();
        let index = call.index;
        match self.shape() {
            CallFormat::ToolCalls => self.delta("tool_calls", &tool_call_delta::goes_on(index, piece), out),
            CallFormat::FunctionCall if index == 0 => {
                self.delta("function_call", &tool_call_delta::more(piece), out);
            }
            CallFormat::FunctionCall => {}
        }
    }

    fn shape(&self) -> CallFormat {
        if self.options.legacy_function_call { CallFormat::FunctionCall } else { CallFormat::ToolCalls }
    }

    /// An item is whole: what has not been told of it is told now.
    fn done(&mut self, output_index: u32, item: &Item<'_>, out: &mut Vec<u8>) {
        if self.ended || std::mem::replace(&mut self.told(output_index).done, true) {
            return;
        }
        match &*item.kind {
            "message" => self.rest_of_message(output_index, item, out),
            "reasoning" => self.rest_of_thoughts(output_index, item, out),
            "function_call" => {
                self.call(output_index, item, out);
                let told = self.told(output_index).call.as_ref().map_or(0, |call| call.arguments);
                let rest = item.arguments.as_deref().and_then(|arguments| arguments.get(told..));
                if let Some(rest) = rest.filter(|rest| !rest.is_empty()) {
                    self.arguments(output_index, rest, out);
                }
            }
            "custom_tool_call" => {
                self.release(out);
                let index = self.calls;
                self.calls += 1;
                self.delta("tool_calls", &tool_call_delta::custom(index, item), out);
            }
            _ => {}
        }
    }

    fn rest_of_message(&mut self, output_index: u32, item: &Item<'_>, out: &mut Vec<u8>) {
        let said = Said::by(item, 0);
        let told = self.told(output_index);
        let (text, refusal) = (told.text, told.refusal);
        if let Some(rest) = said.text.get(text..).filter(|rest| !rest.is_empty()) {
            self.text(output_index, rest, out);
        }
        if self.ended {
            return;
        }
        if let Some(rest) = said.refusal.get(refusal..).filter(|rest| !rest.is_empty()) {
            self.refuse(output_index, rest, out);
        }
        let citations = Said::by(item, self.told(output_index).base).citations;
        if !citations.is_empty() {
            self.delta("annotations", &citations, out);
        }
    }

    /// The response is over: items that are in its output only, then the end.
    fn end(&mut self, response: &Response<'_>, out: &mut Vec<u8>) {
        for (output_index, item) in (0..).zip(response.output.iter().flatten()) {
            self.done(output_index, item, out);
        }
        if !self.ended {
            self.release(out);
            let reason =
                completion::finish_reason(response, self.calls > 0, self.options.legacy_function_call);
            self.finish(reason, response.usage.map(Usage::from), out);
        }
    }

    fn finish(&mut self, reason: &str, usage: Option<Usage>, out: &mut Vec<u8>) {
        let usage = usage.filter(|_| self.options.include_usage);
        let chunks = self.chunks(out);
        chunks.finish(reason, out);
        if let Some(usage) = usage {
            chunks.usage(&usage, out);
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
        self.ended = true;
    }
}

impl Told {
    fn new(output_index: u32) -> Self {
        Self { output_index, base: 0, text: 0, refusal: 0, thoughts: None, call: None, done: false }
    }
}

impl ResponseWriter for ChatCompletionsWriter {
    fn write_event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        if self.ended {
            return;
        }
        match event {
            Event::Created { response } if !self.begun => self.head(response),
            Event::ItemAdded { output_index, item } => {
                if self.told(*output_index).done {
                    // Another item under the same number.
                    self.told.push(Told::new(*output_index));
                }
                self.call(*output_index, item, out);
            }
            Event::Delta { kind: DeltaKind::Text, output_index, delta, .. } => {
                self.text(*output_index, delta, out);
            }
            Event::Delta { kind: DeltaKind::Refusal, output_index, delta, .. } => {
                self.refuse(*output_index, delta, out);
            }
            Event::Delta {
                kind: delta_kind @ (DeltaKind::ReasoningSummary | DeltaKind::ReasoningText),
                output_index,
                part,
                delta,
            } => {
                self.think(*delta_kind, *output_index, *part, delta, out);
            }
            Event::Delta { kind: DeltaKind::FunctionArguments, output_index, delta, .. } => {
                self.arguments(*output_index, delta, out);
            }
            Event::ItemDone { output_index, item } => self.done(*output_index, item, out),
            Event::Completed { response } | Event::Incomplete { response } => self.end(response, out),
            Event::Created { .. }
            | Event::Delta { kind: DeltaKind::CustomToolInput, .. }
            | Event::Failed { .. }
            | Event::Other { .. } => {}
        }
    }

    fn write_keep_alive(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b": waiting\n\n");
    }

    /// Both packages raise the `error` of a chunk. No `[DONE]` follows: it would say that all is well.
    fn write_error(&mut self, api_error: &ApiError, out: &mut Vec<u8>) {
        if self.ended {
            return;
        }
        self.ended = true;
        out.extend_from_slice(br#"data: {"error":"#);
        json::write(&error_object(api_error), out);
        out.extend_from_slice(b"}\n\n");
    }

    fn is_finished(&self) -> bool {
        self.ended
    }
}
