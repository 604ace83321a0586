//! Plans the call to the provider: the request with only the necessary changes, or translated.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use usher_dialect::chat_completions;
use usher_dialect::error::BadRequest;
use usher_dialect::json::{Raw, RawObject, Text};
use usher_dialect::translate::{Recipient, ToolNames};
use usher_domain::{UnixTime, Wire};
use usher_upstream::{ForwardEndpoint, ForwardRequest, ForwardResponse, UpstreamError};

use crate::dialects::{Dialect, DialectEndpoint};
use crate::host::Route;
use crate::request_log::RequestedTerms;
use crate::response::encode::encoding::ResponseEncoding;
use crate::response::forward::forwarder::Forwarder;
use crate::server::memory_budget::MemoryShare;
use crate::translate::conversation;
use crate::translate::effort::{effort_of, has_effort, substitute_effort, supported_effort, with_effort};
use crate::translate::prompt_cache::{CacheMiss, PromptCaches};
use crate::translate::tier::{set_tier, tier_of};

/// Maximum length of a model name.
const MAX_MODEL_NAME_LENGTH: usize = 256;

/// A request that is ready to be sent, and sent again.
pub(crate) struct UpstreamCall {
    pub(crate) route: Arc<Route>,
    endpoint: ForwardEndpoint,
    /// In chunks, most of them slices of the client's own bytes.
    pub(crate) body: Vec<Bytes>,
    headers: HeaderMap,
    session: String,
    /// The response is a stream.
    pub(crate) streamed: bool,
    /// The memory of the body, as long as the request may be sent again.
    pub(crate) share: Option<MemoryShare>,
}

/// How the response is returned to the client.
pub(crate) enum ResponsePlan {
    /// Unchanged.
    Passthrough,
    /// As a stream in the provider's own dialect.
    ForwardEvents(Forwarder),
    /// In one piece, collected from a stream.
    Collect(ResponseEncoding),
    /// As a stream in another dialect.
    Translate(ResponseEncoding),
}

/// The call for a request, and what happens to its response.
pub(crate) struct RequestPlan {
    pub(crate) call: UpstreamCall,
    pub(crate) response: ResponsePlan,
    /// Names of fields that were dropped.
    pub(crate) dropped: Vec<Cow<'static, str>>,
    /// The effort that is asked of the model, if any.
    pub(crate) effort: Option<String>,
    /// The tier that is asked for, if any: `fast`, or what the client named.
    pub(crate) tier: Option<String>,
    /// Why the provider's prompt cache would be missed, where that is known.
    pub(crate) cache_miss: Option<CacheMiss>,
}

/// A request, parsed only as far as its route needs.
pub(crate) struct GenerateRequest<'a> {
    pub(crate) dialect: Dialect,
    endpoint: DialectEndpoint,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) object: RawObject<'a>,
    /// The model as the client names it; empty if it names none.
    pub(crate) model: String,
    streams: bool,
    body: &'a Bytes,
    now: UnixTime,
    prompts: &'a PromptCaches,
}

impl<'a> GenerateRequest<'a> {
    /// Parses `body`.
    pub(crate) fn read(
        dialect: Dialect,
        endpoint: DialectEndpoint,
        headers: &'a HeaderMap,
        body: &'a Bytes,
        now: UnixTime,
        prompts: &'a PromptCaches,
    ) -> Result<Self, BadRequest> {
        let object = RawObject::parse(body)?;
        let model = object.get::<Text<'_>>("model").map(|model| model.to_string()).unwrap_or_default();
        if model.len() > MAX_MODEL_NAME_LENGTH {
            return Err(BadRequest::at("model", "no model has a name as long as this"));
        }
        let streams = object.get::<bool>("stream").unwrap_or(false);
        Ok(Self { dialect, endpoint, headers, object, model, streams, body, now, prompts })
    }

    /// Returns what the client asks for beside the model.
    pub(crate) fn terms(&self) -> RequestedTerms {
        let tier = self.dialect.requested_tier(&self.object).map(|tier| tier.as_ref().to_owned());
        RequestedTerms {
            effort: self.dialect.requested_effort(&self.object),
            tier: tier.or_else(|| tier_of(&self.object)),
        }
    }

    /// Plans the call to `route`. `pass` is the id of the request's pass.
    pub(crate) fn plan(self, route: Arc<Route>, pass: &str) -> Result<RequestPlan, BadRequest> {
        let session = conversation::cache_key(self.headers, &self.object, pass);
        if self.endpoint == DialectEndpoint::Compact {
            return self.forward_compact(route, session);
        }
        let wire = self.wire_api(&route);
        if self.dialect.native_wire() != Some(wire) {
            return self.translate(route, session, wire);
        }
        match wire {
            Wire::Responses => self.forward_responses(route, session),
            Wire::ChatCompletions => Ok(self.forward_chat(route, session)),
        }
    }

