//! OpenAI's Responses API.

use serde_json::json;
use usher_dialect::Countable;
use usher_dialect::error::{ApiError, BadRequest};
use usher_dialect::json::RawObject;
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::{self, Response};
use usher_dialect::translate::Recipient;
use usher_domain::Wire;

use super::inbound_dialect::{DialectEndpoint, HubRequest, InboundDialect, ResponseFormat};

/// Maximum length of a client version that is forwarded; Codex's has seven characters.
const MAX_VERSION_LENGTH: usize = 32;

pub(super) struct Responses;

impl InboundDialect for Responses {
    fn name(&self) -> &'static str {
        "responses"
    }

    fn routes(&self) -> &'static [(&'static str, DialectEndpoint)] {
        &[
            ("/v1/responses", DialectEndpoint::Generate),
            ("/responses", DialectEndpoint::Generate),
            ("/v1/responses/compact", DialectEndpoint::Compact),
            ("/responses/compact", DialectEndpoint::Compact),
            ("/v1/responses/input_tokens", DialectEndpoint::CountTokens),
            ("/responses/input_tokens", DialectEndpoint::CountTokens),
        ]
    }

    fn native_wire(&self) -> Option<Wire> {
        Some(Wire::Responses)
    }

    fn translate_request<'a>(
        &self,
        request: RawObject<'a>,
        _recipient: &Recipient<'_>,
    ) -> Result<HubRequest<'a>, BadRequest> {
        Ok(HubRequest { body: request, dropped: Vec::new(), format: Box::new(ResponsesFormat) })
    }

    fn encode_error(&self, error: &ApiError) -> Vec<u8> {
        responses::translate_error(error)
    }

    fn visit_countable(
        &self,
        request: &[u8],
        visit: &mut dyn FnMut(Countable<'_>),
    ) -> Result<(), BadRequest> {
        responses::visit_countable(request, visit)
    }

    fn encode_token_count(&self, tokens: u64) -> Vec<u8> {
        json!({ "object": "response.input_tokens", "input_tokens": tokens }).to_string().into_bytes()
    }

    /// Codex sends its version and expects the catalog (protocol §7.1).
    fn catalog_version<'q>(&self, query: Option<&'q str>) -> Option<&'q str> {
        let version = query?.split('&').find_map(|pair| pair.strip_prefix("client_version="))?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
        Some(version).filter(|version| version.len() <= MAX_VERSION_LENGTH && version.bytes().all(plain))
    }
}

pub(super) struct ResponsesFormat;

impl ResponseFormat for ResponsesFormat {
    fn into_writer(self: Box<Self>, model: &str, now: u64) -> Box<dyn ResponseWriter> {
        Box::new(responses::ResponsesWriter::new(model, now))
    }

    fn encode_response(&self, response: &Response<'_>, model: &str, now: u64) -> Vec<u8> {
        responses::translate_response(response, model, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn catalog_version_is_read_from_query() {
        let version = |query| Responses.catalog_version(Some(query)).map(str::to_owned);
        assert_eq!(version("a=b&client_version=0.171.0").as_deref(), Some("0.171.0"));
        for query in ["limit=1000", "client_version=1%26a=b", &format!("client_version={}", "1".repeat(33))] {
            assert_eq!(version(query), None, "{query}");
        }
    }
}
