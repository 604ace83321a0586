//! Translates a streamed chat completion into Responses events, for callers of other dialects whose provider has
//! nothing but Chat Completions.

use serde_json::{Value, json};

use super::half_character::HalfCharacter;
use super::tool_calls::ToolCalls;
use super::types::{self, CallDelta, Choice, Chunk, Delta, EventSink};
use crate::chat_completions::finish_reason::FinishReason;
use crate::chat_completions::open_reasoning::{self, OpenReasoning};
use crate::error_in_body::{StrayError, error_of_body};
use crate::json::{Raw, Text};
use crate::messages::owner_tag;
use crate::probe::StreamParseError;
use crate::responses::events::event::{DeltaKind, Event, IncompleteDetails, InvalidEvent, Response};
use crate::responses::events::item::{Item, Part};
use crate::responses::events::token_usage::TokenUsage;
use crate::sse::{SseEvent, SseParser};
use crate::translate::ToolNames;

/// Reads one completion from the bytes of its stream.
///
/// The events are those that the Responses API would have sent: open reasoning as a summary, which callers of all
/// dialects are shown, and custom tools and namespaces as the caller named them. The input of a custom tool comes
/// in one delta at the end, because what streams is JSON around it.
#[derive(Debug, Default)]
pub struct ChatCompletionsReader {
    parser: SseParser,
    completion: Completion,
    /// Whether `[DONE]` arrived.
    done: bool,
}

#[derive(Debug, Default)]
struct Completion {
    tools: ToolNames,
    /// The tag of the service's account, for its reasoning.
    owner: String,
    created: bool,
    /// The response's id, model and time; later its usage and why it stopped.
    response: Response<'static>,
    /// The open message or reasoning.
    open: Option<OpenItem>,
    calls: ToolCalls,
    items: u32,
    /// What the service wants back of the reasoning since the last item with it.
    reasoning: OpenReasoning,
    half_of_text: HalfCharacter,
    half_of_reasoning: HalfCharacter,
    finish_reason: Option<FinishReason>,
    usage: Option<TokenUsage>,
    stray: StrayError,
    complete: bool,
}

/// A message or reasoning.
#[derive(Debug)]
struct OpenItem {
    output_index: u32,
    kind: &'static str,
    text: String,
    refusal: String,
}

impl ChatCompletionsReader {
    /// Returns a reader for the response to a request whose tools were renamed as in `tools`. Only a request to `owner`
    /// gets the reasoning of the response back.
    pub fn new(tools: ToolNames, owner: Option<&str>) -> Self {
        let completion = Completion { tools, owner: owner_tag(owner), ..Completion::default() };
        Self { parser: SseParser::default(), completion, done: false }
    }

