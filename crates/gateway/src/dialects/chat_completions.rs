//! OpenAI's Chat Completions API.

use usher_dialect::chat_completions;
use usher_dialect::error::{ApiError, BadRequest};
use usher_dialect::json::RawObject;
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::{self, Response};
use usher_dialect::translate::{Recipient, ResponseOptions};
use usher_domain::Wire;

use super::inbound_dialect::{DialectEndpoint, HubRequest, InboundDialect, ResponseFormat};

pub(super) struct ChatCompletions;

impl InboundDialect for ChatCompletions {
    fn name(&self) -> &'static str {
        "chat_completions"
    }

    fn routes(&self) -> &'static [(&'static str, DialectEndpoint)] {
        &[
            ("/v1/chat/completions", DialectEndpoint::Generate),
            ("/chat/completions", DialectEndpoint::Generate),
        ]
    }

    fn native_wire(&self) -> Option<Wire> {
        Some(Wire::ChatCompletions)
    }

    fn translate_request<'a>(
        &self,
        request: RawObject<'a>,
        recipient: &Recipient<'_>,
    ) -> Result<HubRequest<'a>, BadRequest> {
        let request = chat_completions::to_responses(&request, recipient)?;
        let format = Box::new(ChatCompletionsFormat(request.options));
        Ok(HubRequest { body: request.body, dropped: request.dropped, format })
    }

    /// Both of OpenAI's APIs have the same error body.
    fn encode_error(&self, error: &ApiError) -> Vec<u8> {
        responses::translate_error(error)
    }
}

struct ChatCompletionsFormat(ResponseOptions);

impl ResponseFormat for ChatCompletionsFormat {
    fn into_writer(self: Box<Self>, model: &str, now: u64) -> Box<dyn ResponseWriter> {
        Box::new(chat_completions::ChatCompletionsWriter::new(model, now, self.0))
    }

    fn encode_response(&self, response: &Response<'_>, model: &str, now: u64) -> Vec<u8> {
        chat_completions::translate_response(response, model, now, &self.0)
    }
}
