//! Encodes a response as the events of a streamed message.
//!
//! `message_start`, one `ping`, each block from its start to its stop, `message_delta` with the stop reason and the
//! usage, `message_stop`: in this order, with an `event:` line each, because the SDKs dispatch on it
//! (`core/streaming.js` of `@anthropic-ai/sdk` 1.11.0).

use super::block_writer::{SseBlockWriter, json};
use super::blocks::Blocks;
use super::non_streaming::Message;
use super::stop_reason::{MessageUsage, StopInfo};
use crate::error::ApiError;
use crate::messages::error::translate_error;
use crate::messages::options::MessageOptions;
use crate::response_writer::ResponseWriter;
use crate::responses::events::event::{Event, Response};

const PING: &[u8] = b"event: ping\ndata: {\"type\":\"ping\"}\n\n";

/// Encodes one streamed response.
#[derive(Debug)]
pub struct MessagesWriter {
    blocks: Blocks,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing was written.
    New,
    /// `message_start` was written.
    Started,
    /// The last event was written.
    Ended,
}

impl MessagesWriter {
    /// Returns a writer for the response to a request with these options.
    pub fn new(options: MessageOptions) -> Self {
        Self { blocks: Blocks::new(options), state: State::New }
    }

    fn start(&mut self, response: &Response<'_>, out: &mut Vec<u8>) {
        if self.state != State::New {
            return;
        }
        self.state = State::Started;
        out.extend_from_slice(b"event: message_start\ndata: {\"type\":\"message_start\",\"message\":");
        json(out, &Message::empty(&self.blocks.state.options, response));
        out.extend_from_slice(b"}\n\n");
        out.extend_from_slice(PING);
    }

    fn end(&mut self, response: &Response<'_>, complete: bool, out: &mut Vec<u8>) {
        self.blocks.end(response, &mut SseBlockWriter(out));
        out.extend_from_slice(b"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":");
        json(out, &StopInfo::of(&self.blocks.state, response, complete));
        out.extend_from_slice(b",\"usage\":");
        json(out, &MessageUsage::of(response, self.blocks.state.search_count));
        out.extend_from_slice(b"}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
        self.state = State::Ended;
    }
}

impl ResponseWriter for MessagesWriter {
    fn write_event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        if self.state == State::Ended {
            return;
        }
        match event {
            Event::Created { response } => self.start(response, out),
            Event::ItemAdded { .. } | Event::Delta { .. } | Event::ItemDone { .. } => {
                self.start(&Response::default(), out);
                self.blocks.event(event, &mut SseBlockWriter(out));
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

    /// Writes a `ping`, which the API sends at any time and SDKs ignore.
    fn write_keep_alive(&mut self, out: &mut Vec<u8>) {
        if self.state != State::Ended {
            out.extend_from_slice(PING);
        }
    }

    /// Writes an `error` event, which ends the stream for the SDKs at any point. The open block is ended first, so
    /// that it can be used.
    fn write_error(&mut self, api_error: &ApiError, out: &mut Vec<u8>) {
        if self.state == State::Ended {
            return;
        }
        self.blocks.close(&mut SseBlockWriter(out));
        out.extend_from_slice(b"event: error\ndata: ");
        out.extend_from_slice(&translate_error(api_error, None));
        out.extend_from_slice(b"\n\n");
        self.state = State::Ended;
    }
}