    /// Returns the API that the request is sent in. A server that has both gets the client's own, which saves
    /// a translation.
    fn wire_api(&self, route: &Route) -> Wire {
        match self.dialect.native_wire() {
            Some(wire) if route.backend.has_both_apis() => wire,
            _ => route.wire,
        }
    }

    /// Plans a call from the Responses API to itself.
    fn forward_responses(self, route: Arc<Route>, session: String) -> Result<RequestPlan, BadRequest> {
        let (streams, now, codex) = (self.streams, self.now, is_codex(self.headers));
        let mut body = self.object;
        body.set("model", Raw::from_value(&route.model.id));
        if let Some(effort) = route.effort.as_deref().filter(|_| !has_effort(&body)) {
            body.set("reasoning", with_effort(&body, effort));
        }
        substitute_effort(&mut body, &route);
        // Other services may refuse an unknown field; Codex sets it itself.
        let has_no_key = body.get::<Text<'_>>("prompt_cache_key").is_none();
        if has_no_key && !codex && route.backend.is_openai() {
            body.set("prompt_cache_key", Raw::from_value(&session));
        }
        let mut dropped = set_tier(&mut body, None, &route);
        dropped.extend(route.backend.apply_body_rules(ForwardEndpoint::Responses, &mut body)?);
        let streamed = body.get::<bool>("stream").unwrap_or(false);
        let response = match (streams, streamed) {
            (true, _) => ResponsePlan::ForwardEvents(Forwarder::for_responses(codex)),
            (false, false) => ResponsePlan::Passthrough,
            (false, true) => ResponsePlan::Collect(ResponseEncoding::responses(&route.model.id, now)),
        };
        let headers = route.backend.forwarded_headers(self.headers);
        let (effort, tier) = (effort_of(&body), tier_of(&body));
        let cache_miss = self.prompts.note(&session, &route, &body, now);
        let body = body_chunks(body, self.body);
        let call = UpstreamCall {
            route,
            endpoint: ForwardEndpoint::Responses,
            body,
            headers,
            session,
            streamed,
            share: None,
        };
        Ok(RequestPlan { call, response, dropped, effort, tier, cache_miss })
    }

    /// Plans a call that compacts a history. Its response is not streamed.
    fn forward_compact(self, route: Arc<Route>, session: String) -> Result<RequestPlan, BadRequest> {
        let mut body = self.object;
        body.set("model", Raw::from_value(&route.model.id));
        let dropped = route.backend.apply_body_rules(ForwardEndpoint::Compact, &mut body)?;
        let (headers, body) = (route.backend.forwarded_headers(self.headers), body_chunks(body, self.body));
        let call = UpstreamCall {
            route,
            endpoint: ForwardEndpoint::Compact,
            body,
            headers,
            session,
            streamed: false,
            share: None,
        };
        let (response, effort, tier, cache_miss) = (ResponsePlan::Passthrough, None, None, None);
        Ok(RequestPlan { call, response, dropped, effort, tier, cache_miss })
    }

    /// Plans a call from Chat Completions to itself.
    fn forward_chat(self, route: Arc<Route>, session: String) -> RequestPlan {
        let mut body = self.object;
        let choices = body.get("n").unwrap_or(1);
        body.set("model", Raw::from_value(&route.model.id));
        if let Some(effort) = &route.effort
            && body.raw("reasoning_effort").is_none()
        {
            body.set("reasoning_effort", Raw::from_value(effort));
        }
        if let Some(requested) = body.get::<String>("reasoning_effort")
            && let Some(effort) = supported_effort(&requested, &route)
        {
            body.set("reasoning_effort", Raw::from_value(&effort));
        }
        let dropped = set_tier(&mut body, None, &route);
        let (effort, tier) = (effort_of(&body), tier_of(&body));
        let cache_miss = self.prompts.note(&session, &route, &body, self.now);
        let streamed = self.streams;
        let (headers, body) = (route.backend.forwarded_headers(self.headers), body_chunks(body, self.body));
        let call = UpstreamCall {
            route,
            endpoint: ForwardEndpoint::ChatCompletions,
            body,
            headers,
            session,
            streamed,
            share: None,
        };
        let response = if streamed {
            ResponsePlan::ForwardEvents(Forwarder::for_chat(choices))
        } else {
            ResponsePlan::Passthrough
        };
        RequestPlan { call, response, dropped, effort, tier, cache_miss }
    }

