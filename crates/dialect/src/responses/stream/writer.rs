//! Writes a response in the public Responses API, when the upstream speaks another dialect. If both sides speak it,
//! the events are forwarded instead.

use super::event_emitter::{self, EventEmitter};
use super::item_builder::ItemBuilder;
use crate::error::ApiError;
use crate::json::Raw;
use crate::response_writer::ResponseWriter;
use crate::responses::body::non_streaming::ResponseHead;
use crate::responses::error::error_object;
use crate::responses::events::event::{DeltaKind, Event, Response};
use crate::responses::events::item::Item;

/// Writes one response.
///
/// Items are renumbered in the order in which they begin, because SDKs look them up by position.
#[derive(Debug)]
pub struct ResponsesWriter {
    model: String,
    now: u64,
    head: Option<ResponseHead>,
    emitter: EventEmitter,
    items: Vec<ItemBuilder>,
    /// The finished items, by their index here.
    output: Vec<(usize, Raw<'static>)>,
    finished: bool,
}

impl ResponsesWriter {
    /// Returns a writer. `model` and `now`, in Unix seconds, are used where the response has neither.
    pub fn new(model: &str, now: u64) -> Self {
        Self {
            model: model.to_owned(),
            now,
            head: None,
            emitter: EventEmitter::default(),
            items: Vec::new(),
            output: Vec::new(),
            finished: false,
        }
    }

    /// Writes that the response exists: the first two events of any stream.
    fn create(&mut self, response: &Response<'_>, out: &mut Vec<u8>) {
        if self.head.is_some() {
            return;
        }
        let head = ResponseHead::of(response, &self.model, self.now);
        let object = head.object("in_progress", &[]);
        self.emitter.response_event("response.created", &object, out);
        self.emitter.response_event("response.in_progress", &object, out);
        self.head = Some(head);
    }

    /// Returns the index here of the unfinished item with the index `upstream` that matches.
    fn find_open(&self, upstream: u32, right: impl Fn(&ItemBuilder) -> bool) -> Option<usize> {
        self.items.iter().rposition(|open| open.upstream == upstream && !open.done && right(open))
    }

    fn begin(&mut self, upstream: u32, item: &Item<'_>, out: &mut Vec<u8>) -> usize {
        self.create(&Response::default(), out);
        let id = self.head.as_ref().map(|head| head.id.as_str()).unwrap_or_default();
        let index = self.items.len();
        self.items.push(ItemBuilder::begin(upstream, index, item, id, &mut self.emitter, out));
        index
    }

    fn add_delta(&mut self, of: DeltaKind, upstream: u32, part: u32, delta: &str, out: &mut Vec<u8>) {
        let index = match self.find_open(upstream, |open| open.takes(of)) {
            Some(index) => index,
            // A call cannot begin without its name; it is written when it is done.
            None if matches!(of, DeltaKind::FunctionArguments | DeltaKind::CustomToolInput) => return,
            None => self.begin(upstream, &Item { kind: of.item_type().into(), ..Item::default() }, out),
        };
        self.items[index].add_delta(of, part, delta, &mut self.emitter, out);
    }

    /// Finishes an item. One that is finished already is ignored.
    fn done(&mut self, upstream: u32, item: &Item<'_>, out: &mut Vec<u8>) {
        let index = match self.find_open(upstream, |open| open.is_like(item)) {
            Some(index) => index,
            None if self.items.iter().any(|open| open.upstream == upstream && open.done) => return,
            None => self.begin(upstream, item, out),
        };
        let cut = item.status.as_deref() == Some("incomplete");
        self.finish(index, Some(item), if cut { "incomplete" } else { "completed" }, out);
    }

    fn finish(&mut self, index: usize, item: Option<&Item<'_>>, status: &'static str, out: &mut Vec<u8>) {
        let item = self.items[index].finish(item, status, &mut self.emitter, out);
        self.output.push((index, item));
    }

    /// Ends the response: items that are only in its output, items that were never done, then the terminal event.
    fn end(&mut self, kind: &str, status: &'static str, response: &Response<'_>, out: &mut Vec<u8>) {
        self.create(response, out);
        for (upstream, item) in (0..).zip(response.output.iter().flatten()) {
            self.done(upstream, item, out);
        }
        for index in 0..self.items.len() {
            if !self.items[index].done {
                self.finish(index, None, status, out);
            }
        }
        let output = self.output();
        if let Some(head) = &self.head {
            self.emitter.response_event(kind, &head.object(status, &output).finished(response), out);
        }
        self.finished = true;
    }

    fn output(&mut self) -> Vec<Raw<'static>> {
        self.output.sort_by_key(|(index, _)| *index);
        self.output.iter().map(|(_, item)| item.clone()).collect()
    }
}

impl ResponseWriter for ResponsesWriter {
    fn write_event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        if self.finished {
            return;
        }
        match event {
            Event::Created { response } => self.create(response, out),
            Event::ItemAdded { output_index, item } => {
                if self.find_open(*output_index, |open| open.is_like(item)).is_none() {
                    self.begin(*output_index, item, out);
                }
            }
            Event::Delta { kind: delta_kind, output_index, part, delta } => {
                self.add_delta(*delta_kind, *output_index, *part, delta, out);
            }
            Event::ItemDone { output_index, item } => self.done(*output_index, item, out),
            Event::Completed { response } => self.end("response.completed", "completed", response, out),
            Event::Incomplete { response } => self.end("response.incomplete", "incomplete", response, out),
            Event::Failed { .. } | Event::Other { .. } => {}
        }
    }

    /// Writes a comment. No blank line follows: some SDKs take one for the end of an event, and fail because that has no
    /// data (openai/openai-go#556, openai/openai-python#2722).
    fn write_keep_alive(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b": waiting\n");
    }

    /// Writes `response.failed`, from which Codex reads why it failed and when to retry.
    ///
    /// Before `response.created` SDKs accept no other event, so an `error` event precedes it there: with flat fields,
    /// as in the reference, and with the nested object that both packages raise.
    fn write_error(&mut self, api_error: &ApiError, out: &mut Vec<u8>) {
        if self.finished {
            return;
        }
        self.finished = true;
        let error = error_object(api_error);
        if self.head.is_none() {
            self.emitter.begin("error", out);
            for name in ["code", "message", "param"] {
                event_emitter::field(name, &error.get(name), out);
            }
            event_emitter::field("error", &error, out);
            event_emitter::end(out);
        }
        let output = self.output();
        let head = ResponseHead::of(&Response::default(), &self.model, self.now);
        let head = self.head.as_ref().unwrap_or(&head);
        self.emitter.response_event(
            "response.failed",
            &head.object("failed", &output).failed(Raw::from_value(&error)),
            out,
        );
    }

    fn is_finished(&self) -> bool {
        self.finished
    }
}
