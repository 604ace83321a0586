//! Writes events of the public Responses API.
//!
//! Names and fields are the event types of the `PyPI` package `openai` 2.54.0. The order is what its stream helper
//! and that of npm 6.49.0 need: they append what is added and look up everything else by position.

use std::io::Write as _;

use serde::Serialize;

use crate::json;

/// Writes the events of one response, each with its sequence number.
#[derive(Debug, Default)]
pub(crate) struct EventEmitter {
    next_sequence_number: u64,
}

/// The item, and the part of it, that an event is about.
#[derive(Clone, Copy)]
pub(crate) struct EventLocation<'a> {
    pub(crate) item_id: &'a str,
    pub(crate) output_index: usize,
    /// The name of the index, `content_index` or `summary_index`, and the index.
    pub(crate) part: Option<(&'static str, usize)>,
}

impl EventEmitter {
    /// Begins an event; its fields follow, each with a comma before it.
    pub(crate) fn begin(&mut self, kind: &str, out: &mut Vec<u8>) {
        let number = self.next_sequence_number;
        self.next_sequence_number += 1;
        write(out, format_args!("event: {kind}\ndata: {{\"type\":\"{kind}\",\"sequence_number\":{number}"));
    }

    /// Writes an event about a location, with one more field.
    pub(crate) fn part_event(
        &mut self,
        kind: &str,
        location: EventLocation<'_>,
        (name, value): (&str, &(impl Serialize + ?Sized)),
        out: &mut Vec<u8>,
    ) {
        self.begin(kind, out);
        field("item_id", location.item_id, out);
        write(out, format_args!(",\"output_index\":{}", location.output_index));
        if let Some((name, index)) = location.part {
            write(out, format_args!(",\"{name}\":{index}"));
        }
        field(name, value, out);
        // The types of both packages require it beside text.
        if kind.starts_with("response.output_text.") {
            out.extend_from_slice(b",\"logprobs\":[]");
        }
        end(out);
    }

    /// Writes an event with an item.
    pub(crate) fn item_event(
        &mut self,
        kind: &str,
        output_index: usize,
        item: &impl Serialize,
        out: &mut Vec<u8>,
    ) {
        self.begin(kind, out);
        write(out, format_args!(",\"output_index\":{output_index}"));
        field("item", item, out);
        end(out);
    }

    /// Writes an event with the response.
    pub(crate) fn response_event(&mut self, kind: &str, response: &impl Serialize, out: &mut Vec<u8>) {
        self.begin(kind, out);
        field("response", response, out);
        end(out);
    }
}

/// Writes a field of an event.
pub(crate) fn field(name: &str, value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) {
    write(out, format_args!(",\"{name}\":"));
    json::write(value, out);
}

/// Ends an event.
pub(crate) fn end(out: &mut Vec<u8>) {
    out.extend_from_slice(b"}\n\n");
}

fn write(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a vector grows");
}
