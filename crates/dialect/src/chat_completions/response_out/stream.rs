//! Encodes a response as the chunks of a streamed chat completion.
//!
//! The order and the fields are those of the public reference, and what the `openai` packages (npm 6.49.0, `PyPI`
//! 2.54.0) need to collect a stream: a role first, a finish reason, `[DONE]`, and errors as an object that both
//! raise.

use super::chunk_writer::ChunkWriter;
use super::completion::{self, BETWEEN_MESSAGES, CompletionHead, CompletionUsage, MessageContent};
use super::item_progress::{Call, ItemProgress, ReasoningProgress};
use super::stop_sequences::StopSequenceFilter;
use super::tool_call_delta::{self, CallFormat};
use crate::error::ApiError;
use crate::json;
use crate::response_writer::ResponseWriter;
use crate::responses::error::error_object;
use crate::responses::events::call_arguments::CallArguments;
use crate::responses::events::commentary::CommentaryFilter;
use crate::responses::events::event::{DeltaKind, Event, Response};
use crate::responses::events::item::Item;
use crate::responses::events::item_places::ItemPlaces;
use crate::translate::ResponseOptions;

/// Encodes one completion.
///
/// Nothing is written before there is content, so that a request that fails until then can be retried.
///
/// Reasoning is encoded as `reasoning_content`, which the reference does not have: services with open reasoning use
/// it, opencode, pi and others show it, and SDKs ignore it.
pub struct ChatCompletionsWriter {
    model: String,
    now: u64,
    options: ResponseOptions,
    chunks: Option<ChunkWriter>,
    stop: Option<StopSequenceFilter>,
    items: Vec<ItemProgress>,
    places: ItemPlaces,
    commentary: CommentaryFilter,
    begun: bool,
    /// Characters of the content so far.
    characters: usize,
    calls: u32,
    finished: bool,
}

impl ChatCompletionsWriter {
    /// Returns a writer with these options. `model` and `now`, in Unix seconds, are used where the response has
    /// neither.
    pub fn new(model: &str, now: u64, options: ResponseOptions) -> Self {
        Self {
            model: model.to_owned(),
            now,
            stop: StopSequenceFilter::new(options.stop_sequences.clone()),
            options,
            chunks: None,
            items: Vec::new(),
            places: ItemPlaces::default(),
            commentary: CommentaryFilter::default(),
            begun: false,
            characters: 0,
            calls: 0,
            finished: false,
        }
    }

    fn progress(&mut self, place: u32) -> &mut ItemProgress {
        let found = self.items.iter().rposition(|progress| progress.place == place);
        let found = found.unwrap_or_else(|| {
            self.items.push(ItemProgress::new(place));
            self.items.len() - 1
        });
        &mut self.items[found]
    }

    fn head(&mut self, response: &Response<'_>) {
        let head = CompletionHead::of(response, &self.model, self.now);
        self.chunks = Some(ChunkWriter::new(&head, self.options.include_usage));
    }

    /// Returns the chunk writer, after the first chunk with the role.
    fn chunks(&mut self, out: &mut Vec<u8>) -> &ChunkWriter {
        let head = || CompletionHead::of(&Response::default(), &self.model, self.now);
        let chunks = self.chunks.get_or_insert_with(|| ChunkWriter::new(&head(), self.options.include_usage));
        if !std::mem::replace(&mut self.begun, true) {
            chunks.role(out);
        }
        chunks
    }

    /// Writes a chunk with `{"<name>":<value>}`.
    fn delta(&mut self, name: &str, value: &(impl serde::Serialize + ?Sized), out: &mut Vec<u8>) {
        self.chunks(out).delta(name, value, out);
    }

    /// Writes more of a message's text.
    fn text(&mut self, place: u32, text: &str, out: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        let first = self.progress(place).text == 0;
        if first && self.characters > 0 {
            self.write_text(BETWEEN_MESSAGES, out);
        }
        let base = self.characters;
        let progress = self.progress(place);
        progress.text += text.len();
        if first {
            progress.base = base;
        }
        self.write_text(text, out);
    }

    /// Writes text up to a stop sequence.
    ///
    /// The upstream may have much more to say; waiting for its usage would cost the plan as much again, so the
    /// stream ends without usage, as the reference allows for an interrupted stream.
    fn write_text(&mut self, text: &str, out: &mut Vec<u8>) {
        if self.finished {
            return;
        }
        self.characters += text.chars().count();
        let Some(stop) = &mut self.stop else {
            self.delta("content", text, out);
            return;
        };
        let (safe, finished) = stop.push(text);
        if !safe.is_empty() {
            self.delta("content", &safe, out);
        }
        if finished {
            self.finish("stop", None, out);
        }
    }