    /// Reads a chunk of bytes and passes each event to `take`. Returns whether the last event arrived; what follows
    /// it is ignored.
    pub fn push(
        &mut self,
        mut chunk_bytes: &[u8],
        take: &mut dyn FnMut(Event<'_>),
    ) -> Result<bool, StreamParseError> {
        while !self.completion.complete && !self.done {
            let Some(sse) = self.parser.next_event(&mut chunk_bytes)? else { return Ok(false) };
            if sse.is_done() {
                // Some services send it after an interruption as well, so only a finished completion counts as
                // complete.
                self.done = true;
                return Ok(self.completion.end(take));
            }
            if !sse.is_blank() {
                self.completion.chunk(sse, take)?;
            }
        }
        Ok(self.completion.complete)
    }

    /// Ends the stream. Returns whether the response is complete: a service that closes after the finish reason,
    /// without `[DONE]` or without the blank line of the last event, has finished.
    pub fn finish(&mut self, take: &mut dyn FnMut(Event<'_>)) -> bool {
        if !self.completion.complete
            && !self.done
            && let Some(sse) = self.parser.last_event()
        {
            // An event that was cut off is no JSON.
            let _ = self.completion.chunk(sse, take);
        }
        self.completion.end(take)
    }

    /// Reads the body of a service that does not stream, as the events of the stream that it would have sent. Returns
    /// whether the body is a completion or an error.
    pub fn read_body(
        &mut self,
        body: &[u8],
        take: &mut dyn FnMut(Event<'_>),
    ) -> Result<bool, StreamParseError> {
        let completion = &mut self.completion;
        let read = completion.chunk(SseEvent { name: b"", data: body }, take);
        if completion.created {
            // The body is complete, whether or not it has a finish reason.
            completion.finish_reason.get_or_insert(FinishReason::Complete);
        } else if !completion.complete {
            match error_of_body(body) {
                Value::Null => read?,
                error => completion.fail(error, take),
            }
        }
        Ok(completion.end(take))
    }
}

impl Completion {
    fn chunk(&mut self, sse: SseEvent<'_>, take: EventSink<'_>) -> Result<(), InvalidEvent> {
        if sse.name == b"error" {
            self.fail(error_of_body(sse.data), take);
            return Ok(());
        }
        // Words between the chunks; what broke off is no JSON.
        if !sse.data.trim_ascii_start().starts_with(b"{") {
            self.stray.take(sse.data);
            return Ok(());
        }
        let chunk: Chunk<'_> = serde_json::from_slice(sse.data)?;
        if chunk.error.is_some_and(|error| error.get() != "null") {
            self.fail(error_of_body(sse.data), take);
            return Ok(());
        }
        if chunk.choices.is_none() {
            self.stray.take(sse.data);
        }
        self.create(&chunk, take);
        self.usage = types::token_usage(chunk.usage).or(self.usage);
        // One choice was requested; of services that send more, the first is used.
        let choices = chunk.choices.into_iter().flatten();
        for choice in choices.filter(|choice| choice.index.unwrap_or(0) == 0) {
            self.choice(choice, take);
        }
        Ok(())
    }

    /// Begins the response with the first chunk that belongs to it. What some services send before, a prompt filter
    /// result or a keep-alive, has neither an id nor a choice.
    fn create(&mut self, chunk: &Chunk<'_>, take: EventSink<'_>) {
        let of_it = chunk.id.as_ref().is_some_and(|id| !id.is_empty())
            || chunk.choices.as_ref().is_some_and(|choices| !choices.is_empty());
        if !of_it || std::mem::replace(&mut self.created, true) {
            return;
        }
        let owned =
            |text: &Option<Text<'_>>| text.clone().filter(|text| !text.is_empty()).map(Text::into_owned);
        let id = chunk.id.as_deref().filter(|id| !id.is_empty());
        self.response = Response {
            id: id.map(|id| format!("resp_{}", id.strip_prefix("chatcmpl-").unwrap_or(id)).into()),
            model: owned(&chunk.model),
            created_at: chunk.created.and_then(|created| serde_json::from_str(created.get()).ok()),
            ..Response::default()
        };
        take(Event::Created { response: self.response.clone() });
    }

    fn choice(&mut self, choice: Choice<'_>, take: EventSink<'_>) {
        self.usage = types::token_usage(choice.usage).or(self.usage);
        if let Some(error) = types::non_empty(choice.error) {
            self.fail(serde_json::from_str(error.get()).unwrap_or_default(), take);
            return;
        }
        if let Some(message) = choice.message.filter(|_| choice.delta.is_none()) {
            self.delta(message, take);
            // It is complete, whether or not there is a finish reason.
            self.finish_reason.get_or_insert(FinishReason::Complete);
        }
        if let Some(delta) = choice.delta {
            self.delta(delta, take);
        }
        if let Some(text) = types::text(choice.text, &mut self.half_of_text) {
            self.add_delta("message", DeltaKind::Text, text, take);
        }
        match choice.finish_reason.as_deref().filter(|word| !word.is_empty()).map(FinishReason::read) {
            None => {}
            Some(FinishReason::Failed) => {
                self.fail(json!({ "message": "The service stopped with an error." }), take);
            }
            Some(reason) => self.finish_reason = Some(reason),
        }
    }

    fn delta(&mut self, delta: Delta<'_>, take: EventSink<'_>) {
        self.add_reasoning(&delta, take);
        if let Some(text) = types::text(delta.content, &mut self.half_of_text) {
            self.add_delta("message", DeltaKind::Text, text, take);
        }
        if let Some(refusal) = delta.refusal.filter(|refusal| !refusal.is_empty()) {
            self.add_delta("message", DeltaKind::Refusal, refusal, take);
        }
        let function_call = delta.function_call.map(CallDelta::of_function);
        for call in delta.tool_calls.into_iter().flatten().chain(function_call) {
            let place = self.calls.place(&call);
            if let Some(content) = call.extra_content.and_then(|raw| serde_json::from_str(raw.get()).ok()) {
                self.reasoning.add_call(call.id.as_deref().unwrap_or_default(), place, content);
            }
            self.close("completed", take);
            if place == self.calls.count() {
                self.write_rest_of_reasoning(take);
            }
            let id = self.response.id.as_deref().unwrap_or_default();
            self.calls.delta(call, id, &mut self.items, &self.tools, take);
        }
    }

    /// Adds what a delta has of reasoning. A service that sends it by several names means the same by each.
    fn add_reasoning(&mut self, delta: &Delta<'_>, take: EventSink<'_>) {
        let content = types::non_empty(delta.reasoning_content);
        let raw = content.or(types::non_empty(delta.reasoning));
        let mut shown = types::text(raw, &mut self.half_of_reasoning);
        if let Some(text) = &shown {
            let field = if content.is_some() {
                &mut self.reasoning.fields.reasoning_content
            } else {
                &mut self.reasoning.fields.reasoning
            };
            field.push_str(text);
        }
        let details = types::details(delta.reasoning_details);
        if raw.is_none() {
            let parts = types::thinking(delta.content);
            shown = Some(parts.unwrap_or_else(|| open_reasoning::details_text(&details)).into());
        }
        for detail in details {
            self.reasoning.fields.add_detail(detail);
        }
        // Gemini marks thoughts in this field too; only a signature has to come back.
        let signature = delta.extra_content.filter(|raw| raw.get().contains("\"thought_signature\""));
        if let Some(content) = signature.and_then(|raw| serde_json::from_str(raw.get()).ok()) {
            self.reasoning.fields.extra_content = Some(content);
        }
        if let Some(text) = shown.filter(|text| !text.is_empty()) {
            self.add_delta("reasoning", DeltaKind::ReasoningSummary, text, take);
        }
    }

    /// Writes an item with the reasoning that arrived after its item was done, so that it goes back with the calls.
    fn write_rest_of_reasoning(&mut self, take: EventSink<'_>) {
        let Some(encrypted) = std::mem::take(&mut self.reasoning).encode(&self.owner) else { return };
        let open = OpenItem::new("reasoning", &mut self.items);
        take(Event::ItemAdded { output_index: open.output_index, item: open.item("in_progress") });
        let item = Item { encrypted_content: Some(encrypted.into()), ..open.item("completed") };
        take(Event::ItemDone { output_index: open.output_index, item });
    }

    /// Adds to the message or the reasoning, and begins it if another item was open.
    fn add_delta(&mut self, kind: &'static str, delta_kind: DeltaKind, delta: Text<'_>, take: EventSink<'_>) {
        if self.open.as_ref().is_some_and(|open| open.kind != kind) {
            self.close("completed", take);
        }
        let items = &mut self.items;
        let open = self.open.get_or_insert_with(|| {
            let open = OpenItem::new(kind, items);
            let output_index = open.output_index;
            take(Event::ItemAdded { output_index, item: open.item("in_progress") });
            open
        });
        let part = if delta_kind == DeltaKind::Refusal {
            open.refusal.push_str(&delta);
            u32::from(!open.text.is_empty())
        } else {
            open.text.push_str(&delta);
            0
        };
        take(Event::Delta { kind: delta_kind, output_index: open.output_index, part, delta });
    }

    fn close(&mut self, status: &'static str, take: EventSink<'_>) {
        let Some(mut open) = self.open.take() else { return };
        let output_index = open.output_index;
        let (delta_kind, half) = if open.kind == "reasoning" {
            (DeltaKind::ReasoningSummary, &mut self.half_of_reasoning)
        } else {
            (DeltaKind::Text, &mut self.half_of_text)
        };
        if let Some(rest) = half.take_rest() {
            open.text.push_str(rest);
            take(Event::Delta { kind: delta_kind, output_index, part: 0, delta: rest.into() });
        }
        let mut item = open.item(status);
        if open.kind == "reasoning" {
            item.encrypted_content = std::mem::take(&mut self.reasoning).encode(&self.owner).map(Into::into);
        }
        take(Event::ItemDone { output_index, item });
    }

    fn fail(&mut self, error: Value, take: EventSink<'_>) {
        self.complete = true;
        take(Event::Failed { error });
    }

    /// Ends the response, if the model finished.
    fn end(&mut self, take: EventSink<'_>) -> bool {
        let Some(reason) = self.finish_reason.take().filter(|_| !self.complete) else {
            if let Some(error) = self.stray.take_error().filter(|_| !self.complete) {
                self.fail(error, take);
            }
            return self.complete;
        };
        self.complete = true;
        let status = if reason == FinishReason::Complete { "completed" } else { "incomplete" };
        self.close(status, take);
        let called = self.calls.count() > 0;
        self.calls.close(status, &self.tools, take);
        if called {
            self.write_rest_of_reasoning(take);
        }
        let mut response = std::mem::take(&mut self.response);
        response.usage = self.usage;
        match reason {
            FinishReason::Complete | FinishReason::Failed => take(Event::Completed { response }),
            FinishReason::Incomplete(reason) => {
                response.incomplete_details = Some(IncompleteDetails { reason: Some(reason.into()) });
                take(Event::Incomplete { response });
            }
        }
        true
    }
}

impl OpenItem {
    /// Returns an empty item, the next of the output.
    fn new(kind: &'static str, items: &mut u32) -> Self {
        let output_index = *items;
        *items += 1;
        Self { output_index, kind, text: String::new(), refusal: String::new() }
    }

    fn item(&self, status: &'static str) -> Item<'static> {
        let part = |kind: &'static str, text: &str| Part {
            kind: kind.into(),
            text: Some(text.to_owned().into()),
            ..Part::default()
        };
        let item = Item { kind: self.kind.into(), status: Some(status.into()), ..Item::default() };
        if self.kind == "reasoning" {
            let summary = (!self.text.is_empty()).then(|| part("summary_text", &self.text));
            return Item { summary: Some(Raw::from_value(&summary.as_slice())), ..item };
        }
        let mut parts = Vec::new();
        if !self.text.is_empty() {
            let annotations = Some(Raw::from_value(&[(); 0]));
            parts.push(Part { annotations, ..part("output_text", &self.text) });
        }
        if !self.refusal.is_empty() {
            let refusal = Some(self.refusal.clone().into());
            parts.push(Part { kind: "refusal".into(), refusal, ..Part::default() });
        }
        Item { role: Some("assistant".into()), content: Some(Raw::from_value(&parts)), ..item }
    }
}
