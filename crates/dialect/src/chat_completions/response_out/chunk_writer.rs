//! Writes the chunks of a chat completion by hand: what is the same in each is encoded once, and text goes straight
//! into the output.

use serde::Serialize;

use super::completion::{CompletionHead, CompletionUsage};
use crate::json;

/// Writes the chunks of one completion.
pub(crate) struct ChunkWriter {
    /// The beginning of each chunk, up to the `choices`.
    prefix: Vec<u8>,
    /// Whether the stream ends with usage; each chunk before it has `"usage":null` then.
    usage: bool,
}

impl ChunkWriter {
    pub(crate) fn new(head: &CompletionHead, usage: bool) -> Self {
        let mut prefix = Vec::with_capacity(128);
        prefix.extend_from_slice(br#"data: {"id":"#);
        json::write(&head.id, &mut prefix);
        prefix.extend_from_slice(br#","object":"chat.completion.chunk","created":"#);
        json::write(&head.created, &mut prefix);
        prefix.extend_from_slice(br#","model":"#);
        json::write(&head.model, &mut prefix);
        Self { prefix, usage }
    }

    /// Writes a chunk with the delta `{"<name>":<value>}`.
    pub(crate) fn delta(&self, name: &str, value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) {
        self.open(out);
        out.extend_from_slice(b"{\"");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        json::write(value, out);
        out.push(b'}');
        self.close("null", out);
    }

    /// Writes the first chunk, which has the role.
    pub(crate) fn role(&self, out: &mut Vec<u8>) {
        self.open(out);
        out.extend_from_slice(br#"{"role":"assistant","content":""}"#);
        self.close("null", out);
    }

    /// Writes the finish reason.
    pub(crate) fn finish(&self, reason: &str, out: &mut Vec<u8>) {
        self.open(out);
        out.extend_from_slice(b"{}");
        self.close(&format!("\"{reason}\""), out);
    }

    /// Writes the usage.
    pub(crate) fn usage(&self, usage: &CompletionUsage, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.prefix);
        out.extend_from_slice(br#","choices":[],"usage":"#);
        json::write(usage, out);
        out.extend_from_slice(b"}\n\n");
    }

    fn open(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.prefix);
        out.extend_from_slice(br#","choices":[{"index":0,"delta":"#);
    }

    fn close(&self, finish_reason: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(br#","logprobs":null,"finish_reason":"#);
        out.extend_from_slice(finish_reason.as_bytes());
        out.extend_from_slice(if self.usage { &b"}],\"usage\":null}\n\n"[..] } else { b"}]}\n\n" });
    }
}
