//! The encoding of a response for the client.

use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::Response;
use usher_dialect::translate::ToolNames;
use usher_domain::{UnixTime, Wire};

use crate::dialects::{self, ResponseFormat};

/// Everything that encoding a response needs.
pub(crate) struct ResponseEncoding {
    format: Box<dyn ResponseFormat>,
    /// The API that the provider's response arrives in.
    pub(crate) wire: Wire,
    /// Names of the tools at a provider of Chat Completions.
    pub(crate) tools: ToolNames,
    /// The model in the response.
    model: String,
    now: u64,
    /// Who gets the reasoning of the response back.
    pub(crate) reasoning_owner: Option<String>,
}

impl ResponseEncoding {
    pub(crate) fn new(
        format: Box<dyn ResponseFormat>,
        wire: Wire,
        tools: ToolNames,
        model: &str,
        now: UnixTime,
    ) -> Self {
        let now = u64::try_from(now.0).unwrap_or(0);
        Self { format, wire, tools, model: model.to_owned(), now, reasoning_owner: None }
    }

    /// Sets who gets the reasoning of the response back.
    pub(crate) fn with_owner(self, owner: String) -> Self {
        Self { reasoning_owner: Some(owner), ..self }
    }

    /// Returns the encoding from the Responses API to itself.
    pub(crate) fn responses(model: &str, now: UnixTime) -> Self {
        Self::new(dialects::responses_format(), Wire::Responses, ToolNames::default(), model, now)
    }

    /// Returns the writer of a stream.
    pub(crate) fn into_writer(self) -> Box<dyn ResponseWriter> {
        self.format.into_writer(&self.model, self.now)
    }

    /// Encodes a response that is not streamed.
    pub(crate) fn encode_response(&self, response: &Response<'_>) -> Vec<u8> {
        self.format.encode_response(response, &self.model, self.now)
    }
}
