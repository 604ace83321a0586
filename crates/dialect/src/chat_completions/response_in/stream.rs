//! A streamed chat completion as events of the hub, for callers of other dialects whose provider has nothing but Chat
//! Completions.

use serde_json::{Value, json};

use super::tool_calls::Calls;
use super::types::{self, Choice, Chunk, Delta};
use crate::json::{Raw, Text};
use crate::probe::StreamParseError;
use crate::responses::event::{DeltaKind, Event, IncompleteDetails, InvalidEvent, Response, TokenUsage};
use crate::responses::item::{Item, Part};
use crate::sse::{SseEvent, SseParser};
use crate::translate::ToolNames;

/// The last word of a stream.
const DONE: &[u8] = b"[DONE]";

/// Who takes the events.
pub(crate) type Take<'t> = &'t mut dyn FnMut(Event<'_>);

/// Reads one completion from the bytes of its stream.
///
/// The events are those that the Responses API would have sent: open reasoning as a summary, which is the kind of
/// reasoning that callers of all dialects are shown, and custom tools and namespaces as the caller named them. The text
/// of a custom tool comes in one piece in the end, because what streams is JSON around it.
#[derive(Debug, Default)]
pub struct ChatCompletionsReader {
    parser: SseParser,
    completion: Completion,
    /// The last word of the stream is in.
    done: bool,
}

#[derive(Debug, Default)]
struct Completion {
    tools: ToolNames,
    created: bool,
    /// The response's id, model and time; later what it cost and why it stopped.
    response: Response<'static>,
    /// The message or the reasoning that is being told.
    open: Option<Open>,
    calls: Calls,
    items: u32,
    finish_reason: Option<String>,
    usage: Option<TokenUsage>,
    ended: bool,
}

/// A message, or reasoning.
#[derive(Debug)]
struct Open {
    output_index: u32,
    kind: &'static str,
    text: String,
    refusal: String,
}

impl ChatCompletionsReader {
    /// For the answer to a request whose tools are called `tools` on this side.
    pub fn new(tools: ToolNames) -> Self {
        let completion = Completion { tools, ..Completion::default() };
        Self { parser: SseParser::default(), completion, done: false }
    }

    /// Reads on, and gives each event to `take`. True once the last event is in: what follows it is not looked at.
    pub fn push(
        &mut self,
        mut piece: &[u8],
        take: &mut dyn FnMut(Event<'_>),
    ) -> Result<bool, StreamParseError> {
        while !self.completion.ended && !self.done {
            let Some(sse) = self.parser.next_event(&mut piece)? else { return Ok(false) };
            if sse.data == DONE {
                // Said by some services after a cut as well, so it ends well only what had finished.
                self.done = true;
                return Ok(self.completion.end(take));
            }
            self.completion.chunk(sse, take)?;
        }
        Ok(self.completion.ended)
    }

    /// The stream is over. A service that closes after the reason to finish, without the last word, has said all; true
    /// then, and false when the answer is cut.
    pub fn finish(&mut self, take: &mut dyn FnMut(Event<'_>)) -> bool {
        self.completion.end(take)
    }
}

impl Completion {
    fn chunk(&mut self, sse: SseEvent<'_>, take: Take<'_>) -> Result<(), InvalidEvent> {
        let chunk: Chunk<'_> = serde_json::from_slice(sse.data)?;
        if let Some(error) = chunk.error.filter(|error| error.get() != "null") {
            self.fail(serde_json::from_str(error.get())?, take);
            return Ok(());
        }
        if sse.name == b"error" {
            self.fail(serde_json::from_slice(sse.data)?, take);
            return Ok(());
        }
        self.create(&chunk, take);
        self.usage = types::tokens(chunk.usage).or(self.usage);
        // One choice was asked for; services that give more are heard for the first.
        let choices = chunk.choices.into_iter().flatten();
        for choice in choices.filter(|choice| choice.index.unwrap_or(0) == 0) {
            self.choice(choice, take);
        }
        Ok(())
    }

    /// The response begins with the first chunk that is of it. What some services send before, a verdict on the
    /// question or a sign of life, has neither an id nor a choice.
    fn create(&mut self, chunk: &Chunk<'_>, take: Take<'_>) {
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

    fn choice(&mut self, choice: Choice<'_>, take: Take<'_>) {
        self.usage = types::tokens(choice.usage).or(self.usage);
        if let Some(delta) = choice.delta {
            self.delta(delta, take);
        }
        match choice.finish_reason.as_deref() {
            None | Some("") => {}
            Some("error") => self.fail(json!({ "message": "The service stopped with an error." }), take),
            Some(reason) => self.finish_reason = Some(reason.to_owned()),
        }
    }

    fn delta(&mut self, delta: Delta<'_>, take: Take<'_>) {
        let thought = types::text(delta.reasoning_content).or_else(|| types::text(delta.reasoning));
        if let Some(thought) = thought {
            self.grow("reasoning", DeltaKind::ReasoningSummary, thought, take);
        }
        if let Some(text) = types::text(delta.content) {
            self.grow("message", DeltaKind::Text, text, take);
        }
        if let Some(refusal) = delta.refusal.filter(|refusal| !refusal.is_empty()) {
            self.grow("message", DeltaKind::Refusal, refusal, take);
        }
        for call in delta.tool_calls.into_iter().flatten() {
            self.close("completed", take);
            let id = self.response.id.as_deref().unwrap_or_default();
            self.calls.delta(call, id, &mut self.items, &self.tools, take);
        }
    }

    /// More of the message or of the reasoning, which begins when something else was told before.
    fn grow(&mut self, kind: &'static str, delta_kind: DeltaKind, delta: Text<'_>, take: Take<'_>) {
        if self.open.as_ref().is_some_and(|open| open.kind != kind) {
            self.close("completed", take);
        }
        let items = &mut self.items;
        let open = self.open.get_or_insert_with(|| {
            let output_index = *items;
            *items += 1;
            let open = Open { output_index, kind, text: String::new(), refusal: String::new() };
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

    fn close(&mut self, status: &'static str, take: Take<'_>) {
        if let Some(open) = self.open.take() {
            take(Event::ItemDone { output_index: open.output_index, item: open.item(status) });
        }
    }

    fn fail(&mut self, error: Value, take: Take<'_>) {
        self.ended = true;
        let error = if error.is_object() { error } else { json!({ "message": error }) };
        take(Event::Failed { error });
    }

    /// Ends the response, if the model had come to an end.
    fn end(&mut self, take: Take<'_>) -> bool {
        let Some(reason) = self.finish_reason.take().filter(|_| !self.ended) else { return self.ended };
        self.ended = true;
        let incomplete = incomplete(&reason);
        let status = if incomplete.is_some() { "incomplete" } else { "completed" };
        self.close(status, take);
        self.calls.close(status, &self.tools, take);
        let mut response = std::mem::take(&mut self.response);
        response.usage = self.usage;
        match incomplete {
            None => take(Event::Completed { response }),
            Some(reason) => {
                response.incomplete_details = Some(IncompleteDetails { reason: Some(reason.into()) });
                take(Event::Incomplete { response });
            }
        }
        true
    }
}

/// Why the response is not whole, in the words of the Responses API where it has one.
fn incomplete(finish_reason: &str) -> Option<String> {
    match finish_reason {
        "stop" | "tool_calls" | "function_call" | "eos" | "end_turn" => None,
        "length" | "max_tokens" => Some("max_output_tokens".to_owned()),
        other => Some(other.to_owned()),
    }
}

impl Open {
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
