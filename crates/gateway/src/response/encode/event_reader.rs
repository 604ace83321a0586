//! Reads the events of a provider's stream, in the Responses API or in Chat Completions.

use std::ops::ControlFlow;

use usher_dialect::json_body::JsonBody;
use usher_dialect::responses::{self, DeltaKind, Event, ResponsesReader};
use usher_dialect::translate::ToolNames;
use usher_dialect::{StreamParseError, chat_completions};
use usher_domain::Wire;

use crate::request_log::TokenCounts;

/// Parses the chunks of a stream into events of the Responses API.
pub(crate) struct EventReader {
    /// The body, if the provider sends one instead of a stream.
    body: JsonBody,
    stream: StreamReader,
}

/// Parses a stream.
enum StreamReader {
    Responses(ResponsesReader),
    ChatCompletions(Box<chat_completions::ChatCompletionsReader>),
}

impl EventReader {
    pub(crate) fn new(wire: Wire, tools: ToolNames, owner: Option<&str>) -> Self {
        let stream = match wire {
            Wire::Responses => StreamReader::Responses(ResponsesReader::default()),
            Wire::ChatCompletions => StreamReader::ChatCompletions(Box::new(
                chat_completions::ChatCompletionsReader::new(tools, owner),
            )),
        };
        Self { body: JsonBody::default(), stream }
    }

    /// Returns the API of the stream.
    pub(crate) fn wire(&self) -> Wire {
        match &self.stream {
            StreamReader::Responses(_) => Wire::Responses,
            StreamReader::ChatCompletions(_) => Wire::ChatCompletions,
        }
    }

    /// Passes the events of `chunk` to `handle_event` until it breaks.
    pub(crate) fn push(
        &mut self,
        chunk: &[u8],
        mut handle_event: impl FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<(), StreamParseError> {
        if self.body.take(chunk)? {
            return Ok(());
        }
        match &mut self.stream {
            StreamReader::Responses(reader) => reader.push(chunk, handle_event)?,
            StreamReader::ChatCompletions(reader) => {
                reader.push(chunk, &mut |event| {
                    let _ = handle_event(event);
                })?;
            }
        }
        Ok(())
    }

    /// Passes the events that only the end of the stream completes to `handle_event`. A body that broke off has none.
    pub(crate) fn finish(&mut self, mut handle_event: impl FnMut(Event<'_>) -> ControlFlow<()>) {
        let body = self.body.finish();
        let mut take = |event: Event<'_>| {
            let _ = handle_event(event);
        };
        match (&mut self.stream, body) {
            (StreamReader::Responses(_), Some(body)) => {
                let _ = responses::read_body(&body, &mut take);
            }
            (StreamReader::Responses(reader), None) => reader.finish(handle_event),
            (StreamReader::ChatCompletions(reader), Some(body)) => {
                let _ = reader.read_body(&body, &mut take);
            }
            (StreamReader::ChatCompletions(reader), None) => {
                reader.finish(&mut take);
            }
        }
    }
}

/// Returns whether `event` carries content of the response, not only the news that there will be one.
pub(crate) fn is_content(event: &Event<'_>) -> bool {
    !matches!(event, Event::Created { .. } | Event::Failed { .. } | Event::Other { .. })
}

/// Returns whether `event` is a part of the text or of a tool call, and not of the reasoning before it.
pub(crate) fn is_output(event: &Event<'_>) -> bool {
    use DeltaKind as D;
    match event {
        Event::Delta { kind, .. } => {
            matches!(kind, D::Text | D::Refusal | D::FunctionArguments | D::CustomToolInput)
        }
        _ => false,
    }
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

/// Returns the counts that the request log shows.
pub(crate) fn token_counts(usage: &responses::TokenUsage) -> TokenCounts {
    TokenCounts {
        input: usage.input_tokens,
        output: usage.output_tokens,
        cached: usage.input_tokens_details.cached_tokens,
        reasoning: usage.output_tokens_details.reasoning_tokens,
    }
}
