//! The events of a response as those of a streamed message.
//!
//! `message_start`, one `ping`, each block from its start to its stop, `message_delta` with why it ended and what it
//! cost, `message_stop`: in this order, with an `event:` line each, because the SDKs go by the name
//! (`core/streaming.js` of `@anthropic-ai/sdk` 1.11.0).

use super::blocks::Blocks;
use super::effort::Thinking;
use super::ending::{Ending, Usage};
use super::sink::{Stream, json};
use super::trouble::error;
use crate::crossing::{AnswerWriter, ToolNames, Trouble};
use crate::responses::{Event, Response};

const PING: &[u8] = b"event: ping\ndata: {\"type\":\"ping\"}\n\n";

/// What a request wants of its answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The model as the caller named it.
    pub model: String,
    /// Whether the caller wants events or one message.
    pub stream: bool,
    /// Where the text has to end.
    pub stop_sequences: Vec<String>,
    /// What tools are called on the other side.
    pub(super) tools: ToolNames,
    /// What the answer shows of the model's thinking.
    pub(super) thinking: Thinking,
    /// Who can open the reasoning.
    pub(super) tag: String,
}

/// Writes one streamed answer.
#[derive(Debug)]
pub struct Writer {
    blocks: Blocks,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing is written.
    New,
    /// `message_start` is.
    Started,
    /// The last event is.
    Ended,
}

impl Writer {
    /// An answer to the request that wants it so.
    pub fn new(wanted: Wanted) -> Self {
        Self { blocks: Blocks::new(wanted), state: State::New }
    }

    fn start(&mut self, response: &Response<'_>, out: &mut Vec<u8>) {
        if self.state != State::New {
            return;
        }
        self.state = State::Started;
        out.extend_from_slice(b"event: message_start\ndata: {\"type\":\"message_start\",\"message\":");
        json(out, &super::whole::Message::begun(&self.blocks.wanted, response));
        out.extend_from_slice(b"}\n\n");
        out.extend_from_slice(PING);
    }

    fn end(&mut self, response: &Response<'_>, complete: bool, out: &mut Vec<u8>) {
        self.blocks.end(response, &mut Stream(out));
        out.extend_from_slice(b"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":");
        json(out, &Ending::of(&self.blocks, response, complete));
        out.extend_from_slice(b",\"usage\":");
        json(out, &Usage::of(response, self.blocks.searches.made));
        out.extend_from_slice(b"}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
        self.state = State::Ended;
    }
}

impl AnswerWriter for Writer {
    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        if self.state == State::Ended {
            return;
        }
        match event {
            Event::Created { response } => self.start(response, out),
            Event::ItemAdded { .. } | Event::Delta { .. } | Event::ItemDone { .. } => {
                self.start(&Response::default(), out);
                self.blocks.event(event, &mut Stream(out));
            }
            Event::Completed { response } => {
                self.start(response, out);
                self.end(response, true, out);
            }
            Event::Incomplete { response } => {
                self.start(response, out);
                self.end(response, false, out);
            }
            Event::Failed { .. } | Event::Other { .. } => {}
        }
    }

    /// A `ping`, which the API sends at any time and SDKs pass over.
    fn idle(&mut self, out: &mut Vec<u8>) {
        if self.state != State::Ended {
            out.extend_from_slice(PING);
        }
    }

    /// An `error` event, which ends the stream for the SDKs, wherever it stands. The block that is open is ended first,
    /// so that what came of it can be used.
    fn failed(&mut self, trouble: &Trouble, out: &mut Vec<u8>) {
        if self.state == State::Ended {
            return;
        }
        self.blocks.close(&mut Stream(out));
        out.extend_from_slice(b"event: error\ndata: ");
        out.extend_from_slice(&error(trouble, None));
        out.extend_from_slice(b"\n\n");
        self.state = State::Ended;
    }
}
