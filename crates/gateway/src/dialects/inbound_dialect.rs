//! The interface of an API that clients use.

use std::borrow::Cow;
use std::fmt;

use http::request::Parts;
use serde_json::{Value, json};
use usher_dialect::Countable;
use usher_dialect::error::{ApiError, BadRequest};
use usher_dialect::json::RawObject;
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::Response;
use usher_dialect::translate::Recipient;
use usher_domain::{Model, Tier, Wire};

use crate::translate::effort::effort_of;

/// A dialect. All are static, so that requests can carry a reference.
pub(crate) type Dialect = &'static dyn InboundDialect;

/// The creation time of every model, in Unix seconds. Providers state none; the lists require a number.
pub(super) const PLACEHOLDER_TIME: i64 = 1_767_225_600;

/// An endpoint that belongs to one dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DialectEndpoint {
    /// Generates a response.
    Generate,
    /// Compacts a history (protocol §8.4).
    Compact,
    /// Counts the tokens of a request.
    CountTokens,
}

/// An API that clients use: its paths, and how its requests, responses and errors are encoded.
pub(crate) trait InboundDialect: Send + Sync {
    /// Returns the name that logs and lists show.
    fn name(&self) -> &'static str;

    /// Returns the paths of this dialect, all for POST.
    fn routes(&self) -> &'static [(&'static str, DialectEndpoint)];

    /// Returns whether a request at a shared path, such as the list of models, belongs to this dialect.
    fn claims(&self, _request: &Parts) -> bool {
        false
    }

    /// Returns the provider API that accepts requests of this dialect without translation.
    fn native_wire(&self) -> Option<Wire>;

    /// Translates a request to the Responses API.
    fn translate_request<'a>(
        &self,
        request: RawObject<'a>,
        recipient: &Recipient<'_>,
    ) -> Result<HubRequest<'a>, BadRequest>;

    /// Returns the tier that a request asks for, in a dialect whose field for it is not that of OpenAI's APIs.
    fn requested_tier(&self, _request: &RawObject<'_>) -> Option<Tier> {
        None
    }

    /// Returns the effort that a request asks for, in its own words.
    fn requested_effort(&self, request: &RawObject<'_>) -> Option<String> {
        effort_of(request)
    }

    /// Calls `visit` with everything that the model reads of a request, for the endpoint that counts its tokens.
    fn visit_countable(
        &self,
        _request: &[u8],
        _visit: &mut dyn FnMut(Countable<'_>),
    ) -> Result<(), BadRequest> {
        Err(BadRequest::new("this API counts no tokens"))
    }

    /// Encodes a count of tokens.
    fn encode_token_count(&self, tokens: u64) -> Vec<u8> {
        json!({ "input_tokens": tokens }).to_string().into_bytes()
    }

    /// Returns the HTTP status of an error.
    fn error_status(&self, error: &ApiError) -> u16 {
        error.status
    }

    /// Encodes the body of an error.
    fn encode_error(&self, error: &ApiError) -> Vec<u8>;

    /// Returns one entry of the list of models, with the model under the name `id`.
    fn model_entry(&self, _model: &Model, id: &str) -> Value {
        json!({ "id": id, "object": "model", "created": PLACEHOLDER_TIME, "owned_by": "usher" })
    }

    /// Returns a second name under which the list offers a model.
    fn model_alias(&self, _model: &Model) -> Option<String> {
        None
    }

    /// Returns the client version of a request for the provider's own catalog instead of a list of models.
    fn catalog_version<'q>(&self, _query: Option<&'q str>) -> Option<&'q str> {
        None
    }
}

impl fmt::Debug for dyn InboundDialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl PartialEq for dyn InboundDialect {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

/// A request translated to the hub, the Responses API, with the format of its response.
pub(crate) struct HubRequest<'a> {
    pub(crate) body: RawObject<'a>,
    /// Names of fields that the Responses API does not have.
    pub(crate) dropped: Vec<Cow<'static, str>>,
    pub(crate) format: Box<dyn ResponseFormat>,
}

/// The encoding of one response, with the options of its request.
pub(crate) trait ResponseFormat: Send + Sync {
    /// Returns the writer of a stream.
    fn into_writer(self: Box<Self>, model: &str, now: u64) -> Box<dyn ResponseWriter>;

    /// Encodes a response that is not streamed.
    fn encode_response(&self, response: &Response<'_>, model: &str, now: u64) -> Vec<u8>;
}