    /// Writes the held text: what follows is not text.
    fn release(&mut self, out: &mut Vec<u8>) {
        let held = self.stop.as_mut().map(StopSequenceFilter::flush).filter(|held| !held.is_empty());
        if let Some(held) = held {
            self.delta("content", &held, out);
        }
    }

    fn refuse(&mut self, place: u32, refusal: &str, out: &mut Vec<u8>) {
        self.progress(place).refusal += refusal.len();
        self.release(out);
        self.delta("refusal", refusal, out);
    }

    /// Writes more of the reasoning. If an item has both full text and a summary, the one that came first is
    /// written.
    fn write_reasoning(&mut self, of: DeltaKind, place: u32, part: u32, thought: &str, out: &mut Vec<u8>) {
        let before = self.progress(place).reasoning;
        if thought.is_empty() || before.is_some_and(|before| before.of != of) {
            return;
        }
        let mut length = before.map_or(0, |before| before.length);
        let new_part = before.is_some_and(|before| before.part != part);
        if new_part {
            length += BETWEEN_MESSAGES.len();
        }
        if new_part || before.is_none() && self.items.iter().any(|progress| progress.reasoning.is_some()) {
            self.delta("reasoning_content", BETWEEN_MESSAGES, out);
        }
        length += thought.len();
        self.progress(place).reasoning = Some(ReasoningProgress { of, part, length });
        self.delta("reasoning_content", thought, out);
    }

    /// Writes the rest of finished reasoning: its full text if nothing was written and there is any.
    fn write_missing_reasoning(&mut self, place: u32, item: &Item<'_>, out: &mut Vec<u8>) {
        let progress = self.progress(place).reasoning;
        let kinds = progress
            .map_or(vec![DeltaKind::ReasoningText, DeltaKind::ReasoningSummary], |progress| {
                vec![progress.of]
            });
        let (part, length) = progress.map_or((0, 0), |progress| (progress.part, progress.length));
        for of in kinds {
            let reasoning = completion::reasoning(item, of);
            if let Some(rest) = reasoning.get(length..).filter(|rest| !rest.is_empty()) {
                self.write_reasoning(of, place, part, rest, out);
            }
        }
    }

    /// Begins a call.
    ///
    /// Custom tools wait until they are done: the reference streams functions only, so code that reads the chunks
    /// itself finds the call complete. The stream helpers of both packages accept no custom tools at all.
    fn call(&mut self, place: u32, item: &Item<'_>, out: &mut Vec<u8>) {
        let function = *item.kind == *"function_call" && item.name.is_some() && item.call_id.is_some();
        if !function || self.progress(place).call.is_some() {
            return;
        }
        self.release(out);
        let index = self.calls;
        self.calls += 1;
        self.progress(place).call = Some(Call { index, arguments: CallArguments::default() });
        match self.call_format() {
            CallFormat::ToolCalls => self.delta("tool_calls", &tool_call_delta::begin(index, item), out),
            // There is room for one.
            CallFormat::FunctionCall if index == 0 => {
                self.delta("function_call", &tool_call_delta::legacy_begin(item), out);
            }
            CallFormat::FunctionCall => {}
        }
    }

    fn add_arguments(&mut self, place: u32, delta: &str, out: &mut Vec<u8>) {
        let Some(call) = &mut self.progress(place).call else { return };
        let (index, written) = (call.index, call.arguments.take(delta));
        self.write_arguments(index, written, out);
    }

    /// Writes the rest of the arguments of a finished call: an empty object if it had none, because the reference has
    /// JSON there, and callers parse it.
    fn write_missing_arguments(&mut self, place: u32, complete: &str, out: &mut Vec<u8>) {
        let Some(call) = &mut self.progress(place).call else { return };
        let rest = call.arguments.take_rest(complete);
        let rest = if call.arguments.has_begun() { rest } else { "{}" };
        let index = call.index;
        self.write_arguments(index, rest, out);
    }

    /// Writes an empty object for calls that the service neither gave arguments nor ended.
    fn write_arguments_of_unfinished_calls(&mut self, out: &mut Vec<u8>) {
        let unfinished = self.items.iter().filter(|item| !item.done && item.call.is_some());
        let places: Vec<u32> = unfinished.map(|item| item.place).collect();
        for place in places {
            self.write_missing_arguments(place, "", out);
        }
    }

    fn write_arguments(&mut self, index: u32, piece: &str, out: &mut Vec<u8>) {
        if piece.is_empty() {
            return;
        }
        match self.call_format() {
            CallFormat::ToolCalls => self.delta("tool_calls", &tool_call_delta::arguments(index, piece), out),
            CallFormat::FunctionCall if index == 0 => {
                self.delta("function_call", &tool_call_delta::legacy_arguments(piece), out);
            }
            CallFormat::FunctionCall => {}
        }
    }

