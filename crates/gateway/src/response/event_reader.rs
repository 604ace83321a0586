//! Reads the events of a provider's stream, in the Responses API or in Chat Completions.

use std::ops::ControlFlow;

use usher_dialect::responses::{self, Event};
use usher_dialect::sse::SseParser;
use usher_dialect::translate::ToolNames;
use usher_dialect::{StreamParseError, chat_completions};
use usher_domain::Wire;

use crate::request_log::TokenCounts;

/// Parses the chunks of a stream into events of the Responses API.
pub(crate) enum EventReader {
    Responses(SseParser),
    ChatCompletions(Box<chat_completions::ChatCompletionsReader>),
}

impl EventReader {
    pub(crate) fn new(wire: Wire, tools: ToolNames) -> Self {
        match wire {
            Wire::Responses => Self::Responses(SseParser::default()),
            Wire::ChatCompletions => {
                Self::ChatCompletions(Box::new(chat_completions::ChatCompletionsReader::new(tools)))
            }
        }
    }

    /// Returns the API of the stream.
    pub(crate) fn wire(&self) -> Wire {
        match self {
            Self::Responses(_) => Wire::Responses,
            Self::ChatCompletions(_) => Wire::ChatCompletions,
        }
    }

    /// Passes the events of `chunk` to `handle_event` until it breaks.
    pub(crate) fn push(
        &mut self,
        mut chunk: &[u8],
        mut handle_event: impl FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<(), StreamParseError> {
        match self {
            Self::Responses(parser) => {
                while let Some(sse) = parser.next_event(&mut chunk)? {
                    // Some services of the Responses API end their stream as Chat Completions does.
                    if sse.data != b"[DONE]" && handle_event(Event::parse(sse)?).is_break() {
                        break;
                    }
                }
            }
            Self::ChatCompletions(reader) => {
                reader.push(chunk, &mut |event| {
                    let _ = handle_event(event);
                })?;
            }
        }
        Ok(())
    }

    /// Passes the events that only the end of the stream completes to `handle_event`.
    pub(crate) fn finish(&mut self, mut handle_event: impl FnMut(Event<'_>) -> ControlFlow<()>) {
        if let Self::ChatCompletions(reader) = self {
            reader.finish(&mut |event| {
                let _ = handle_event(event);
            });
        }
    }
}

/// Returns whether `event` carries content of the response, not only the news that there will be one.
pub(crate) fn is_content(event: &Event<'_>) -> bool {
    !matches!(event, Event::Created { .. } | Event::Other { .. })
}

/// Returns the token counts of `event`, if it is the last one and has them.
pub(crate) fn usage_of(event: &Event<'_>) -> Option<TokenCounts> {
    match event {
        Event::Completed { response } | Event::Incomplete { response } => {
            response.usage.as_ref().map(token_counts)
        }
        _ => None,
    }
}

/// Returns the two counts that the request log shows.
pub(crate) fn token_counts(usage: &responses::TokenUsage) -> TokenCounts {
    TokenCounts { input: usage.input_tokens, output: usage.output_tokens }
}
