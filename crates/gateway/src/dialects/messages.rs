//! Anthropic's Messages API.

use http::request::Parts;
use serde_json::{Value, json};
use usher_dialect::Countable;
use usher_dialect::error::{ApiError, BadRequest};
use usher_dialect::json::RawObject;
use usher_dialect::messages;
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::Response;
use usher_dialect::translate::Recipient;
use usher_domain::{Model, Tier, Wire, sanitize_line};

use crate::translate::effort::MAX_EFFORT_LENGTH;

use super::inbound_dialect::{DialectEndpoint, HubRequest, InboundDialect, PLACEHOLDER_TIME, ResponseFormat};

/// The creation time of every model. Providers state none; Anthropic's clients require a date.
const PLACEHOLDER_DATE: &str = "2026-01-01T00:00:00Z";

pub(super) struct Messages;

/// Returns whether only this API has the path.
fn is_own_path(path: &str) -> bool {
    path.strip_prefix("/v1").unwrap_or(path).starts_with("/messages")
}

impl InboundDialect for Messages {
    fn name(&self) -> &'static str {
        "messages"
    }

    fn routes(&self) -> &'static [(&'static str, DialectEndpoint)] {
        &[
            ("/v1/messages", DialectEndpoint::Generate),
            ("/messages", DialectEndpoint::Generate),
            ("/v1/messages/count_tokens", DialectEndpoint::CountTokens),
            ("/messages/count_tokens", DialectEndpoint::CountTokens),
        ]
    }

    /// Anthropic's clients always send the version of their API.
    fn claims(&self, request: &Parts) -> bool {
        request.headers.contains_key("anthropic-version") || is_own_path(request.uri.path())
    }

    fn visit_countable(
        &self,
        request: &[u8],
        visit: &mut dyn FnMut(Countable<'_>),
    ) -> Result<(), BadRequest> {
        messages::visit_countable(request, visit)
    }

    fn native_wire(&self) -> Option<Wire> {
        None
    }

    fn translate_request<'a>(
        &self,
        request: RawObject<'a>,
        recipient: &Recipient<'_>,
    ) -> Result<HubRequest<'a>, BadRequest> {
        let messages::MessagesRequest { request, options } = messages::to_responses(&request, recipient)?;
        let format = Box::new(MessagesFormat(options));
        Ok(HubRequest { body: request.body, dropped: request.dropped, format })
    }

    /// `speed` is Claude Code's fast mode; `standard_only` declines capacity that costs more.
    fn requested_tier(&self, request: &RawObject<'_>) -> Option<Tier> {
        match request.get::<String>("speed").as_deref() {
            Some("fast") => return Some(Tier::Fast),
            Some("standard") => return Some(Tier::Standard),
            _ => {}
        }
        let tier = request.get::<String>("service_tier");
        (tier.as_deref() == Some("standard_only")).then_some(Tier::Standard)
    }

    /// `output_config` names an effort; a budget is named by its field, for the word that is sent is ours.
    fn requested_effort(&self, request: &RawObject<'_>) -> Option<String> {
        let effort = || {
            let config = request.raw("output_config")?;
            RawObject::parse(config.get().as_bytes()).ok()?.get::<String>("effort")
        };
        let budget = || {
            let thinking = RawObject::parse(request.raw("thinking")?.get().as_bytes()).ok()?;
            let tokens = thinking.get::<u64>("budget_tokens")?;
            Some(format!("budget_tokens {tokens}"))
        };
        effort().or_else(budget).map(|effort| sanitize_line(&effort, MAX_EFFORT_LENGTH))
    }

    /// Only Anthropic has a separate status for an overloaded server.
    fn error_status(&self, error: &ApiError) -> u16 {
        match (error.status, error.code.as_str()) {
            (503, "overloaded") => 529,
            // Claude Code takes a 403 for a problem of its sign-in, and Codex shows no reason with a 429.
            (403, "budget_reached" | "reserve_reached" | "locked") => 429,
            (status, _) => status,
        }
    }

    fn encode_error(&self, error: &ApiError) -> Vec<u8> {
        messages::translate_error(error, None)
    }

    fn model_entry(&self, model: &Model, id: &str) -> Value {
        json!({
            "id": id,
            "object": "model",
            "created": PLACEHOLDER_TIME,
            "owned_by": "usher",
            "type": "model",
            "display_name": model.name.as_str(),
            "created_at": PLACEHOLDER_DATE,
        })
    }

    /// Claude Code lists only ids that begin with `claude`; requests may use such a name.
    fn model_alias(&self, model: &Model) -> Option<String> {
        (!model.id.starts_with("claude")).then(|| format!("claude-{}", model.id))
    }
}

struct MessagesFormat(messages::MessageOptions);

impl ResponseFormat for MessagesFormat {
    fn into_writer(self: Box<Self>, _model: &str, _now: u64) -> Box<dyn ResponseWriter> {
        Box::new(messages::MessagesWriter::new(self.0))
    }

    fn encode_response(&self, response: &Response<'_>, _model: &str, _now: u64) -> Vec<u8> {
        messages::translate_response(response, &self.0)
    }
}