    /// Plans a call from any dialect to another, translated through the hub, the Responses API.
    fn translate(self, route: Arc<Route>, session: String, wire: Wire) -> Result<RequestPlan, BadRequest> {
        let efforts: Vec<&str> = route.model.efforts.iter().map(|effort| effort.id.as_str()).collect();
        let origin = route.reasoning_origin();
        let recipient = Recipient {
            model: &route.model.id,
            efforts: &efforts,
            default_effort: route.effort.as_deref(),
            reasoning_summary: route.backend.summarizes_reasoning(),
            web_search: wire == Wire::Responses && route.backend.is_openai(),
            cache_key: route.backend.is_openai().then_some(session.as_str()),
            reasoning_owner: Some(&origin),
        };
        let wanted_tier = self.dialect.requested_tier(&self.object);
        let mut translated = self.dialect.translate_request(self.object, &recipient)?;
        if self.dialect.native_wire() == Some(Wire::Responses) {
            substitute_effort(&mut translated.body, &route);
        }
        let mut dropped = std::mem::take(&mut translated.dropped);
        dropped.extend(set_tier(&mut translated.body, wanted_tier, &route));
        let effort = effort_of(&translated.body);
        let (endpoint, body, tools) = match wire {
            Wire::Responses => {
                dropped.extend(
                    route.backend.apply_body_rules(ForwardEndpoint::Responses, &mut translated.body)?,
                );
                (ForwardEndpoint::Responses, std::mem::take(&mut translated.body), ToolNames::default())
            }
            Wire::ChatCompletions => {
                translated.body.set("model", Raw::from_value(&route.model.id));
                let chat = chat_completions::from_responses(&translated.body, Some(&origin))?;
                dropped.extend(chat.dropped);
                (ForwardEndpoint::ChatCompletions, chat.body, chat.tools)
            }
        };
        let tier = tier_of(&body);
        let cache_miss = self.prompts.note(&session, &route, &body, self.now);
        dropped.sort();
        dropped.dedup();
        // Headers of other dialects mean nothing to a provider.
        let headers = if self.dialect.native_wire() == Some(Wire::Responses) {
            route.backend.forwarded_headers(self.headers)
        } else {
            HeaderMap::new()
        };
        let encoding = ResponseEncoding::new(translated.format, wire, tools, &route.model.id, self.now)
            .with_owner(origin);
        let response =
            if self.streams { ResponsePlan::Translate(encoding) } else { ResponsePlan::Collect(encoding) };
        let body = body_chunks(body, self.body);
        let call = UpstreamCall { route, endpoint, body, headers, session, streamed: true, share: None };
        Ok(RequestPlan { call, response, dropped, effort, tier, cache_miss })
    }
}

impl UpstreamCall {
    /// Frees the request, which is not sent again, while the response may take minutes.
    pub(crate) fn drop_request(&mut self) {
        self.body = Vec::new();
        self.headers = HeaderMap::new();
        self.share = None;
    }

    /// Sends the request for the last time, and gives up its body for that.
    pub(crate) fn send_last(
        &mut self,
    ) -> Pin<Box<dyn Future<Output = Result<ForwardResponse, UpstreamError>> + Send>> {
        let last = Self {
            route: Arc::clone(&self.route),
            endpoint: self.endpoint,
            body: std::mem::take(&mut self.body),
            headers: std::mem::take(&mut self.headers),
            session: std::mem::take(&mut self.session),
            streamed: self.streamed,
            share: self.share.take(),
        };
        Box::pin(async move { last.send().await })
    }

    /// Sends the request. Returns as soon as the headers of the response have arrived.
    pub(crate) async fn send(&self) -> Result<ForwardResponse, UpstreamError> {
        let request = ForwardRequest {
            endpoint: self.endpoint,
            model: &self.route.model.id,
            body: &self.body,
            streamed: self.streamed,
            headers: &self.headers,
            session: Some(&self.session),
        };
        self.route.backend.forward(&request).await
    }
}

/// Returns the chunks of `object`. Those that are borrowed from `body` remain slices of it, without a copy.
fn body_chunks(object: RawObject<'_>, body: &Bytes) -> Vec<Bytes> {
    let within = body.as_ptr_range();
    let to_bytes = |chunk: Cow<'_, [u8]>| match chunk {
        Cow::Borrowed(part) if within.contains(&part.as_ptr()) => body.slice_ref(part),
        chunk => chunk.into_owned().into(),
    };
    object.into_chunks().into_iter().map(to_bytes).collect()
}

/// Returns whether the client is Codex, by its headers (protocol §8.1, protocol correction 10).
///
/// Only Codex knows the events outside the public API (protocol correction 14).
fn is_codex(headers: &HeaderMap) -> bool {
    let starts = |name: &str, start: &str| {
        let value = headers.get(name).map(HeaderValue::as_bytes);
        value.is_some_and(|value| {
            value.len() >= start.len() && value[..start.len()].eq_ignore_ascii_case(start.as_bytes())
        })
    };
    starts("originator", "codex") || starts("user-agent", "codex")
}
