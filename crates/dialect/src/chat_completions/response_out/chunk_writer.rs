//! Chunks of a chat completion, written by hand: what is the same in each is made once, and a piece of text goes
//! straight into the bytes that are sent.

use serde::Serialize;

use super::completion::{Head, Usage};
use crate::json;

/// The chunks of one completion.
pub(crate) struct Chunks {
    /// Up to the `choices`.
    before: Vec<u8>,
    /// The stream says what it cost, so each chunk before the last says that it does not know yet.
    usage: bool,
}

impl Chunks {
    pub(crate) fn new(head: &Head, usage: bool) -> Self {
        let mut before = Vec::with_capacity(128);
        before.extend_from_slice(br#"data: {"id":"#);
        json::write(&head.id, &mut before);
        before.extend_from_slice(br#","object":"chat.completion.chunk","created":"#);
        json::write(&head.created, &mut before);
        before.extend_from_slice(br#","model":"#);
        json::write(&head.model, &mut before);
        Self { before, usage }
    }

    /// `{"<name>":<value>}` as the delta.
    pub(crate) fn delta(&self, name: &str, value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) {
        self.open(out);
        out.extend_from_slice(b"{\"");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        json::write(value, out);
        out.push(b'}');
        self.close("null", out);
    }

    /// Who speaks: the first chunk.
    pub(crate) fn role(&self, out: &mut Vec<u8>) {
        self.open(out);
        out.extend_from_slice(br#"{"role":"assistant","content":""}"#);
        self.close("null", out);
    }

    /// Why it stopped.
    pub(crate) fn finish(&self, reason: &str, out: &mut Vec<u8>) {
        self.open(out);
        out.extend_from_slice(b"{}");
        self.close(&format!("\"{reason}\""), out);
    }

    /// What it cost.
    pub(crate) fn usage(&self, usage: &Usage, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.before);
        out.extend_from_slice(br#","choices":[],"usage":"#);
        json::write(usage, out);
        out.extend_from_slice(b"}\n\n");
    }

    fn open(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.before);
        out.extend_from_slice(br#","choices":[{"index":0,"delta":"#);
    }

    fn close(&self, finish_reason: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(br#","logprobs":null,"finish_reason":"#);
        out.extend_from_slice(finish_reason.as_bytes());
        out.extend_from_slice(if self.usage { &b"}],\"usage\":null}\n\n"[..] } else { b"}]}\n\n" });
    }
}
