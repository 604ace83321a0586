//! Which codec tells an answer.

use usher_dialect::error::BadRequest;
use usher_dialect::json::RawObject;
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::{self, Response};
use usher_dialect::translate::{ResponseOptions, Target, ToolNames};
use usher_dialect::{chat_completions, messages};
use usher_domain::{UnixTime, Wire};

use crate::admission::endpoint::Dialect;

/// A request that was taken into the Responses API's own shape.
pub(crate) struct Translation<'a> {
    pub(crate) body: RawObject<'a>,
    pub(crate) dropped: Vec<std::borrow::Cow<'static, str>>,
    dialect: ResponseDialect,
}

/// How the caller wants the answer told.
enum ResponseDialect {
    Responses,
    ChatCompletions(ResponseOptions),
    Messages(messages::MessageOptions),
}

/// Everything that telling an answer takes.
pub(crate) struct ResponseEncoding {
    wants: ResponseDialect,
    /// What the answer comes by.
    pub(crate) wire: Wire,
    /// What tools are called on the other side, where that speaks Chat Completions.
    pub(crate) tools: ToolNames,
    /// The model that answers.
    model: String,
    now: u64,
}

impl<'a> Translation<'a> {
    /// Takes `request` across.
    pub(crate) fn of(
        dialect: Dialect,
        request: RawObject<'a>,
        target: &Target<'_>,
    ) -> Result<Self, BadRequest> {
        Ok(match dialect {
            Dialect::Messages => {
                let messages::MessagesRequest { request, options } =
                    messages::to_responses(&request, target)?;
                Self {
                    body: request.body,
                    dropped: request.dropped,
                    dialect: ResponseDialect::Messages(options),
                }
            }
            Dialect::ChatCompletions => {
                let request = chat_completions::to_responses(&request, target)?;
                let wants = ResponseDialect::ChatCompletions(request.options);
                Self { body: request.body, dropped: request.dropped, dialect: wants }
            }
            Dialect::Responses => {
                Self { body: request, dropped: Vec::new(), dialect: ResponseDialect::Responses }
            }
        })
    }

    /// Its answer comes by `wire_api` from `model`.
    pub(crate) fn encoding(
        self,
        wire: Wire,
        tools: ToolNames,
        model: &str,
        now: UnixTime,
    ) -> ResponseEncoding {
        ResponseEncoding { wants: self.dialect, wire, tools, model: model.to_owned(), now: seconds(now) }
    }
}

impl ResponseEncoding {
    /// Responses to Responses.
    pub(crate) fn responses(model: &str, now: UnixTime) -> Self {
        let (wants, wire) = (ResponseDialect::Responses, Wire::Responses);
        Self { wants, wire, tools: ToolNames::default(), model: model.to_owned(), now: seconds(now) }
    }

    /// Event by event.
    pub(crate) fn writer(self) -> Box<dyn ResponseWriter> {
        match self.wants {
            ResponseDialect::Responses => Box::new(responses::ResponsesWriter::new(&self.model, self.now)),
            ResponseDialect::ChatCompletions(options) => {
                Box::new(chat_completions::ChatCompletionsWriter::new(&self.model, self.now, options))
            }
            ResponseDialect::Messages(options) => Box::new(messages::MessagesWriter::new(options)),
        }
    }

    /// In one piece.
    pub(crate) fn encode_whole(&self, response: &Response<'_>) -> Vec<u8> {
        match &self.wants {
            ResponseDialect::Responses => responses::translate_response(response, &self.model, self.now),
            ResponseDialect::ChatCompletions(options) => {
                chat_completions::translate_response(response, &self.model, self.now, options)
            }
            ResponseDialect::Messages(options) => messages::translate_response(response, options),
        }
    }
}

fn seconds(now: UnixTime) -> u64 {
    u64::try_from(now.0).unwrap_or(0)
}
