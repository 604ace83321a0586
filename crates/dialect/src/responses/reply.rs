//! A streamed response put together: its text, and how it ended.

use serde_json::Value;

use super::{Event, NotAnEvent};
use crate::sse::{SseParser, TooLong};

/// What some clients of the Responses API send at the very end; the protocol does not promise it (§8.3).
const DONE: &[u8] = b"[DONE]";

/// A whole response.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// What the model said, as far as it came.
    pub text: String,
    /// How it ended.
    pub ending: Ending,
}

/// How a response ended (protocol §8.3).
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// The model said all it had to say.
    Completed,
    /// It was stopped, for example by a filter or a length limit.
    Incomplete {
        /// The provider's word for why.
        reason: Option<String>,
    },
    /// The provider gave up.
    Failed {
        /// Its error object as it came.
        error: Value,
    },
    /// The stream ended without a terminal event.
    Cut,
}

/// The stream is not one of this protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// An event has no end in sight.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// An event is not JSON.
    #[error(transparent)]
    NotAnEvent(#[from] NotAnEvent),
}

/// Puts one response together from the bytes of its stream.
#[derive(Debug, Default)]
pub struct ReplyReader {
    parser: SseParser,
    collected: Collected,
}

/// Three places tell the text. Items that are done win, because the final event's output can be empty here;
/// deltas are the last resort.
#[derive(Debug, Default)]
struct Collected {
    items: Option<String>,
    output: String,
    deltas: String,
    ending: Option<Ending>,
}

impl ReplyReader {
    /// Reads on. True once the terminal event is in: what follows it, if anything, is not looked at.
    pub fn push(&mut self, mut piece: &[u8]) -> Result<bool, Unreadable> {
        while self.collected.ending.is_none() {
            let Some(sse) = self.parser.next_event(&mut piece)? else { return Ok(false) };
            if sse.data != DONE {
                self.collected.take(Event::read(sse)?);
            }
        }
        Ok(true)
    }

    /// What came. Without a terminal event the response is cut.
    pub fn finish(self) -> Reply {
        let Collected { items, output, deltas, ending } = self.collected;
        let text = match items {
            Some(items) => items,
            None if output.is_empty() => deltas,
            None => output,
        };
        Reply { text, ending: ending.unwrap_or(Ending::Cut) }
    }
}

impl Collected {
    fn take(&mut self, event: Event) {
        match event {
            Event::TextDelta { delta } => self.deltas.push_str(&delta),
            Event::ItemDone { text: Some(text) } => self.items.get_or_insert_default().push_str(&text),
            Event::Completed { text } => {
                self.output = text;
                self.ending = Some(Ending::Completed);
            }
            Event::Incomplete { reason } => self.ending = Some(Ending::Incomplete { reason }),
            Event::Failed { error } => self.ending = Some(Ending::Failed { error }),
            Event::ItemDone { text: None } | Event::Unknown { .. } => {}
        }
    }
}