    fn call_format(&self) -> CallFormat {
        if self.options.legacy_function_call { CallFormat::FunctionCall } else { CallFormat::ToolCalls }
    }

    /// Writes the rest of a complete item.
    fn done(&mut self, place: u32, item: &Item<'_>, out: &mut Vec<u8>) {
        if self.finished || std::mem::replace(&mut self.progress(place).done, true) {
            return;
        }
        match &*item.kind {
            "message" => self.write_missing_message(place, item, out),
            "reasoning" => self.write_missing_reasoning(place, item, out),
            "function_call" => {
                self.call(place, item, out);
                self.write_missing_arguments(place, item.arguments.as_deref().unwrap_or_default(), out);
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

    fn write_missing_message(&mut self, place: u32, item: &Item<'_>, out: &mut Vec<u8>) {
        let content = MessageContent::from_item(item, 0);
        let progress = self.progress(place);
        let (text, refusal) = (progress.text, progress.refusal);
        if let Some(rest) = content.text.get(text..).filter(|rest| !rest.is_empty()) {
            self.text(place, rest, out);
        }
        if self.finished {
            return;
        }
        if let Some(rest) = content.refusal.get(refusal..).filter(|rest| !rest.is_empty()) {
            self.refuse(place, rest, out);
        }
        let citations = MessageContent::from_item(item, self.progress(place).base).citations;
        if !citations.is_empty() {
            self.delta("annotations", &citations, out);
        }
    }

    /// Ends the response: items that are only in its output, then the end.
    fn end(&mut self, response: &Response<'_>, out: &mut Vec<u8>) {
        let output = (0..).zip(response.output.iter().flatten());
        for (output_index, item) in output.filter(|(_, item)| !item.is_commentary()) {
            let place = self.places.last(output_index, item);
            self.done(place, item, out);
        }
        if !self.finished {
            self.write_arguments_of_unfinished_calls(out);
            self.release(out);
            let reason =
                completion::finish_reason(response, self.calls > 0, self.options.legacy_function_call);
            self.finish(reason, response.usage.map(CompletionUsage::from), out);
        }
    }

    fn finish(&mut self, reason: &str, usage: Option<CompletionUsage>, out: &mut Vec<u8>) {
        let usage = usage.filter(|_| self.options.include_usage);
        let chunks = self.chunks(out);
        chunks.finish(reason, out);
        if let Some(usage) = usage {
            chunks.usage(&usage, out);
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
        self.finished = true;
    }
}

impl ResponseWriter for ChatCompletionsWriter {
    fn write_event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        if self.finished || self.commentary.hides(event) {
            return;
        }
        match event {
            Event::Created { response } if !self.begun => self.head(response),
            Event::ItemAdded { output_index, item } => {
                let place = self.places.added(*output_index, item);
                self.call(place, item, out);
            }
            Event::Delta { kind: delta_kind, output_index, part, delta } => {
                let place = self.places.delta(*output_index, *delta_kind);
                match delta_kind {
                    DeltaKind::Text => self.text(place, delta, out),
                    DeltaKind::Refusal => self.refuse(place, delta, out),
                    DeltaKind::ReasoningSummary | DeltaKind::ReasoningText => {
                        self.write_reasoning(*delta_kind, place, *part, delta, out);
                    }
                    DeltaKind::FunctionArguments => self.add_arguments(place, delta, out),
                    // Written with the complete item.
                    DeltaKind::CustomToolInput => {}
                }
            }
            Event::ItemDone { output_index, item } => {
                let place = self.places.done(*output_index, item);
                self.done(place, item, out);
            }
            Event::Completed { response } | Event::Incomplete { response } => self.end(response, out),
            Event::Created { .. } | Event::Failed { .. } | Event::Other { .. } => {}
        }
    }

    /// Writes a comment. No blank line follows: some SDKs take one for the end of an event, and fail because that has no
    /// data (openai/openai-go#556, openai/openai-python#2722).
    fn write_keep_alive(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b": waiting\n");
    }

    /// Writes an error chunk, which both packages raise. No `[DONE]` follows: it would mean success.
    fn write_error(&mut self, api_error: &ApiError, out: &mut Vec<u8>) {
        if self.finished {
            return;
        }
        self.finished = true;
        out.extend_from_slice(br#"data: {"error":"#);
        json::write(&error_object(api_error), out);
        out.extend_from_slice(b"}\n\n");
    }

    fn is_finished(&self) -> bool {
        self.finished
    }
}
